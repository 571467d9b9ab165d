"""The card that says how many more votes, and what it keeps from people who vote."""

import asyncio

import gradio as gr
import pytest

from arena.types import ModelKind, ModelSpec, Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import make_battle
from tests.workbench.test_planning import CAT, vote_all
from workbench.tabs.chosen import Chosen
from workbench.tabs.plan_card import PlanCard

ALL = Chosen()


@pytest.fixture
def card(bench):
    with gr.Blocks():
        return PlanCard(bench)


def shown(card, target=None, first=None, second=None, power="0.8", difference=None, chosen=ALL):
    return card.show(chosen, target, first, second, power, difference)


def test_the_card_says_what_the_plan_says(bench, card):
    vote_all(bench, 5)
    visible, summary, first, second, told = shown(card)
    plan = bench.pairing_plan()
    assert visible["visible"] is True
    assert (
        f"±{plan.half_width:.1f}" in summary and "Active pairing" in summary and "Uniform pairing" in summary
    )
    assert {first["value"], second["value"]} < {"owl", "crow", "wren"} and first["value"] != second["value"]
    assert "votes" in told


def test_another_target_and_other_models_are_reckoned_at_once(bench, card):
    vote_all(bench, 5)
    assert "±7" in shown(card, target="7")[1]
    told = shown(card, first="crow", second="wren", power="0.95", difference="40")
    assert (told[2]["value"], told[3]["value"]) == ("crow", "wren")
    assert "crow and wren are truly 40 points apart" in told[4] and "95%" in told[4]


def test_a_target_that_is_reached_needs_no_picture(bench, card):
    vote_all(bench, 5)
    summary = shown(card, target="900")[1]
    assert "reached" in summary and "svg" not in summary


def test_a_wide_target_is_planned_while_intervals_are_open(bench, card):
    battle = asyncio.run(bench.battle_all(["owl", "crow"], bench.prompts_of(["topics"])[:1], CAT))[0]
    bench.store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, CAT))
    summary = shown(card, target="5000")[1]
    assert "not reached" in summary and "svg" not in summary


def test_who_votes_is_not_told_which_pair_comes_next(bench, card):
    vote_all(bench, 5)
    plan = bench.pairing_plan()
    page = "".join(str(part) for part in shown(card))
    for pair in plan.pairs:
        assert f"{pair.chance:.1%}" not in page and f"{pair.chance:.3f}" not in page
    assert "next" not in page


def test_a_vote_and_a_new_model_change_the_plan(bench, card):
    vote_all(bench, 5)
    before = shown(card)[1]
    assert shown(card)[1] == before
    battle = asyncio.run(bench.battle_all(["owl", "crow"], bench.prompts_of(["topics"])[:1], CAT))[0]
    bench.store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, CAT))
    after = shown(card)[1]
    assert "31 votes" in after and "30 votes" in before
    bench.add_model(ModelSpec("jay", ModelKind.RECORDED))
    assert "4 models" in shown(card)[1]


def test_without_votes_there_is_no_card(card):
    assert shown(card)[0]["visible"] is False


def test_without_models_there_is_no_card(home):
    with gr.Blocks():
        empty = PlanCard(home)
    assert shown(empty)[0]["visible"] is False


def test_what_cannot_be_planned_is_said_in_its_place(bench, card):
    vote_all(bench, 5)
    visible, summary, *_ = shown(card, chosen=Chosen(method="elo"))
    assert visible["visible"] is True and "plan with bt" in summary
    people = Chosen(voters=(VoterKind.HUMAN.value,))
    assert shown(card, chosen=people)[0]["visible"] is False


def test_a_model_named_like_a_script_is_shown_as_text(bench, card):
    harmful = "<script>alert(1)</script>"
    bench.add_model(ModelSpec(harmful, ModelKind.RECORDED))
    vote_all(bench, 5)
    assert "script" not in shown(card)[1], "a model that no vote has met is not named"
    battle = make_battle("Why?", "owl", harmful)
    bench.store.battles.add(battle)
    bench.store.votes.cast(Vote(battle.battle_id, Winner.TIE, Voter(VoterKind.HUMAN, "anna")))
    summary = shown(card)[1]
    assert "<script>" not in summary and "&lt;script&gt;" in summary
