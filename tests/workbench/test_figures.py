"""Figures for screens are counted once a state, and those shown first before anybody asks."""

import threading

import pytest

from arena.ratings.options import RatingOptions
from arena.types import Vote, VoteFilter, Voter, VoterKind, Winner
from tests.workbench.judged_home import add_voted_battles
from workbench import ahead

PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))
OPTIONS = RatingOptions()


@pytest.fixture
def voted(home):
    """A home with six battles, all but one with a vote."""
    return home, add_voted_battles(home)[5]


def asked(bench):
    """Ask for what the leaderboard's cards and the voters tab show."""
    figures = bench.figures
    return (
        figures.certainty(PEOPLE, OPTIONS, ahead.CERTAINTY_ROWS),
        figures.rating_history(PEOPLE, OPTIONS),
        figures.boards_by(PEOPLE, "category", OPTIONS),
        figures.pairing_plan(PEOPLE, OPTIONS, None),
        figures.integrity(PEOPLE),
        figures.people_agreement(PEOPLE),
        figures.contested(PEOPLE, ahead.CONTESTED_ROWS, opposed=False),
    )


def test_a_figure_is_counted_once_until_a_vote_comes_in(voted):
    bench, battle = voted
    first = asked(bench)
    assert all(one is other for one, other in zip(first, asked(bench), strict=True))
    bench.store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, Voter(VoterKind.HUMAN, "anna")))
    certain, history, boards, *_ = asked(bench)
    assert certain is not first[0] and boards is not first[2]
    assert history.moments[-1].votes == 6


def test_where_there_are_many_votes_the_first_figures_are_counted_ahead(voted, monkeypatch):
    bench, _ = voted
    monkeypatch.setattr(ahead, "MANY", 5)
    ahead.count_ahead(bench)
    for thread in threading.enumerate():
        if thread.name == "ahead":
            thread.join(60)
    for verb in ("certainty", "rating_history", "boards_by", "pairing_plan", "integrity", "contested"):
        monkeypatch.setattr(type(bench), verb, pytest.fail)
    assert asked(bench)[1].moments[-1].votes == 5


def test_with_few_votes_nothing_is_counted_ahead(voted, monkeypatch):
    bench, _ = voted
    monkeypatch.setattr(ahead, "_count", pytest.fail)
    ahead.count_ahead(bench)
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
