import numpy as np
import pytest
from hypothesis import given

from arena.errors import InvalidInput
from arena.ratings import columns
from arena.types import PairCount, VoteColumns, Winner
from tests.arena.ratings.arenas import Votes, votes


def of(
    model_a: list[int], model_b: list[int], winner: list[int], names: tuple[str, ...] = ("x", "y")
) -> VoteColumns:
    return VoteColumns(
        names, np.array(model_a, np.int32), np.array(model_b, np.int32), np.array(winner, np.int8)
    )


def test_votes_become_codes_in_the_order_they_were_cast():
    made = columns.from_votes([("b", "a", Winner.TIE), ("a", "c", Winner.BOTH_BAD)], names=["a"])
    assert made.names == ("a", "b", "c")
    assert made.model_a.tolist() == [1, 0]
    assert made.model_b.tolist() == [0, 2]
    assert made.winner.tolist() == [2, 3]
    assert made.winner.dtype == np.int8


def test_no_votes_make_empty_columns_without_counts():
    made = columns.from_votes([])
    assert made.names == () and len(made.winner) == 0
    assert columns.pair_counts(made) == []


def test_a_tie_and_both_bad_are_half_a_point():
    assert columns.scores_of_a(of([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 2, 3])).tolist() == [1.0, 0.0, 0.5, 0.5]


def test_counts_keep_the_sides_apart():
    counts = columns.pair_counts(of([0, 1, 0, 0, 0], [1, 0, 1, 1, 1], [0, 0, 2, 3, 1]))
    assert counts == [PairCount("x", "y", 1, 1, 1, 1), PairCount("y", "x", 1, 0, 0, 0)]


@given(votes())
def test_counts_equal_a_count_by_hand(rows: Votes):
    counts = {(c.model_a, c.model_b): c for c in columns.pair_counts(columns.from_votes(rows))}
    assert sum(c.votes for c in counts.values()) == len(rows)
    for a, b in {(a, b) for a, b, _ in rows}:
        of_pair = [winner for x, y, winner in rows if (x, y) == (a, b)]
        c = counts.pop((a, b))
        assert (c.wins_a, c.wins_b, c.ties, c.both_bad) == tuple(of_pair.count(winner) for winner in Winner)
    assert not counts


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (of([0], [1], [4]), "winner holds the code 4"),
        (of([0], [1], [-1]), "winner holds the code -1"),
        (of([0], [2], [0]), "model_b holds the code 2"),
        (of([-1], [1], [0]), "model_a holds the code -1"),
        (of([0, 1], [1, 1], [0, 0]), "Vote 2 compares 'y' with itself"),
        (of([0, 0], [1], [0]), "2, 1 and 1 rows"),
    ],
)
def test_columns_that_cannot_be_are_refused_not_guessed(bad: VoteColumns, says: str):
    with pytest.raises(InvalidInput, match=says):
        columns.check(bad)
    with pytest.raises(InvalidInput, match=says):
        columns.pair_counts(bad)
