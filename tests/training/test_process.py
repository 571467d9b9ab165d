"""Runs in processes of their own: stopped, killed, resumed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from arena.errors import Conflict
from training import runs
from training.run import Run
from training.state import RunState

pytestmark = pytest.mark.slow


def until_step(run, step, seconds=120):
    end = time.monotonic() + seconds
    while not any(line["step"] >= step for line in run.metrics()) and time.monotonic() < end:
        assert run.state.active, (run.message, run.log_tail())
        time.sleep(0.02)


def assert_whole(run):
    total = run.result["steps"]
    train = [line["step"] for line in run.metrics() if line["split"] == "train"]
    test = [line["step"] for line in run.metrics() if line["split"] == "test"]
    assert train == list(range(1, total + 1))
    assert len(test) == len(set(test))
    assert run.progress().step == total


def test_a_run_stops_when_asked_and_goes_on_where_it_was(home, settings):
    run = runs.start(runs.create_run(home / "runs", settings("stops", "reward", epochs=6)))
    with pytest.raises(Conflict, match="is running and cannot be resumed"):
        runs.resume(run)
    until_step(run, 3)
    runs.stop(Run(run.folder))
    assert runs.wait(run, 60) is RunState.STOPPED
    assert "Stopped after step" in run.message
    stopped_at = run.progress().step
    assert 3 <= stopped_at < run.progress().total
    runs.resume(run)
    assert runs.wait(run, 120) is RunState.FINISHED, run.log_tail()
    assert run.progress().first_step == stopped_at
    assert_whole(run)


def test_a_run_outlives_its_starter_and_once_killed_goes_on_from_its_newest_whole_checkpoint(home, settings):
    run = runs.create_run(home / "runs", settings("killed", "dpo", epochs=6, checkpoints=10))
    starter = "import sys; from pathlib import Path; from training import runs; runs.start(runs.Run(Path(sys.argv[1])))"
    subprocess.run([sys.executable, "-c", starter, str(run.folder)], check=True, timeout=60)
    until_step(run, 9)
    os.kill(run.progress().pid, signal.SIGKILL)
    assert runs.wait(run, 10) is RunState.INTERRUPTED
    assert run.result is None
    (run.folder / "checkpoints" / "checkpoint-999").mkdir()  # as a kill in the midst of saving leaves one
    runs.resume(run)
    assert runs.wait(run, 120) is RunState.FINISHED, run.log_tail()
    assert 0 < run.progress().first_step <= 9
    assert_whole(run)


def test_no_second_process_touches_a_run_at_work_and_sigterm_is_a_request_to_stop(home, settings):
    run = runs.start(runs.create_run(home / "runs", settings("taken", "reward", epochs=20)))
    second = subprocess.run(
        [sys.executable, "-m", "training", str(run.folder)], capture_output=True, text=True
    )
    assert second.returncode == 4
    assert f"is at work already, in process {run.progress().pid}" in second.stderr
    until_step(run, 1)
    os.kill(run.progress().pid, signal.SIGTERM)
    assert runs.wait(run, 60) is RunState.STOPPED
    assert run.progress().step >= 1


def test_a_base_that_went_away_fails_before_any_library_is_loaded(home, settings):
    run = runs.create_run(home / "runs", settings("gone", "dpo"))
    (home / "models" / "tiny" / "config.json").unlink()
    probe = (
        "import sys; from pathlib import Path; from training.execute import execute\n"
        "code = execute(Path(sys.argv[1]))\n"
        "print(code, *(name for name in ('torch', 'transformers', 'trl') if name in sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", probe, str(run.folder)], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["2"]
    assert run.state is RunState.FAILED
    assert "holds no model: it has no config.json" in run.message
