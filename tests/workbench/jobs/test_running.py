import asyncio
import threading

import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from workbench.jobs import JobProgress, Jobs, JobState, JobStoppedError
from workbench.jobs import running as module


def test_a_job_works_in_a_thread_and_a_loop_of_its_own_and_gives_its_result(jobs):
    async def work(control):
        control.report(JobProgress(done=2, total=2))
        control.log("half way")
        await asyncio.sleep(0)
        return threading.current_thread().name

    job = jobs.start("test", "Judge strict", work)
    assert job.wait(10)
    view = job.view()
    assert (view.state, view.result, view.error) == (JobState.DONE, "job-test-1", None)
    assert (view.progress.done, view.lines) == (2, ("half way",))
    assert view.started_at <= view.ended_at
    assert jobs.active("test-1") is None
    assert jobs.view("test-1") == view


def test_jobs_are_listed_newest_first_and_by_kind(jobs):
    async def work(control):
        return None

    for kind in ("one", "two", "one"):
        assert jobs.start(kind, kind, work).wait(10)
    assert [view.id for view in jobs.list()] == ["one-3", "two-2", "one-1"]
    assert [view.id for view in jobs.list("two")] == ["two-2"]
    with pytest.raises(NotFound, match="no job 'judge-9'"):
        jobs.view("judge-9")


async def until_stopped(control):
    while not control.stop.is_set():
        await asyncio.sleep(0.01)
    return "what was done by then"


def test_a_stopped_job_ends_by_itself_and_keeps_its_result(jobs):
    job = jobs.start("test", "x", until_stopped)
    assert job.state is JobState.RUNNING
    job.stop()
    assert job.wait(10)
    assert (job.view().state, job.view().result) == (JobState.STOPPED, "what was done by then")


def test_a_job_that_does_not_stop_is_cancelled(jobs):
    async def stubborn(control):
        await asyncio.sleep(600)

    job = jobs.start("test", "x", stubborn)
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
def test_a_failed_job_says_why(jobs, error, said):
    async def work(control):
        raise error

    job = jobs.start("test", "x", work)
    assert job.wait(10)
    assert job.state is JobState.FAILED
    assert said in job.view().error
    assert said in job.view().lines[-1]


def test_what_a_job_holds_is_let_go_however_it_ends(jobs):
    async def work(control):
        raise InvalidInput("no")

    let_go = []
    assert jobs.start("test", "x", work, on_end=lambda: let_go.append(1)).wait(10)
    job = jobs.start("test", "x", until_stopped, on_end=lambda: let_go.append(2))
    job.cancel()
    assert job.wait(10)
    assert let_go == [1, 2]


def test_a_claim_is_held_by_one_at_a_time(jobs):
    with jobs.claim("judge", "strict", "taken"):
        with pytest.raises(Conflict, match="taken"), jobs.claim("judge", "strict", "taken"):
            pass
        with jobs.claim("judge", "lenient", "taken"):
            pass
    with jobs.claim("judge", "strict", "taken"):
        pass


def test_closing_stops_every_job_and_cancels_those_that_will_not(jobs):
    async def stubborn(control):
        await asyncio.sleep(600)

    willing, unwilling = jobs.start("a", "a", until_stopped), jobs.start("b", "b", stubborn)
    stopped = jobs.start("c", "c", stubborn)
    stopped.stop()
    jobs.close(0.2)
    assert (willing.state, unwilling.state) == (JobState.INTERRUPTED, JobState.INTERRUPTED)
    assert stopped.state is JobState.STOPPED
    assert willing.view().result == "what was done by then"
    with pytest.raises(Conflict, match="being closed"):
        jobs.start("a", "a", until_stopped)


def test_only_the_newest_lines_are_remembered(jobs):
    async def work(control):
        for number in range(module.KEPT_LINES + 5):
            control.log(str(number))

    job = jobs.start("test", "x", work)
    assert job.wait(10)
    assert len(job.view().lines) == module.KEPT_LINES
    assert job.view().lines[0] == "5"
    assert len(jobs.list()[0].lines) == 20
    assert jobs.list()[0].lines[-1] == job.view().lines[-1]


