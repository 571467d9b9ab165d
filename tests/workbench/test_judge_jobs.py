"""Judging as a job beside the screens."""

import asyncio

import pytest

from arena.errors import Conflict
from arena.judgments import BattleFilter
from tests.support.scripted_judge import scripted_judge
from tests.workbench.judged_home import TOPICS, add_battles, add_judge, add_jury, judge
from workbench.bench import Workbench
from workbench.jobs import JobState, result_of
from workbench.jobs.specs import JudgeJob


def test_a_job_judges_while_others_look(home):
    add_battles(home, TOPICS)
    with scripted_judge(after=0.05) as server:
        add_judge(home, server, slots=2)
        job = home.start_job(JudgeJob(judge="strict"))
        with pytest.raises(Conflict, match="at work already"):
            asyncio.run(home.judge("strict", BattleFilter()))
        assert job.wait(30)
    view = home.list_jobs()[0]
    assert (view.state, view.title, view.error) == (JobState.DONE, "Judge strict", None)
    assert (view.progress.done, view.progress.total) == (5, 5)
    assert result_of(view).decided == 5


def test_a_stopped_job_keeps_what_it_has(home):
    add_battles(home, [f"Topic {number}" for number in range(60)])
    with scripted_judge(after=0.05) as server:
        add_judge(home, server, slots=2)
        job = home.start_job(JudgeJob(judge="strict"))
        while job.view().progress.done < 5:
            assert not job.wait(0.05)
        job.stop()
        assert job.wait(30)
        view = job.view()
        assert view.state is JobState.STOPPED
        assert 5 <= job.result().decided < 60
        rest = judge(home)
    assert rest.judged_before == job.result().decided
    assert len(server.requests) == 120


def test_a_closing_home_stops_its_jobs_and_loses_nothing(tmp_path):
    with scripted_judge(after=0.05) as server:
        with Workbench.open(tmp_path / "home", seed=0) as bench:
            add_battles(bench, [f"Topic {number}" for number in range(60)])
            add_judge(bench, server, slots=2)
            job = bench.start_job(JudgeJob(judge="strict"))
            while job.view().progress.done < 5:
                assert not job.wait(0.05)
        assert job.state is JobState.INTERRUPTED
        with Workbench.open(tmp_path / "home", seed=0) as bench:
            rest = judge(bench)
    assert rest.judged_before >= 5
    assert len(server.requests) == 120


def test_a_jury_claims_its_members(home):
    add_battles(home, TOPICS)
    with scripted_judge(after=0.2) as one, scripted_judge() as two:
        add_jury(home, {"one": one, "two": two})
        job = home.start_job(JudgeJob(judge="jury"))
        with pytest.raises(Conflict, match="'one' is at work already"):
            asyncio.run(home.judge("one", BattleFilter()))
        assert job.wait(30)
        assert job.state is JobState.DONE
