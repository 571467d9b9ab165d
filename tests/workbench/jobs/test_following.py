"""Following a job from a terminal: its progress in lines, and what Ctrl-C does, held here or by verbs alone."""

import asyncio
import os
import signal
import threading
import time

import pytest

from arena.errors import InvalidInput
from workbench.bench import Workbench
from workbench.commands import following
from workbench.jobs import JobProgress, JobState
from workbench.jobs.polled import PolledJob


class Verbs:
    """The verbs on jobs, of a registry."""

    def __init__(self, jobs):
        self.jobs = jobs

    def job(self, job_id):
        return self.jobs.view(job_id)

    def stop_job(self, job_id, *, now=False):
        job = self.jobs.active(job_id)
        job.cancel() if now else job.stop()
        return self.jobs.view(job_id)


@pytest.fixture(params=["held", "polled"])
def handle_of(request, jobs):
    return (lambda job: job) if request.param == "held" else lambda job: PolledJob(Verbs(jobs), job.id)


def interrupt_when(happened):
    """Press Ctrl-C once something has happened and the command listens for it."""
    before = signal.getsignal(signal.SIGINT)

    def press():
        happened.wait(20)
        while signal.getsignal(signal.SIGINT) is before:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


def test_a_job_is_followed_to_its_result(jobs, handle_of, capsys, monkeypatch):
    monkeypatch.setattr(following, "LINE_SECONDS", 0.0)

    async def work(control):
        control.report(JobProgress(done=1, total=3, tokens=1200, failures={"no_reply": 1}, note="x"))
        await asyncio.sleep(0.3)
        control.report(JobProgress(done=3, total=3))
        return {"done": 3}

    followed = following.follow(handle_of(jobs.start("test", "x", work)))
    assert followed == following.Followed({"done": 3}, stopped=False)
    said = capsys.readouterr()
    assert said.out == ""
    assert "1 of 3 steps; 1,200 tokens, no_reply: 1, x" in said.err
    assert said.err.rstrip().endswith("3 of 3 steps")


def test_the_error_of_a_job_is_raised_by_its_command(jobs, handle_of):
    async def work(control):
        raise InvalidInput("There is no such thing.")

    with pytest.raises(InvalidInput, match="no such thing"):
        following.follow(handle_of(jobs.start("test", "x", work)))


def test_the_first_interrupt_stops_the_job_and_its_result_is_kept(jobs, handle_of, capsys):
    begun = threading.Event()

    async def work(control):
        begun.set()
        while not control.stop.is_set():
            await asyncio.sleep(0.01)
        return {"kept": 1}

    before = signal.getsignal(signal.SIGINT)
    handle = handle_of(jobs.start("test", "x", work))
    interrupt_when(begun)
    assert following.follow(handle) == following.Followed({"kept": 1}, stopped=True)
    assert "Ctrl-C again ends at once" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_interrupt_ends_it_where_it_stands(jobs, handle_of):
    begun, stopping = threading.Event(), threading.Event()

    async def work(control):
        begun.set()
        while not control.stop.is_set():
            await asyncio.sleep(0.01)
        stopping.set()
        await asyncio.sleep(600)

    handle = handle_of(jobs.start("test", "x", work))
    interrupt_when(begun)
    interrupt_when(stopping)
    with pytest.raises(KeyboardInterrupt):
        following.follow(handle)
    assert handle.view().state is JobState.STOPPED


def test_looking_on_stops_nothing(jobs, handle_of):
    release = threading.Event()

    async def work(control):
        while not release.is_set():
            await asyncio.sleep(0.01)
        return {"done": 1}

    job = jobs.start("test", "x", work)
    looks = iter(range(3))
    view = following.watch(handle_of(job), wanted=lambda: next(looks, None) is not None)
    assert view.state is JobState.RUNNING
    release.set()
    assert job.wait(10)
    assert job.state is JobState.DONE


def test_a_polled_job_waits_no_longer_than_asked(jobs):
    async def work(control):
        while not control.stop.is_set():
            await asyncio.sleep(0.01)

    job = jobs.start("test", "x", work)
    polled = PolledJob(Verbs(jobs), job.id)
    assert not polled.wait(0.05)
    polled.stop()
    assert polled.wait(20)


def test_nothing_is_left_behind_in_a_process_that_ends_with_its_command(tmp_path):
    with (
        Workbench.open(tmp_path / "home") as bench,
        pytest.raises(InvalidInput, match="start `workbench serve` first"),
    ):
        following.check_detach(bench)
