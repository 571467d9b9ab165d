import pytest

from arena.judgments import Verdict
from arena.types import Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA

JUDGES = VoteFilter(voter_kinds=(VoterKind.JUDGE,))


def judged(store, battle, winner=Winner.MODEL_A, **known) -> None:
    store.verdicts.add([Verdict(battle.battle_id, "strict", "f1", winner, **known)])
    store.votes.cast(Vote(battle.battle_id, winner, Voter(VoterKind.JUDGE, "strict")))


def test_a_vote_counts_as_sure_and_as_strong_as_the_verdict_behind_it(store, battle):
    judged(store, battle, probability_a=0.75, strength=3)
    (count,) = store.votes.soft_counts(JUDGES)
    assert (count.model_a, count.model_b, count.votes) == (battle.model_a, battle.model_b, 1)
    assert (count.weight, count.points_a, count.squared_weight) == (3.0, 2.25, 9.0)
    assert count.squared_points == pytest.approx(9 * 0.75)
    assert count.squared_outcomes == pytest.approx(9 * 0.75**2)


def test_a_vote_without_a_verdict_counts_as_what_it_says(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    (count,) = store.votes.soft_counts(VoteFilter())
    assert (count.weight, count.points_a) == (1.0, 0.5)


def test_a_verdict_that_the_judge_took_back_counts_no_more(store, battle):
    judged(store, battle, probability_a=0.75)
    store.votes.undo(battle.battle_id, Voter(VoterKind.JUDGE, "strict"))
    assert store.votes.soft_counts(JUDGES) == []


def test_a_vote_that_was_corrected_no_longer_takes_the_probability_of_the_old_verdict(store, battle):
    judged(store, battle, probability_a=0.75)
    store.votes.correct(battle.battle_id, Voter(VoterKind.JUDGE, "strict"), winner=Winner.MODEL_B)
    (count,) = store.votes.soft_counts(JUDGES)
    assert count.points_a == 0.0
