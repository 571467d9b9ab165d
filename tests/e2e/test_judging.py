"""Judging as a stranger does it: by commands, against a real model server, killed, stopped and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from uuid import uuid4

import pytest

from arena.store import Store
from arena.store.verdicts import VerdictFilter
from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn
from tests.support.command import run
from tests.support.scripted_endpoint import Reply, Seen, completion, error
from tests.support.scripted_judge import ScriptedEndpoint, asked_in
from tests.support.transformers_serve import DEMO_MODEL, serve
from tests.support.village_judge import BIGGER

BATTLES = 120
SLOTS = 8


def fill(home, n=BATTLES):
    """Make a home with `n` battles, a cat on side A and a bee on side B."""
    with Store.open(home / "workbench.duckdb") as store:
        for name in ("wordy", "terse"):
            store.models.add(ModelSpec(name, ModelKind.RECORDED))
        store.battles.add_many(
            [
                Battle(
                    uuid4(),
                    Prompt.from_text(f"Name an animal ({number})."),
                    "wordy",
                    "terse",
                    (Turn(None, Answer("wordy", "a cat", "stop"), Answer("terse", "a bee", "stop")),),
                )
                for number in range(n)
            ]
        )


def add_judge(home, base_url, model="scripted", **options):
    options = {"attempts": 3, "slots": SLOTS, **options}
    asked = [f"base_url={base_url}", f"model={model}"]
    done = run("models", "add", "referee", "--kind", "endpoint", *_options(asked), "--home", home)
    assert done.returncode == 0, done.stderr
    given = ["model=referee", *(f"{key}={json.dumps(value)}" for key, value in options.items())]
    done = run("judges", "add", "strict", "--kind", "pairwise", *_options(given), "--home", home)
    assert done.returncode == 0, done.stderr


def _options(pairs):
    return [part for pair in pairs for part in ("-o", pair)]


def judge(home, *more):
    done = run("judge", "--judge", "strict", "--home", home, "--format", "json", *more)
    return done, json.loads(done.stdout) if done.stdout else None


def begin(home):
    command = [sys.executable, "-m", "workbench", "judge", "--judge", "strict", "--home", str(home)]
    return subprocess.Popen(
        [*command, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


class Referee:
    """Says that side A is better, after every so many calls fails in one of several ways, and counts both."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.failed = 0

    def __call__(self, seen: Seen) -> Reply:
        asked = asked_in(seen)
        first = asked.text not in self.asked
        self.asked[asked.text] = self.asked.get(asked.text, 0) + 1
        number = len(self.asked)
        if first and number % 10 == 3:
            self.failed += 1
            return Reply(status=500, body=error("the worker died"), after=0.05)
        if first and number % 10 == 6:
            self.failed += 1
            return Reply(body=completion("Both have their charm."), after=0.05)
        said = "A" if asked.answers[0] == "a cat" else "B"
        return Reply(body=completion(f"[[{asked.code}: {said}]]"), after=0.05)


def wait_for_half(running, server, half=BATTLES, seconds=120):
    """Wait until the running command has sent half of its calls."""
    deadline = time.monotonic() + seconds
    while len(server.requests) < half:
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline, f"it never came so far, but only to {len(server.requests)} calls"
        time.sleep(0.01)


def stored_calls(home):
    with Store.open(home / "workbench.duckdb") as store:
        return store.judgments.spent("strict").calls, store.verdicts.count(VerdictFilter())


@pytest.mark.slow
def test_a_run_killed_at_half_goes_on_and_pays_for_no_stored_call_again(tmp_path):
    fill(tmp_path)
    referee = Referee()
    with ScriptedEndpoint(compute=referee) as server:
        add_judge(tmp_path, server.base_url, structured=False)
        running = begin(tmp_path)
        wait_for_half(running, server)
        running.kill()
        running.communicate()
        time.sleep(0.2)
        sent = len(server.requests)
        stored, verdicts = stored_calls(tmp_path)
        assert 0 < stored <= sent
        assert 0 < verdicts < BATTLES
        done, report = judge(tmp_path)
        assert done.returncode == 0, done.stderr
    assert (report["judged_before"], report["verdicts"]) == (verdicts, BATTLES - verdicts)
    assert report["outcomes"]["model_a"] == BATTLES - verdicts
    lost = sent - stored
    """Calls in flight at the kill, and replies of the last moment: nobody had been told of them."""
    assert lost < BATTLES / 2
    calls, verdicts = stored_calls(tmp_path)
    assert verdicts == BATTLES
    assert len(server.requests) == calls + lost
    unlucky = sum(times > 1 for times in referee.asked.values())
    assert calls <= 2 * BATTLES + unlucky
    assert len(server.requests) <= 2 * BATTLES + referee.failed + lost


