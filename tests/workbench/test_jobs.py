import asyncio
import threading

import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from workbench.jobs import running as module
from workbench.jobs import JobProgress, Jobs, JobState


def test_a_job_works_in_a_thread_and_a_loop_of_its_own_and_gives_its_result():
    async def work(control):
        control.report(JobProgress(done=2, total=2))
        control.log("half way")
        await asyncio.sleep(0)
        return threading.current_thread().name

    jobs = Jobs()
    job = jobs.start("judge", "Judge strict", work)
    assert job.wait(10)
    view = job.view()
    assert (view.state, view.result, view.error) == (JobState.DONE, "job-judge-1", None)
    assert (view.progress.done, view.lines) == (2, ("half way",))
    assert view.started_at <= view.ended_at
    assert jobs.get("judge-1") is job


def test_jobs_are_listed_newest_first_and_by_kind():
    async def work(control):
        return None

    jobs = Jobs()
    for kind in ("judge", "score", "judge"):
        assert jobs.start(kind, kind, work).wait(10)
    assert [view.id for view in jobs.list()] == ["judge-3", "score-2", "judge-1"]
    assert [view.id for view in jobs.list("score")] == ["score-2"]
    with pytest.raises(NotFound, match="no job 'judge-9'"):
        jobs.get("judge-9")


async def until_stopped(control):
    while not control.stop.is_set():
        await asyncio.sleep(0.01)
    return "what was done by then"


def test_a_stopped_job_ends_by_itself_and_keeps_its_result():
    job = Jobs().start("judge", "x", until_stopped)
    assert job.state is JobState.RUNNING
    job.stop()
    assert job.wait(10)
    assert (job.view().state, job.view().result) == (JobState.STOPPED, "what was done by then")


def test_a_job_that_does_not_stop_is_cancelled():
    async def stubborn(control):
        await asyncio.sleep(600)

    job = Jobs().start("judge", "x", stubborn)
    job.stop()
    assert not job.wait(0.1)
    assert job.state is JobState.STOPPING
    job.cancel()
    assert job.wait(10)
    assert job.state is JobState.STOPPED
    assert "before everything in hand" in job.view().lines[0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InvalidInput("The template is gone."), "The template is gone."),
        (ZeroDivisionError("by zero"), "a fault of the workbench itself: ZeroDivisionError: by zero"),
    ],
)
def test_a_failed_job_says_why(error, said):
    async def work(control):
        raise error

    job = Jobs().start("judge", "x", work)
    assert job.wait(10)
    assert job.state is JobState.FAILED
    assert said in job.view().error
    assert said in job.view().lines[-1]


def test_what_a_job_holds_is_let_go_however_it_ends():
    async def work(control):
        raise InvalidInput("no")

    jobs, let_go = Jobs(), []
    assert jobs.start("judge", "x", work, on_end=lambda: let_go.append(1)).wait(10)
    job = jobs.start("judge", "x", until_stopped, on_end=lambda: let_go.append(2))
    job.cancel()
    assert job.wait(10)
    assert let_go == [1, 2]


def test_a_claim_is_held_by_one_at_a_time():
    jobs = Jobs()
    with jobs.claim("judge", "strict", "taken"):
        with pytest.raises(Conflict, match="taken"), jobs.claim("judge", "strict", "taken"):
            pass
        with jobs.claim("judge", "lenient", "taken"):
            pass
    with jobs.claim("judge", "strict", "taken"):
        pass


def test_closing_stops_every_job_and_cancels_those_that_will_not():
    async def stubborn(control):
        await asyncio.sleep(600)

    jobs = Jobs()
    willing, unwilling = jobs.start("a", "a", until_stopped), jobs.start("b", "b", stubborn)
    jobs.close(0.2)
    assert (willing.state, unwilling.state) == (JobState.STOPPED, JobState.STOPPED)
    assert willing.view().result == "what was done by then"


def test_only_the_newest_ended_jobs_and_lines_are_remembered(monkeypatch):
    monkeypatch.setattr(module, "KEPT_JOBS", 3)

    async def work(control):
        for number in range(module.KEPT_LINES + 5):
            control.log(str(number))

    jobs = Jobs()
    for _ in range(6):
        assert jobs.start("judge", "x", work).wait(10)
    assert len(jobs.list()) <= 4
    assert jobs.list()[0].lines[0] == "5"
