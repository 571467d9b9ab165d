"""A job that is killed with its process goes on where it was, and ends with the rows of one that was left alone."""

import json
import random
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest

from arena.types import ModelKind, ModelSpec, Prompt
from tests.support.command import run
from tests.support.killed import Gate, begin, kill, rows, wait_until_done
from tests.support.scripted_endpoint import Reply, Seen
from tests.support.scripted_judge import scripted_judge
from tests.workbench.judged_home import add_battles, add_judge
from workbench.bench import Workbench
from workbench.jobs import JobState
from workbench.jobs.specs import load_spec

SLOTS = 4
PROMPTS = 60
FAILING = 2
"""Requests that end in an error, and are sent once more by the job that goes on."""


def talk(seen: Seen) -> Reply:
    """Say the same to the same prompt, and another thing as another model; fail on one of them."""
    text = seen.body["messages"][-1]["content"]
    if text.startswith("Prompt 7 "):
        return Reply(status=400, body=json.dumps({"error": {"message": "not this one"}}))
    return Reply(pieces=(seen.body["model"], " says: ", text.upper()))


def judged_by(seen: Seen) -> Reply:
    return scripted_judge()._compute(seen)


def killed_and_resumed(tmp_path, prepare, spec, gate, steps, told):
    """Do a job undisturbed and, on a copy of the home, killed after `steps`; return both homes' rows and the job.

    `told` is how many requests those steps take: none of them may be sent again, but those that failed.
    """
    home, calm = tmp_path / "home", tmp_path / "calm"
    with gate.endpoint() as server:
        with Workbench.open(home, seed=0) as bench:
            prepare(bench, server)
        shutil.copytree(home, calm)
        process, job_id = begin(home, spec)
        wait_until_done(process, steps)
        assert gate.reached.wait(60)
        kill(process)
        before = gate.asked
        gate.opened.set()
        with Workbench.open(home) as bench:
            view = bench.job(job_id)
            assert (view.state, view.resumable, view.started_by) == (JobState.INTERRUPTED, True, "ann")
            job = bench.resume_job(job_id)
            assert job.wait(120)
            assert job.state is JobState.DONE, job.view().error
            assert job.view().attempts == 2
        asked = gate.asked
        with Workbench.open(calm) as bench:
            undisturbed = bench.start_job(load_spec(spec), by="ann")
            assert undisturbed.wait(120)
            assert undisturbed.state is JobState.DONE, undisturbed.view().error
        needed = gate.asked - asked
    assert before < needed, "it was killed before it had finished"
    again = before - told + FAILING
    assert asked <= needed + again, f"{asked} requests; {needed} are needed, and {again} may be repeated"
    return rows(home), rows(calm), job


def with_models(bench, server):
    for name in ("ann", "bob"):
        options = {"base_url": server.base_url, "model": name, "timeout": 10.0, "retries": 0}
        bench.add_model(ModelSpec(name, ModelKind.ENDPOINT, options))
    bench.store.prompts.add("topics", [Prompt.from_text(f"Prompt {n} about birds") for n in range(PROMPTS)])


def with_judge(bench, server):
    add_battles(bench, [f"Topic {number}" for number in range(PROMPTS)])
    add_judge(bench, server, slots=SLOTS)


@pytest.mark.slow
def test_answers(tmp_path):
    spec = {"kind": "answer", "models": ["ann", "bob"], "prompts": ["topics"], "slots": SLOTS}
    resumed, undisturbed, job = killed_and_resumed(tmp_path, with_models, spec, Gate(talk, 48), 48, 48)
    report = job.result()
    assert 46 <= report.known <= 48
    assert report.known + report.answers == 2 * PROMPTS - 2
    failed = [row for row in resumed["answers"] if row[3] is not None]
    assert 2 <= len(failed) <= 4  # what failed is asked again, and each time is kept
    for found in (resumed, undisturbed):
        found["answers"] = [row for row in found["answers"] if row[3] is None]
    assert resumed == undisturbed


@pytest.mark.slow
def test_battles(tmp_path):
    spec = {"kind": "battle", "models": ["ann", "bob"], "prompts": ["topics"], "slots": SLOTS, "seed": 5}
    resumed, undisturbed, job = killed_and_resumed(tmp_path, with_models, spec, Gate(talk, 48), 22, 44)
    assert len(job.result().battles) == len({b.battle_id for b in job.result().battles}) == PROMPTS
    assert sum(not battle.votable for battle in job.result().battles) == 1
    assert resumed == undisturbed


@pytest.mark.slow
def test_judging(tmp_path):
    spec = {"kind": "judge", "judge": "strict"}
    resumed, undisturbed, job = killed_and_resumed(tmp_path, with_judge, spec, Gate(judged_by, 48), 22, 44)
    assert 22 <= job.result().judged_before <= 24
    assert job.result().judged_before + job.result().decided == PROMPTS
    assert resumed == undisturbed
    assert len(resumed["votes"]) == PROMPTS


@pytest.mark.slow
def test_scores_of_a_judge(tmp_path):
    def prepare(bench, server):
        add_battles(bench, [f"Topic {number}" for number in range(PROMPTS)])
        add_judge(bench, server, "single", kind="single", template="single", slots=SLOTS)

    def score(seen):
        return scripted_judge(rule=lambda asked: str(1 + len(asked.prompt) % 9))._compute(seen)

    spec = {"kind": "score", "metrics": ["f1", "judge:single"]}
    resumed, undisturbed, _ = killed_and_resumed(tmp_path, prepare, spec, Gate(score, 48), 120 + 40, 40)
    assert resumed == undisturbed
    assert len(resumed["scores"]) == 2 * 2 * PROMPTS


