import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.ratings import bradley_terry
from arena.ratings.options import RatingOptions
from arena.ratings.rate import rate
from arena.ratings.tally import tally
from arena.ratings.weights import unmet, voter_weights, weighted_tally
from tests.arena.ratings.arenas import connected_votes
from tests.arena.ratings.known_votes import KnownVotes

VOTERS = ("human:anna", "human:ben", "judge:strict")


def cast(rows, choose=lambda n: VOTERS[n % len(VOTERS)]):
    return KnownVotes([(a, b, winner, choose(n)) for n, (a, b, winner) in enumerate(rows)])


def test_what_is_said_of_a_voter_stands_before_what_is_said_of_the_kind():
    options = RatingOptions(
        kind_weights={"human": 2.0, "judge": 0.5}, voter_weights={"human:anna": 3.0, "strict": 0.0}
    )
    assert voter_weights(VOTERS, options).tolist() == [3.0, 2.0, 0.0]
    assert voter_weights(VOTERS, options, {"human:ben": 0.25}).tolist() == [3.0, 0.5, 0.0]
    asked = RatingOptions(voter_weights={"human:cleo": 2.0, "ben": 1.0}, kind_weights={"simulated": 0.5})
    assert unmet(VOTERS, asked) == ("human:cleo", "simulated")


def test_a_kind_there_is_not_and_votes_that_all_weigh_nothing_are_refused():
    with pytest.raises(InvalidInput, match="no kind of voter 'humans'"):
        voter_weights(VOTERS, RatingOptions(kind_weights={"humans": 1.0}))
    with pytest.raises(InvalidInput, match="Every vote weighs 0"):
        voter_weights(VOTERS, RatingOptions(kind_weights={"human": 0.0, "judge": 0.0}))


@given(rows=connected_votes())
@settings(max_examples=30)
def test_votes_that_all_weigh_one_are_the_votes(rows):
    votes = cast(rows)
    table, plain = weighted_tally(votes.grouped("voter"), np.ones(len(VOTERS))), tally(votes.counts())
    assert table.names == plain.names and table.votes == plain.votes
    for field in ("wins", "ties"):
        assert np.array_equal(getattr(table, field), getattr(plain, field))
    p = np.full(plain.wins.shape, 0.3)
    np.fill_diagonal(p, 0.5)
    np.testing.assert_allclose(table.squares(p), plain.squares(p))


@pytest.mark.parametrize("method", ["bt", "rao_kupper", "davidson"])
@given(rows=connected_votes(), weight=st.floats(0.1, 20.0))
@settings(max_examples=30)
def test_the_unit_of_weights_changes_neither_a_rating_nor_an_interval(method, rows, weight):
    plain = rate(cast(rows), RatingOptions(method))
    scaled = rate(cast(rows), RatingOptions(method, kind_weights={"human": weight, "judge": weight}))
    np.testing.assert_allclose(scaled.ratings, plain.ratings, rtol=1e-5)
    for one, other in ((scaled.lower, plain.lower), (scaled.upper, plain.upper)):
        narrow = np.isfinite(other) & ~plain.provisional & np.array([not note for note in plain.notes])
        np.testing.assert_allclose(one[narrow], other[narrow], rtol=1e-4, atol=0.5)
    assert scaled.votes == plain.votes


@pytest.mark.parametrize("method", ["bt", "rao_kupper", "davidson"])
@given(rows=connected_votes())
@settings(max_examples=30)
def test_a_vote_of_weight_three_moves_ratings_as_three_votes_do_and_is_less_sure(method, rows):
    thrice = [row for n, row in enumerate(rows) for _ in range(3 if n % 3 == 0 else 1)]
    weighted = rate(cast(rows), RatingOptions(method, voter_weights={"human:anna": 3.0}))
    repeated = rate(cast(thrice), RatingOptions(method))
    np.testing.assert_allclose(weighted.ratings, repeated.ratings, rtol=1e-6, atol=1e-3)
    assert weighted.votes == len(rows) and repeated.votes == len(thrice)
    if not repeated.provisional.any():
        wide, narrow = (np.diag(found.covariance) for found in (weighted, repeated))
        assert wide.sum() >= narrow.sum() * (1 - 1e-6)


@given(rows=connected_votes())
@settings(max_examples=30)
def test_a_voter_of_weight_zero_might_as_well_not_have_voted(rows):
    votes = cast(rows)
    without = KnownVotes([row for row in votes.rows if row[3] != "judge:strict"])
    weighted = rate(votes, RatingOptions(kind_weights={"judge": 0.0}))
    plain = rate(without, RatingOptions())
    assert weighted.names == plain.names and weighted.votes == plain.votes
    np.testing.assert_allclose(weighted.ratings, plain.ratings, atol=1e-6)
    gone = len(votes.rows) - len(without.rows)
    assert weighted.remarks == ((f"{gone} votes weigh 0 and are left out.",) if gone else ())


def test_weights_that_voters_have_earned_are_used_and_said():
    rows = [("a", "b", w, v) for w in ("model_a", "model_b", "tie") for v in VOTERS[:2]] + [
        ("a", "b", "model_a", "human:anna")
    ] * 3
    from arena.types import Winner

    votes = KnownVotes([(a, b, Winner(w), v) for a, b, w, v in rows], {"human:anna": 1.5, "human:ben": 0.0})
    rated = rate(votes, RatingOptions(weighting="reliability"))
    anna = KnownVotes([row for row in votes.rows if row[3] == "human:anna"])
    np.testing.assert_allclose(rated.ratings, bradley_terry.fit(anna.counts()).ratings)
    assert "from 0.00 to 1.50 a vote" in rated.remarks[-1]


def test_a_weight_for_a_voter_without_a_vote_is_said():
    rated = rate(cast([("a", "b", w) for w in _outcomes()]), RatingOptions(voter_weights={"human:zoe": 2.0}))
    assert rated.remarks == ("No vote of 'human:zoe' is among these, so its weight changes nothing.",)


def _outcomes():
    from arena.types import Winner

    return [Winner.MODEL_A, Winner.MODEL_B, Winner.TIE]
