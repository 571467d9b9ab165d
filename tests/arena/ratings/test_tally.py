import pytest
from hypothesis import given

from arena.errors import InvalidInput
from arena.ratings.columns import from_votes, pair_counts
from arena.ratings.tally import tally
from arena.types import PairCount, Winner
from tests.arena.ratings.arenas import Votes, votes


def test_both_orders_of_a_pair_are_summed_and_unvoted_models_left_out():
    table = tally(
        [PairCount("b", "a", 3, 1, 1, 1), PairCount("a", "b", 2, 0, 0, 1), PairCount("a", "c", 0, 0, 0, 0)]
    )
    assert table.names == ("a", "b")
    assert table.wins.tolist() == [[0, 3], [3, 0]]
    assert table.ties.tolist() == [[0, 3], [3, 0]]
    assert table.points.tolist() == [[0, 4.5], [4.5, 0]]


@given(votes())
def test_points_equal_a_count_by_hand(rows: Votes):
    table = tally(pair_counts(from_votes(rows)))
    points = dict.fromkeys(((a, b) for a in table.names for b in table.names), 0.0)
    for a, b, winner in rows:
        score = {Winner.MODEL_A: 1.0, Winner.MODEL_B: 0.0}.get(winner, 0.5)
        points[a, b] += score
        points[b, a] += 1.0 - score
    assert table.points.ravel().tolist() == list(points.values())


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (PairCount("a", "b", 1, -1, 0, 0), "'a' and 'b' has a negative count"),
        (PairCount("a", "a", 1, 1, 0, 0), "'a' with itself"),
    ],
)
def test_counts_that_cannot_be_are_refused(count: PairCount, says: str):
    with pytest.raises(InvalidInput, match=says):
        tally([count])
