"""A list of verdicts can be cut down to those that people voted against."""

import pytest

from arena.judgments import Failure, Verdict
from arena.store.verdicts import VerdictFilter
from arena.types import Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import add_models, make_battle

AGAINST = VerdictFilter(against_people=True)
A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD


def judged(store, said, people, *, criterion="overall", kind=VoterKind.HUMAN):
    """Store a battle with a verdict and people's votes on it."""
    battle = make_battle(f"Question {store.verdicts.count(VerdictFilter())}?")
    store.battles.add(battle)
    failure = None if said else Failure.UNREADABLE
    store.verdicts.add([Verdict(battle.battle_id, "strict", "f1", said, failure=failure)])
    for number, winner in enumerate(people):
        store.votes.cast(Vote(battle.battle_id, winner, Voter(kind, f"voter-{number}"), criterion))
    return battle.battle_id


@pytest.fixture
def store(store):
    add_models(store, "ada", "bob")
    return store


@pytest.mark.parametrize(
    ("said", "people", "against"),
    [
        (A, [B], True),
        (A, [A], False),
        (A, [A, B], False),
        (A, [A, B, B], True),
        (TIE, [BAD], False),
        (BAD, [TIE], False),
        (TIE, [A, B], True),
        (B, [TIE, BAD], True),
        (A, [], False),
        (None, [A], False),
    ],
)
def test_a_verdict_is_against_people_when_more_of_them_chose_another_outcome(store, said, people, against):
    battle_id = judged(store, said, people)
    assert [verdict.battle_id for verdict in store.verdicts.page(AGAINST)] == ([battle_id] if against else [])
    assert store.verdicts.count(AGAINST) == against


def test_votes_on_another_criterion_or_by_others_than_people_say_nothing(store):
    judged(store, A, [B], criterion="clear")
    judged(store, A, [B], kind=VoterKind.SIMULATED)
    assert store.verdicts.count(AGAINST) == 0


def test_a_vote_that_was_taken_back_no_longer_speaks_against_a_verdict(store):
    battle_id = judged(store, A, [B])
    store.votes.undo(battle_id, Voter(VoterKind.HUMAN, "voter-0"))
    assert store.verdicts.count(AGAINST) == 0