def test_what_is_told_is_written_now_and_then_and_survives_the_process(jobs, store, monkeypatch):
    monkeypatch.setattr(module, "WRITE_SECONDS", 0.0)
    told = threading.Event()

    async def work(control):
        control.log("begun")
        control.report(JobProgress(done=3, total=10, failures={"no_reply": 1}))
        told.set()
        while not control.stop.is_set():
            await asyncio.sleep(0.01)

    job = jobs.start("test", "x", work, spec={"a": [1, "b"]}, started_by="ann")
    assert told.wait(10)
    job._writing.result(10)
    row = store.jobs.get(job.id)
    assert (row.state, row.spec, row.started_by, row.ended_at) == (
        JobState.RUNNING,
        {"a": [1, "b"]},
        "ann",
        None,
    )
    assert row.lines == ("begun",)
    later = Jobs(store.jobs)  # as the next process does
    view = later.view(job.id)
    assert (view.state, view.resumable, view.error) == (JobState.INTERRUPTED, True, None)
    assert view.ended_at == row.heard_at
    with pytest.raises(JobStoppedError, match="jobs resume test-1"):
        module.result_of(view)


def test_a_job_goes_on_under_its_own_id_with_its_log(jobs):
    async def work(control):
        control.log(f"attempt {control.record.attempts}")
        if control.record.attempts == 1:
            raise InvalidInput("not yet")
        return {"done": True}

    job = jobs.start("test", "x", work)
    assert job.wait(10)
    again = jobs.resume(job.id, work)
    assert again.wait(10)
    view = jobs.view(job.id)
    assert (view.attempts, view.state, view.error, view.result) == (2, JobState.DONE, None, {"done": True})
    assert view.lines == ("attempt 1", "not yet", "attempt 2")
    assert view.created_at == job.view().created_at < view.started_at


def test_ids_are_never_given_twice(jobs):
    async def work(control):
        return None

    first = jobs.start("test", "x", work)
    assert first.wait(10)
    jobs.remove(first.id)
    assert jobs.list() == []
    second = jobs.start("test", "x", work)
    assert second.wait(10)
    assert second.id != first.id


def test_a_job_at_work_is_not_removed(jobs):
    job = jobs.start("test", "x", until_stopped)
    with pytest.raises(Conflict, match="stop it first"):
        jobs.remove(job.id)
    job.stop()
    assert job.wait(10)
    jobs.remove(job.id)
    with pytest.raises(NotFound):
        jobs.view(job.id)


def test_a_list_goes_on_where_the_last_one_ended(jobs):
    async def work(control):
        return None

    for number in range(7):
        assert jobs.start("even" if number % 2 == 0 else "odd", "x", work).wait(10)
    pages, before = [], None
    while page := jobs.list(limit=3, before=before):
        pages.append([view.id for view in page])
        before = page[-1].id
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [int(id.split("-")[1]) for page in pages for id in page] == [7, 6, 5, 4, 3, 2, 1]
    assert [view.id for view in jobs.list("odd", limit=2)] == ["odd-6", "odd-4"]
    assert jobs.list(active=True) == []
    with pytest.raises(NotFound):
        jobs.list(before="nothing-1")


def test_what_is_kept_within_a_change_is_done_however_the_job_is_ended_then(jobs, store):
    async def work(control):
        store.bulk.run(lambda con: control.keep(con, {"rows": 3}))
        await asyncio.sleep(600)

    job = jobs.start("test", "x", work)
    while store.jobs.get(job.id).state is JobState.RUNNING:
        assert not job.wait(0.01)
    job.cancel()
    assert job.wait(10)
    assert (job.state, job.result()) == (JobState.DONE, {"rows": 3})


def test_a_cancelled_job_keeps_nothing(jobs, store):
    begun = threading.Event()

    async def work(control):
        def change(con):
            con.execute("INSERT INTO prompts (prompt_id, messages) VALUES ('p', '[]')")
            begun.set()
            while not control.cancelled:
                pass
            control.keep(con, {"rows": 1})

        await asyncio.to_thread(store.bulk.run, change)

    job = jobs.start("test", "x", work)
    assert begun.wait(10)
    job.cancel()
    assert job.wait(10)
    assert job.state is JobState.STOPPED
    assert store.read().execute("SELECT count(*) FROM prompts").fetchall() == [(0,)]


def test_a_large_result_is_left_out_of_lists(jobs):
    async def work(control):
        return ["x" * 100_000]

    job = jobs.start("test", "x", work)
    assert job.wait(10)
    assert jobs.list()[0].result is None
    assert jobs.view(job.id).result == ["x" * 100_000]


def test_work_that_tells_no_rate_has_that_of_its_whole_course():
    assert module.paced(JobProgress(done=50, total=200), 10) == JobProgress(
        done=50, total=200, rate=5.0, seconds_left=30.0
    )
    assert module.paced(JobProgress(done=50, total=200), 0.5).rate is None
    assert module.paced(JobProgress(done=50), 10).rate is None
    told = JobProgress(done=50, total=200, rate=7.0)
    assert module.paced(told, 10) == told
    assert module.paced(JobProgress(done=50, total=200, seconds_left=3.0), 10).seconds_left == 3.0
