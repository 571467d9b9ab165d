"""Jobs of answers, imports and exports: what they hold, and what they find done when they go on."""

import threading
from datetime import UTC, datetime

import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from arena.types import ModelKind, ModelSpec, Prompt, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint
from tests.workbench.judged_home import add_battles
from workbench.bench import Workbench
from workbench.jobs import JobState
from workbench.jobs.specs import AnswerJob, BattleJob, ImportJob


@pytest.fixture
def bench(tmp_path):
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        yield bench


def vote_on(bench, topics=3):
    for battle in add_battles(bench, [f"Topic {n}" for n in range(topics)]):
        bench.store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, Voter(VoterKind.HUMAN, "ann")))


def interrupted_export(bench, name="first"):
    """Return an export job whose process ended before it was done."""
    spec = {"kind": "export", "name": name, "votes": {}, "purpose": "dpo", "majority": 0.5}
    record = bench.store.jobs.add("export", f"Export {name}", spec, at=datetime.now(UTC))
    bench.store.jobs.interrupt()
    return record


def test_an_export_that_was_written_before_the_kill_is_found(bench):
    vote_on(bench)
    record = interrupted_export(bench)
    written = bench.export("first", VoteFilter(), created_at=record.created_at)
    job = bench.resume_job(record.job_id)
    assert job.wait(30)
    assert (job.state, job.result()) == (JobState.DONE, written)


def test_an_export_that_was_not_written_is_written_and_drafts_are_cleared(bench):
    vote_on(bench)
    record = interrupted_export(bench)
    draft = bench.exports_folder / f".first.{'0a' * 16}"
    draft.mkdir(parents=True)
    job = bench.resume_job(record.job_id)
    assert job.wait(30)
    assert job.result().pairs == 3
    assert not draft.exists()


def test_an_export_of_somebody_else_under_that_name_is_left_alone(bench):
    vote_on(bench)
    record = interrupted_export(bench)
    bench.export("first", VoteFilter())
    job = bench.resume_job(record.job_id)
    assert job.wait(30)
    with pytest.raises(Conflict, match="exists"):
        job.result()


def test_an_import_is_stopped_before_anything_is_stored(bench, tmp_path, monkeypatch):
    file = tmp_path / "votes.csv"
    file.write_text("model_a,model_b,winner\n" + "a,b,model_a\n" * 100, "utf-8")
    began, go_on = threading.Event(), threading.Event()
    read = bench.import_file

    def slowly(*given, **named):
        began.set()
        go_on.wait(20)
        return read(*given, **named)

    monkeypatch.setattr(bench, "import_file", slowly)
    job = bench.start_job(ImportJob(file=str(file), what="votes"))
    assert began.wait(20)
    job.stop()
    go_on.set()
    assert job.wait(30)
    assert (job.state, job.view().error) == (JobState.STOPPED, "Stopped before anything was stored.")
    assert bench.store.votes.count() == 0
    again = bench.resume_job(job.id, by="ben")
    assert again.wait(30)
    assert again.result().votes_added == 100
    assert "Resumed by ben." in again.view().lines


def test_a_file_that_is_not_there_starts_no_job(bench):
    with pytest.raises(InvalidInput, match="no file"):
        bench.start_job(ImportJob(file="/nowhere/votes.csv", what="votes"))
    assert bench.list_jobs() == []


def test_no_two_jobs_ask_the_same_and_what_a_job_held_is_let_go(bench):
    with ScriptedEndpoint(Reply(pieces=("yes",), after=0.05)) as server:
        bench.add_model(ModelSpec("ann", ModelKind.ENDPOINT, {"base_url": server.base_url, "model": "m"}))
        for name in ("one", "two"):
            bench.store.prompts.add(name, [Prompt.from_text(f"{name} {n}?") for n in range(5)])
        spec = AnswerJob(models=("ann", "ann"), prompts=("one", "two"), slots=1)
        job = bench.start_job(spec)
        with pytest.raises(Conflict, match="'ann' is answering 'two' already"):
            bench.start_job(AnswerJob(models=("ann",), prompts=("two",)))
        assert job.wait(30)
        assert (job.result().answers, job.result().known) == (10, 0)
        again = bench.start_job(spec)
        assert again.wait(30)
        assert (again.result().answers, again.result().known) == (0, 10)
    assert len(server.requests) == 10


def test_a_job_on_things_that_are_not_there_is_refused_and_holds_nothing(bench):
    bench.store.prompts.add("one", [Prompt.from_text("one?")])
    for spec in (
        AnswerJob(models=("nobody",), prompts=("one",)),
        AnswerJob(models=("nobody",), prompts=("none",)),
        BattleJob(models=("nobody", "none"), prompts=("one",)),
    ):
        with pytest.raises(NotFound):
            bench.start_job(spec)
    assert bench.list_jobs() == []
    with pytest.raises(NotFound, match="no job 'judge-1'"):
        bench.resume_job("judge-1")


def test_the_same_seed_gives_the_same_battles_whoever_fights_them(bench):
    with ScriptedEndpoint() as server:
        for name in ("ann", "bob", "cid"):
            bench.add_model(ModelSpec(name, ModelKind.ENDPOINT, {"base_url": server.base_url, "model": name}))
        bench.store.prompts.add("birds", [Prompt.from_text(f"Bird {n}?") for n in range(20)])
        pairs = []
        for seed in (1, 1, 2, None):
            spec = BattleJob(models=("ann", "bob", "cid"), prompts=("birds",), seed=seed)
            job = bench.start_job(spec, by="ann")
            assert job.wait(30)
            battles = [bench.battle(found.battle_id) for found in job.result().battles]
            assert {battle.started_by for battle in battles} == {Voter(VoterKind.HUMAN, "ann")}
            pairs.append([(battle.model_a, battle.model_b) for battle in battles])
    assert pairs[0] == pairs[1]
    assert pairs[0] != pairs[2] and pairs[3] not in pairs[:3]
    assert len(set(pairs[0])) == 6
