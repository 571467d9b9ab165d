"""What the leaderboard's controls choose, and the link that says the same."""

from dataclasses import fields
from datetime import UTC, date, datetime
from uuid import uuid4

import gradio as gr
import pytest

from arena.errors import InvalidInput
from arena.types import Answer, Battle, Prompt, Turn, Vote, Voter, VoterKind, Winner
from workbench.tabs.board_filters import BoardFilters
from workbench.tabs.chosen import CENTRED, SIZE, Chosen, of_chosen
from workbench.tabs.filters import ALL_CATEGORIES


def voted_on(bench, first, second):
    """Let somebody prefer the first of two models."""
    sides = (Answer(name, f"From {name}.", "stop") for name in (first, second))
    battle = Battle(uuid4(), Prompt.from_text("Which?"), first, second, (Turn(None, *sides),))
    bench.store.battles.add(battle)
    bench.store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, Voter(VoterKind.HUMAN, "ann")))


ASKED = Chosen(
    voters=("human", "judge"),
    method="davidson",
    category="code",
    language="en",
    criterion="helpful",
    as_of=date(2026, 1, 31),
    per_prompt=1,
    without_self_named=True,
    cluster="prompt",
    anchor="able",
    prior=1.0,
)


def test_the_controls_as_they_are_at_first_choose_the_plain_board(home):
    with gr.Blocks():
        filters = BoardFilters(home)
    assert len(filters.inputs) == SIZE
    at_first = Chosen.of(*(part.value for part in filters.inputs))
    assert at_first == Chosen()


def test_votes_and_options_are_those_of_the_verbs():
    votes, options = ASKED.votes, ASKED.options
    assert votes.voter_kinds == (VoterKind.HUMAN, VoterKind.JUDGE)
    assert (votes.category, votes.language, votes.criterion) == ("code", "en", "helpful")
    assert (votes.per_prompt, votes.without_self_named) == (1, True)
    assert votes.until == datetime(2026, 2, 1, tzinfo=UTC)
    assert (options.method, options.cluster, options.anchor, options.prior) == (
        "davidson",
        "prompt",
        "able",
        1.0,
    )
    assert Chosen().votes.voter_kinds is None and Chosen().votes.until is None


def test_a_link_says_what_is_chosen_and_nothing_else():
    assert Chosen.of_query(ASKED.query) == ASKED
    assert Chosen(voters=("human",)).query == {"voters": "human", "method": "bt"}
    elo = Chosen(method="elo", k=32.5, anchor="able")
    assert elo.query["k"] == "32.5" and Chosen.of_query(elo.query) == elo
    styled = Chosen(style=True, weighting="reliability")
    assert Chosen.of_query(styled.query) == styled


def test_choices_behind_more_are_counted():
    assert Chosen(voters=("judge",), method="elo", category="code").refined == 0
    assert ASKED.refined == 8


def test_what_a_method_has_no_use_for_is_left_out():
    values = [getattr(ASKED, f.name) for f in fields(Chosen)]
    values[1] = "elo"
    elo = Chosen.of(*values)
    assert (elo.cluster, elo.prior, elo.weighting, elo.style) == ("none", 0.0, "equal", False)
    assert elo.category == "code"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("method", "best", "no method of rating 'best'"),
        ("cluster", "moon", "no group of votes 'moon'"),
        ("as_of", "soon", "date 'soon' cannot be read"),
        ("prior", "many", "'many' is no number"),
    ],
)
def test_a_value_that_the_page_does_not_offer_is_refused(name, value, words):
    values = {f.name: None for f in fields(Chosen)} | {name: value}
    with pytest.raises(InvalidInput, match=words):
        Chosen.of(*values.values())


def test_a_handler_gets_the_chosen_and_the_cards_own():
    seen = of_chosen(lambda chosen, *own: (chosen, own))
    values = [getattr(Chosen(), f.name) for f in fields(Chosen)]
    assert seen(*values, "mine", 3) == (Chosen(), ("mine", 3))


def test_an_anchor_that_no_vote_has_met_is_not_kept(bench):
    with gr.Blocks():
        filters = BoardFilters(bench)
    values = [part.value for part in filters.inputs]
    values[10] = "owl"
    assert filters.filled(*values)[1][10] == CENTRED


def test_what_was_chosen_stays_while_it_is_there(bench):
    voted_on(bench, "owl", "crow")
    with gr.Blocks():
        filters = BoardFilters(bench)
    values = [part.value for part in filters.inputs]
    values[2], values[10] = "gone", "owl"
    updates, now = filters.filled(*values)
    assert now[2] == ALL_CATEGORIES and now[10] == "owl" and now[0] == ["human"]
    assert len(updates) == len(filters.outputs)
