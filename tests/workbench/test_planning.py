"""Verbs that plan votes, and battles that stop where votes on them would be enough."""

import asyncio
import json
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest

from arena.errors import InvalidInput, NotFound
from arena.ratings.options import RatingOptions
from arena.types import Answer, ModelKind, ModelSpec, Prompt, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.workbench.test_bench import fought
from workbench.bench import Workbench
from workbench.cli import main
from workbench.jobs.specs import BattleJob
from workbench.settings import FILE_NAME

CAT = Voter(VoterKind.SIMULATED, "cat")


def vote_all(bench, rounds=1, seed=0):
    """Let a simulated voter vote on battles of all prompts."""
    rng = np.random.default_rng(seed)
    prompts = [p for name in bench.prompt_sets() for p in bench.prompts_of([name])]
    for _ in range(rounds):
        battles = asyncio.run(bench.battle_all(["owl", "crow", "wren"], prompts, CAT))
        for battle in battles:
            winner = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE)[rng.integers(3)]
            bench.store.votes.cast(Vote(battle.battle_id, winner, CAT))


def test_a_plan_reads_the_board_the_settings_and_the_registered_models(bench):
    vote_all(bench, 4)
    found = bench.pairing_plan()
    assert (found.policy, found.target, found.votes) == ("active", 15.0, 24)
    assert {model.name for model in found.models} == {"owl", "crow", "wren"}
    assert [course.policy for course in found.courses] == ["active", "uniform"]
    assert not found.reached and found.course.needed > 100
    board = bench.leaderboard(VoteFilter())
    half = np.mean([(row.upper - row.lower) / 2 for row in board.rows])
    assert found.half_width == pytest.approx(half)
    assert bench.pairing_plan(target_width=half + 1).reached


def test_a_removed_model_is_planned_no_more(bench):
    vote_all(bench, 4)
    bench.remove_model("wren")
    assert {model.name for model in bench.pairing_plan().models} == {"owl", "crow"}


def test_wider_intervals_of_clustered_votes_need_more_votes(bench):
    vote_all(bench, 6)
    plain = bench.pairing_plan()
    clustered = bench.pairing_plan(options=RatingOptions(cluster="prompt"))
    assert clustered.half_width != pytest.approx(plain.half_width)
    grown = (clustered.half_width / plain.half_width) ** 2
    assert (clustered.course.needed + 36) / (plain.course.needed + 36) == pytest.approx(grown, rel=0.1)


def test_elo_is_not_planned_as_its_intervals_never_narrow(bench):
    with pytest.raises(InvalidInput, match="plan with bt"):
        bench.pairing_plan(options=RatingOptions(method="elo"))
    with pytest.raises(InvalidInput, match="reckon with bt"):
        bench.votes_needed("owl", "crow", options=RatingOptions(method="elo"))


def test_votes_needed_are_told_and_unknown_models_named(bench):
    vote_all(bench, 4)
    found = bench.votes_needed("owl", "crow", power=0.9, difference=30.0)
    assert found.direct > 100 and found.spread > found.direct
    with pytest.raises(NotFound, match="owk"):
        bench.votes_needed("owk", "crow")


def test_a_new_model_meets_others_at_once(bench):
    vote_all(bench, 15)
    bench.add_model(ModelSpec("jay", ModelKind.RECORDED))
    prompt = bench.prompts_of(["topics"])[0]
    bench.store.answers.add(prompt, [Answer("jay", "Jay on topic.", finish_reason="recorded")], recorded=True)
    battles = [bench.battle(fought(bench, prompt=prompt)) for _ in range(12)]
    assert sum("jay" in (battle.model_a, battle.model_b) for battle in battles) >= 9


@pytest.mark.parametrize("policy", ["uniform", "new", "few", "active"])
def test_the_settings_choose_how_models_are_paired(tmp_path, policy):
    home = tmp_path / "home"
    home.mkdir()
    (home / FILE_NAME).write_text(f'[arena]\npairing = "{policy}"\ntarget_width = 20\n', "utf-8")
    with Workbench.open(home) as bench:
        bench.add_model(ModelSpec("a", ModelKind.RECORDED))
        bench.add_model(ModelSpec("b", ModelKind.RECORDED))
        found = bench.pairing_plan()
    assert (found.policy, found.target) == (policy, 20.0)


def test_a_policy_that_is_none_is_refused(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / FILE_NAME).write_text('[arena]\npairing = "best"\n', "utf-8")
    with pytest.raises(InvalidInput, match=r"arena\.pairing"):
        Workbench.open(home)


def test_battles_stop_where_votes_on_them_would_be_enough(bench):
    vote_all(bench, 3)
    job = bench.start_job(BattleJob(models=("owl", "crow", "wren"), prompts=("topics",), until_width=1000.0))
    assert job.wait(30)
    report = job.result()
    assert (len(report.battles), report.not_asked, report.spared) == (0, 0, 6)
    prompts = [Prompt.from_text(f"More {n}?") for n in range(6)]
    bench.store.prompts.add("more", prompts)
    before = report.half_width
    job = bench.start_job(
        BattleJob(models=("owl", "crow", "wren"), prompts=("topics",), until_width=before * 0.95)
    )
    assert job.wait(30)
    report = job.result()
    assert 0 < len(report.battles) < 6 and report.spared == 6 - len(report.battles)
    assert report.half_width <= before * 0.95


def test_a_job_without_a_width_fights_on_every_prompt_and_spreads_its_pairs(bench):
    job = bench.start_job(BattleJob(models=("owl", "crow", "wren"), prompts=("topics",)))
    assert job.wait(30)
    report = job.result()
    assert len(report.battles) == 6 and not report.spared
    pairs = [bench.battle(found.battle_id) for found in report.battles]
    assert len({frozenset((b.model_a, b.model_b)) for b in pairs}) == 3


def test_the_command_plans_the_board_and_two_models(bench, capsys):
    vote_all(bench, 4)
    bench.close()

    def said(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as left:
            main(["--home", str(bench.home), "plan", *arguments, "--voters", "simulated"])
        assert left.value.code == code
        return capsys.readouterr().out

    board = said()
    assert "The mean 95 % interval is ±" in board and "with active pairing" in board
    assert "Most likely next" in board
    assert json.loads(said("--target", "5", "--format", "json"))["target"] == 5.0
    assert said("--format", "csv").startswith("name,votes,half_width,share\n")
    assert "owl and crow" in said("owl", "crow", "--difference", "25")
    assert said("owl", code=2) == ""


def test_a_model_that_fails_to_answer_is_remembered(bench):
    battle = bench.battle(fought(bench))
    turn = battle.turns[0]
    broken = replace(turn.answer_a, error="It broke.", text="", answer_id=uuid4())
    fine = replace(turn.answer_b, answer_id=uuid4())
    bench._add_battle(
        replace(battle, battle_id=uuid4(), turns=(replace(turn, answer_a=broken, answer_b=fine),))
    )
    assert bench._matchmaker.failures(battle.model_a) == 1
    assert bench._matchmaker.failures(battle.model_b) == 0
