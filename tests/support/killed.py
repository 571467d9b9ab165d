"""A home whose process is killed in the middle of a job, as a machine that loses its power does it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from arena.store import Store
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint, Seen

_WORK = """
import json, sys
from pathlib import Path
from workbench.bench import Workbench
from workbench.jobs.specs import load_spec

with Workbench.open(Path(sys.argv[1])) as bench:
    job = bench.start_job(load_spec(json.loads(sys.argv[2])), by="ann")
    print(job.id, flush=True)
    told = -1
    while not job.wait(0.01):
        if (done := job.view().progress.done) != told:
            told = done
            print(told, flush=True)
    job.result()
"""


class Gate:
    """Lets so many requests through and holds all others until it is opened."""

    def __init__(self, compute: Callable[[Seen], Reply], through: int) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.asked = 0
        self._compute = compute
        self._through = through
        self._lock = threading.Lock()

    def __call__(self, seen: Seen) -> Reply:
        with self._lock:
            self.asked += 1
            held = self.asked > self._through
        if held and not self.opened.is_set():
            self.reached.set()
            self.opened.wait()
        return self._compute(seen)

    def endpoint(self) -> ScriptedEndpoint:
        """Return a server behind this gate."""
        return ScriptedEndpoint(compute=self)


def begin(home: Path, spec: Mapping[str, Any]) -> "tuple[subprocess.Popen[str], str]":
    """Start a job in a process of its own; return the process and the job's id."""
    command = [sys.executable, "-c", _WORK, str(home), json.dumps(spec)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    job_id = process.stdout.readline().strip()
    if not job_id:
        raise AssertionError(process.communicate()[1])
    return process, job_id


def wait_until_done(process: "subprocess.Popen[str]", steps: int) -> None:
    """Wait until the job tells that so many steps are done."""
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= steps:
            return
    raise AssertionError(process.communicate()[1])


def kill(process: "subprocess.Popen[str]") -> None:
    """End a process without any warning."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


QUERIES = {
    "answers": "SELECT prompt_id, m.name, text, error, recorded FROM answers JOIN models m USING (model_id)",
    "battles": "SELECT prompt_id, a.name, b.name, started_by, votable FROM battles "
    "JOIN models a ON a.model_id = model_a JOIN models b ON b.model_id = model_b",
    "turns": "SELECT b.prompt_id, turn, x.text, y.text FROM turns t JOIN battles b USING (battle_id) "
    "JOIN answers x ON x.answer_id = t.answer_a JOIN answers y ON y.answer_id = t.answer_b",
    "votes": "SELECT b.prompt_id, v.model_a, v.model_b, winner, voter_kind, voter, criterion, revision "
    "FROM votes v JOIN battles b USING (battle_id)",
    "verdicts": "SELECT b.prompt_id, judge, criterion, winner, failure, forward, backward FROM verdicts "
    "JOIN battles b USING (battle_id)",
    "judge_calls": "SELECT call_key, attempt, judge, reply, failure FROM judge_calls",
    "scores": "SELECT a.prompt_id, m.name, scorer, fingerprint, value, reason FROM scores "
    "JOIN answers a USING (answer_id) JOIN models m USING (model_id)",
    "prompts": "SELECT prompt_id, set_name, position FROM prompts LEFT JOIN prompt_sets USING (prompt_id)",
    "models": "SELECT name, kind FROM models",
}
"""What must be the same after a job that was killed and resumed as after one that was not."""


def rows(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a home holds, but ids and times, table by table."""
    with Store.open(home / "workbench.duckdb", create=False) as store:
        con = store.read()
        return {name: sorted(con.execute(query).fetchall(), key=repr) for name, query in QUERIES.items()}
