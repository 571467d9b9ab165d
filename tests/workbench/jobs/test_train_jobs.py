"""Runs followed as jobs; a process that only sleeps stands for the run's own."""

import subprocess
import sys
import time

import psutil
import pytest

from arena.errors import Conflict, RunFailed
from training.files import write_json
from training.run import CONFIG, RESULT
from training.state import STOP, RunState, Status, write_status
from workbench.bench import Workbench
from workbench.jobs import JobState
from workbench.jobs.specs import TrainJob


@pytest.fixture
def process():
    """A process that lives as long as the test."""
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield sleeper
    sleeper.kill()
    sleeper.wait()


@pytest.fixture
def folder(tmp_path, process):
    """The folder of a run that is at step 3 of 10."""
    folder = tmp_path / "home" / "runs" / "first"
    folder.mkdir(parents=True)
    write_json(folder / CONFIG, {})
    created = psutil.Process(process.pid).create_time()
    write_status(
        folder, Status(), state=RunState.RUNNING, pid=process.pid, process_created=created, step=3, total=10
    )
    return folder


def change(folder, **changes):
    from training.state import read_stored

    write_status(folder, read_stored(folder), **changes)


def until(happened):
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_run_is_followed_to_its_result(folder, tmp_path):
    with Workbench.open(tmp_path / "home") as bench:
        job = bench.start_job(TrainJob(run="first"))
        until(lambda: (job.view().progress.done, job.view().progress.total) == (3, 10))
        with pytest.raises(Conflict, match="followed by another job"):
            bench.start_job(TrainJob(run="first"))
        write_json(folder / RESULT, {"held_out": {"accuracy": 0.75}})
        change(folder, state=RunState.FINISHED, step=10)
        assert job.wait(20)
        found = job.result()
        assert (found.state, found.result) == ("finished", {"held_out": {"accuracy": 0.75}})
        assert (job.state, job.view().resumable) == (JobState.DONE, False)


def test_to_stop_the_job_is_to_stop_the_run(folder, tmp_path):
    with Workbench.open(tmp_path / "home") as bench:
        job = bench.start_job(TrainJob(run="first"))
        job.stop()
        until((folder / STOP).exists)
        assert job.state is JobState.STOPPING
        change(folder, state=RunState.STOPPED, message="Stopped at step 4.")
        assert job.wait(20)
        assert (job.state, job.result().state) == (JobState.STOPPED, "stopped")
        assert job.view().resumable


def test_a_failed_run_fails_its_job(folder, tmp_path):
    with Workbench.open(tmp_path / "home") as bench:
        job = bench.start_job(TrainJob(run="first"))
        change(folder, state=RunState.FAILED, message="Out of memory.")
        assert job.wait(20)
        with pytest.raises(RunFailed, match=r"Out of memory\."):
            job.result()


def test_a_run_outlives_the_home_and_the_next_one_follows_it_again(folder, tmp_path, process):
    with Workbench.open(tmp_path / "home") as bench:
        bench.follow_runs()
        (first,) = bench.list_jobs("train")
        assert first.state is JobState.RUNNING
    assert process.poll() is None and not (folder / STOP).exists()
    with Workbench.open(tmp_path / "home") as bench:
        assert bench.job(first.id).state is JobState.INTERRUPTED
        bench.follow_runs()
        (again,) = bench.list_jobs("train")
        assert (again.id, again.state, again.attempts) == (first.id, JobState.RUNNING, 2)
        change(folder, state=RunState.FINISHED, step=10)
        until(lambda: bench.job(first.id).state is JobState.DONE)
