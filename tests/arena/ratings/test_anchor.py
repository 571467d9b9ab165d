import numpy as np
import pytest
from hypothesis import given, settings

from arena.errors import InvalidInput
from arena.ratings import bradley_terry, columns, elo
from arena.ratings.anchor import anchored
from arena.ratings.intervals import Z95
from arena.types import PairCount, Winner
from tests.arena.ratings.arenas import connected_votes, simulated


@given(rows=connected_votes())
@settings(max_examples=40)
def test_the_anchor_stands_where_it_is_told_and_distances_stay(rows):
    free = bradley_terry.fit(columns.pair_counts(columns.from_votes(rows)))
    held = anchored(free, free.names[0], 1500.0)
    assert (held.ratings[0], held.lower[0], held.upper[0]) == (1500.0, 1500.0, 1500.0)
    np.testing.assert_allclose(np.diff(held.ratings), np.diff(free.ratings), atol=1e-9)


def test_an_interval_is_that_of_the_distance_to_the_anchor():
    votes = simulated([0.4, 0.0, -0.4, 0.1], 500, np.random.default_rng(1))
    free = bradley_terry.fit(columns.pair_counts(votes))
    held = anchored(free, "m02", 1000.0)
    for place in (0, 1, 3):
        e = np.zeros(4)
        e[place], e[2] = 1.0, -1.0
        assert held.upper[place] - held.ratings[place] == pytest.approx(
            Z95 * np.sqrt(e @ free.covariance @ e)
        )
    assert held.covariance[2].tolist() == [0.0] * 4


def test_the_choice_of_anchor_changes_no_difference_nor_its_variance():
    votes = simulated([0.4, 0.0, -0.4, 0.1], 500, np.random.default_rng(2))
    free = bradley_terry.fit(columns.pair_counts(votes))
    for name in free.names:
        held = anchored(free, name, 1000.0)
        for found in (free, held):
            variance = found.covariance[0, 0] + found.covariance[1, 1] - 2.0 * found.covariance[0, 1]
            assert variance == pytest.approx(
                free.covariance[0, 0] + free.covariance[1, 1] - 2 * free.covariance[0, 1]
            )
    twice = anchored(anchored(free, "m01", 1200.0), "m03", 1000.0)
    once = anchored(free, "m03", 1000.0)
    np.testing.assert_allclose(twice.ratings, once.ratings)
    np.testing.assert_allclose(twice.covariance, once.covariance, atol=1e-9)


def test_the_intervals_of_elo_shrink_to_those_of_the_distance_too():
    votes = simulated([0.6, 0.0, -0.6], 800, np.random.default_rng(3))
    free = elo.fit(votes, np.random.default_rng(0))
    held = anchored(free, "m01", 1000.0)
    assert held.draws is not None and free.draws is not None
    np.testing.assert_allclose(held.draws[:, 0], free.draws[:, 0] - free.draws[:, 1] + 1000.0)
    spread = np.std(held.draws[:, 0]) / np.std(free.draws[:, 0])
    half = (held.upper[0] - held.lower[0]) / (free.upper[0] - free.lower[0])
    assert half == pytest.approx(spread, rel=0.01)


def test_a_model_with_an_open_end_keeps_it_and_cannot_be_the_anchor():
    free = bradley_terry.fit([PairCount("a", "b", 4, 3, 1, 0), PairCount("best", "a", 3, 0, 0, 0)])
    held = anchored(free, "a", 1100.0)
    best = held.names.index("best")
    assert np.isinf(held.upper[best]) and np.isfinite(held.lower[best])
    with pytest.raises(InvalidInput, match="'best' cannot hold the others: no loss or tie yet"):
        anchored(free, "best", 1000.0)
    with pytest.raises(InvalidInput, match="'nobody' has no vote"):
        anchored(free, "nobody", 1000.0)


def test_a_model_with_only_ties_keeps_its_wide_interval_beside_the_anchors():
    rows = [("a", "b", Winner.MODEL_A), ("a", "b", Winner.MODEL_B)] * 20 + [("a", "even", Winner.TIE)] * 2
    free = bradley_terry.fit(columns.pair_counts(columns.from_votes(rows)))
    held = anchored(free, "b", 1000.0)
    even = free.names.index("even")
    assert held.upper[even] - held.lower[even] >= free.upper[even] - free.lower[even]