@pytest.mark.slow
@pytest.mark.parametrize("ignored", [False, True], ids=["in the foreground", "started by a script"])
def test_a_run_stopped_by_ctrl_c_finishes_what_is_in_flight_and_repeats_nothing(tmp_path, ignored):
    fill(tmp_path)
    referee = Referee()
    with ScriptedEndpoint(compute=referee) as server:
        add_judge(tmp_path, server.base_url, structured=False)
        before = signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler)
        try:
            running = begin(tmp_path)
        finally:
            signal.signal(signal.SIGINT, before)
        wait_for_half(running, server)
        os.kill(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=60)
        assert running.returncode == 130, err
        assert "Stopping" in err
        first = json.loads(out)
        assert 0 < first["verdicts"] < BATTLES
        assert first["not_asked"] == BATTLES - first["verdicts"]
        assert first["calls"] == len(server.requests), "whatever was sent came home"
        done, second = judge(tmp_path)
        assert done.returncode == 0, done.stderr
    assert first["verdicts"] + second["verdicts"] == BATTLES
    assert len(server.requests) == 2 * BATTLES + referee.failed
    assert stored_calls(tmp_path) == (2 * BATTLES + referee.failed, BATTLES)


@pytest.mark.slow
def test_a_second_ctrl_c_ends_at_once_and_keeps_what_has_come(tmp_path):
    fill(tmp_path)
    slow = Referee()

    def compute(seen):
        reply = slow(seen)
        return (
            Reply(reply.pieces, status=reply.status, body=reply.body, after=30)
            if len(slow.asked) > 60
            else reply
        )

    with ScriptedEndpoint(compute=compute) as server:
        add_judge(tmp_path, server.base_url, structured=False)
        running = begin(tmp_path)
        wait_for_half(running, server, 64)
        time.sleep(0.3)
        os.kill(running.pid, signal.SIGINT)
        time.sleep(0.5)
        os.kill(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=20)
        assert running.returncode == 130, err
        assert "Traceback" not in err
    stored, verdicts = stored_calls(tmp_path)
    assert stored >= 50
    assert verdicts > 0


@pytest.mark.slow
def test_a_judge_on_a_real_server_judges_end_to_end(tmp_path):
    if not (DEMO_MODEL / "model.safetensors").is_file():
        pytest.skip("the demo model is not in this checkout")
    home = tmp_path / "home"
    home.mkdir()
    fill(home, 6)
    (home / "templates").mkdir()
    (home / "templates" / "bigger.txt").write_text(BIGGER)
    with serve(DEMO_MODEL, tmp_path / "log.txt") as base_url:
        add_judge(home, base_url, str(DEMO_MODEL), template="bigger", orders="one", max_tokens=40)
        done, report = judge(home)
        assert done.returncode == 0, done.stderr
        assert report["outcomes"] == {"model_a": 6, "model_b": 0, "tie": 0, "both_bad": 0}
        assert report["calls"] == 1, "six equal questions are one"
        assert report["prompt_tokens"] > 0
        assert report["completion_tokens"] > 0

        done = run("judges", "add", "strict", "--replace", "--kind", "pairwise", "--home", home,
                   *_options(["model=referee", "template=bigger", "max_tokens=40"]))  # fmt: skip
        assert done.returncode == 0, done.stderr
        done, report = judge(home)
        assert (report["outcomes"]["tie"], report["inconsistent"], report["calls"]) == (6, 6, 1)

        done = run("judges", "add", "strict", "--replace", "--kind", "pairwise", "--home", home,
                   *_options(["model=referee", "max_tokens=40", "attempts=1"]))  # fmt: skip
        done, report = judge(home)
        assert done.returncode == 7, "a model that knows a village and no judging gives no verdict"
        assert (report["verdicts"], report["failed"]) == (0, 6)
        assert set(report["failures"]) <= {"unreadable", "truncated"}
    with Store.open(home / "workbench.duckdb") as store:
        (verdict, *_) = store.verdicts.page(VerdictFilter())
        assert store.votes.standing(verdict.battle_id) == [], "the vote of the judge as it was is taken back"
    shown = run("judges", "transcript", verdict.battle_id, "--judge", "strict", "--home", home)
    assert "== Side A shown first ==" in shown.stdout
    assert "Which answer stands first was drawn by lot." in shown.stdout
