from datetime import UTC, datetime, timedelta

from arena.types import Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
BEN = Voter(VoterKind.HUMAN, "ben")


def cast(store, battle_id, winner, at, voter=ANNA):
    return store.votes.cast(Vote(battle_id, winner, voter, created_at=at))


def test_votes_come_in_the_order_of_their_times_not_of_their_arrival(store, new_battle):
    cast(store, new_battle(), Winner.MODEL_B, NOON)
    cast(store, new_battle(), Winner.TIE, NOON - timedelta(days=30))
    cast(store, new_battle(), Winner.MODEL_A, NOON)
    timed = store.votes.timed(VoteFilter())
    assert timed.votes.winner.tolist() == [2, 1, 0]
    assert timed.votes.names == ("ada", "bob")
    assert [(NOON - timedelta(days=30)).timestamp() * 1e6, *[NOON.timestamp() * 1e6] * 2] == timed.at.tolist()


def test_only_standing_votes_that_the_filter_lets_through_are_there(store, new_battle):
    taken_back, kept = new_battle(), new_battle()
    cast(store, taken_back, Winner.MODEL_A, NOON)
    store.votes.undo(taken_back, ANNA)
    cast(store, kept, Winner.MODEL_B, NOON)
    cast(store, kept, Winner.MODEL_A, NOON, BEN)
    timed = store.votes.timed(VoteFilter(voters=("ben",)))
    assert timed.votes.winner.tolist() == [0] and len(timed.at) == 1


def test_no_votes_are_columns_of_no_length(store):
    timed = store.votes.timed(VoteFilter())
    assert timed.votes.names == () and len(timed.at) == 0 and len(timed.votes.winner) == 0