@pytest.mark.slow
def test_scores_of_metrics(tmp_path):
    home, calm = tmp_path / "home", tmp_path / "calm"
    words = random.Random(3)

    def text():
        return " ".join(words.choice(("bird", "wing", "nest", "egg", "sky")) for _ in range(60))

    file = tmp_path / "answers.jsonl"
    lines = [
        json.dumps({"prompt": f"Say {n} and {text()}", "reference": text(), "model": model, "answer": text()})
        for n in range(600)
        for model in ("ann", "bob")
    ]
    file.write_text("\n".join(lines), "utf-8")
    assert run("import", file, "--as", "answers", "--home", home).returncode == 0
    shutil.copytree(home, calm)
    spec = {"kind": "score", "metrics": ["rouge"]}
    process, job_id = begin(home, spec)
    wait_until_done(process, 200)
    kill(process)
    with Workbench.open(home) as bench:
        assert bench.job(job_id).state is JobState.INTERRUPTED
        before = bench.store.read().execute("SELECT count(*) FROM scores").fetchall()[0][0]
        job = bench.resume_job(job_id)
        assert job.wait(120)
        kept = sum(one.kept for one in job.result().scorers)
        assert 0 < before == kept
    with Workbench.open(calm) as bench:
        assert bench.start_job(load_spec(spec)).wait(120)
    assert rows(home) == rows(calm)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.05, 0.4])
def test_an_import_is_in_wholly_or_not_at_all(tmp_path, seconds):
    home, calm = tmp_path / "home", tmp_path / "calm"
    file = tmp_path / "votes.csv"
    lines = [f"m{n % 7},m{n % 7 + 1},model_{'ab'[n % 2]},v{n % 50}" for n in range(30_000)]
    file.write_text("\n".join(["model_a,model_b,winner,judge", *lines]), "utf-8")
    for folder in (home, calm):
        Workbench.open(folder).close()
    spec = {"kind": "import", "file": str(file), "what": "votes"}
    process, job_id = begin(home, spec)
    time.sleep(seconds)
    kill(process)
    with Workbench.open(home) as bench:
        votes, view = bench.store.votes.count(), bench.job(job_id)
        assert votes in (0, len(lines))
        assert view.state is (JobState.DONE if votes else JobState.INTERRUPTED)
        if not votes:
            job = bench.resume_job(job_id)
            assert job.wait(60)
            assert job.state is JobState.DONE, job.view().error
        assert bench.job(job_id).result["votes_added"] == len(lines)
    with Workbench.open(calm) as bench:
        bench.import_file(file, "votes")
    assert rows(home) == rows(calm)


@pytest.mark.slow
def test_a_job_killed_with_the_app_goes_on_in_the_next_one(tmp_path):
    home, calm = tmp_path / "home", tmp_path / "calm"
    gate = Gate(judged_by, 48)
    with gate.endpoint() as server:
        with Workbench.open(home, seed=0) as bench:
            with_judge(bench, server)
        shutil.copytree(home, calm)
        with serving(home) as (process, api):
            done = run("judge", "--judge", "strict", "--detach", "--home", home)
            job_id = done.stdout.strip()
            assert done.returncode == 0 and job_id.startswith("judge-"), done.stderr
            until(lambda: api(f"/jobs/{job_id}")["progress"]["done"] >= 22)
            assert gate.reached.wait(60)
            process.kill()
            process.wait()
        before = gate.asked
        gate.opened.set()
        with serving(home) as (_, api):
            view = api(f"/jobs/{job_id}")
            assert (view["state"], view["resumable"]) == ("interrupted", True)
            done = run("jobs", "resume", job_id, "--home", home, "--format", "json")
            assert done.returncode == 0, done.stderr
            shown = json.loads(done.stdout)
            assert (shown["state"], shown["attempts"]) == ("done", 2)
            assert shown["result"]["judged_before"] >= 22
    assert gate.asked <= 2 * PROMPTS + 2 * SLOTS and before < PROMPTS
    with Gate(judged_by, 10_000).endpoint() as another, Workbench.open(calm) as bench:
        model = bench.store.models.get("strict-model")
        options = {**model.options, "base_url": another.base_url}
        bench.store.models.add(ModelSpec(model.name, model.kind, options), replace=True)
        assert bench.start_job(load_spec({"kind": "judge", "judge": "strict"})).wait(120)
    resumed, undisturbed = rows(home), rows(calm)
    assert resumed["votes"] == undisturbed["votes"] and len(resumed["votes"]) == PROMPTS
    assert resumed["verdicts"] == undisturbed["verdicts"]
    assert len(resumed["judge_calls"]) == len(undisturbed["judge_calls"])


@contextmanager
def serving(home):
    """Run the app on a home; give its process and what asks its API."""
    command = [sys.executable, "-m", "workbench", "--home", str(home), "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def api(path):
        owner = json.loads((home / "server.json").read_text("utf-8"))
        headers = {"Authorization": f"Bearer {owner['token']}"}
        return httpx.get(f"{owner['address']}/api/v1{path}", headers=headers, timeout=30).json()

    def up():
        assert process.poll() is None, process.stderr.read()
        try:
            return (home / "server.json").exists() and api("/jobs")["items"] is not None
        except httpx.TransportError:
            return False

    try:
        until(up)
        yield process, api
    finally:
        process.terminate()
        process.communicate(timeout=60)


def until(happened, seconds=120):
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
