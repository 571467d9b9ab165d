"""The card of ratings over time follows the votes and the choices."""

import gradio as gr
import pytest

from arena.types import Vote, Voter, VoterKind, Winner
from tests.workbench.judged_home import add_voted_battles
from workbench.tabs.chosen import Chosen
from workbench.tabs.history import HistoryCard


@pytest.fixture
def voted(home):
    return home, add_voted_battles(home)


def shown(card, models=None, along=None):
    return card.show(Chosen(voters=("human",)), models, along)


def test_votes_of_one_sitting_are_drawn_and_a_further_vote_moves_the_picture(voted):
    bench, battles = voted
    with gr.Blocks():
        card = HistoryCard(bench)
    _, models, _, first, title = shown(card)
    assert set(models["value"]) == {"wordy", "terse"}
    assert "5 votes" in first and shown(card)[3] == first and "Terry" not in title
    bench.store.votes.cast(Vote(battles[5].battle_id, Winner.MODEL_A, Voter(VoterKind.HUMAN, "anna")))
    assert "6 votes" in shown(card)[3]


def test_models_chosen_before_stay_and_unknown_ones_go(voted):
    with gr.Blocks():
        card = HistoryCard(voted[0])
    assert shown(card, ["terse", "gone"], "votes")[1]["value"] == ["terse"]


def test_a_board_whose_way_of_rating_has_no_history_is_followed_by_another_and_told_so(voted):
    with gr.Blocks():
        card = HistoryCard(voted[0])
    for chosen in (Chosen(("human",), weighting="reliability"), Chosen(("human",), method="ppi")):
        *_, picture, title = card.show(chosen, None, None)
        assert "5 votes" in picture and "plain Bradley\u2013Terry" in title


def test_without_votes_there_is_no_card(home):
    with gr.Blocks():
        card = HistoryCard(home)
    visible, _, _, picture, _ = shown(card)
    assert visible["visible"] is False and picture == ""
