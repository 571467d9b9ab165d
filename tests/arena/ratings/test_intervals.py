import numpy as np
import pytest

from arena.ratings import intervals
from arena.ratings.columns import pair_counts, scores_of_a
from arena.ratings.tally import tally
from arena.types import PairCount
from tests.arena.ratings.arenas import simulated


def by_definition(table, ratings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """H and the sum of squared scores, one vote after another."""
    size = len(table.names)
    bread, meat = np.zeros((size, size)), np.zeros((size, size))
    for a, b, y in zip(table.model_a, table.model_b, scores_of_a(table), strict=True):
        direction = np.zeros(size)
        direction[a], direction[b] = 1.0, -1.0
        p = 1.0 / (1.0 + np.exp(ratings[b] - ratings[a]))
        bread += p * (1.0 - p) * np.outer(direction, direction)
        meat += (y - p) ** 2 * np.outer(direction, direction)
    return bread, meat


def test_the_sandwich_from_counts_equals_the_one_from_votes():
    ratings = np.array([-0.6, 0.1, 0.2, 0.3])
    table = simulated(ratings, 300, np.random.default_rng(0), tie_share=0.5)
    counts = tally(pair_counts(table))
    bread, meat = by_definition(table, ratings)
    weights, p = counts.wins + counts.wins.T + counts.ties, intervals.chances(ratings)
    np.testing.assert_allclose(intervals.bread(weights, p), bread, atol=1e-9)
    inverse = np.linalg.pinv(bread)
    np.testing.assert_allclose(
        intervals.sandwich(counts.wins, counts.ties, ratings), inverse @ meat @ inverse, atol=1e-9
    )


def test_a_tie_weighs_in_the_hessian_like_a_win_and_a_loss_of_half_weight():
    p = intervals.chances(np.array([0.4, -0.4]))
    one_tie = tally([PairCount("a", "b", 0, 0, 1, 0)])
    halves = tally([PairCount("a", "b", 1, 1, 0, 0)]).wins / 2.0
    both = intervals.bread(one_tie.ties, p), intervals.bread(halves + halves.T, p)
    np.testing.assert_allclose(*both)


def test_chances_add_up_and_keep_small_ones_apart():
    p = intervals.chances(np.array([0.0, np.log(3.0), 40.0, -900.0]))
    np.testing.assert_allclose(p + p.T, 1.0)
    assert p[1, 0] == pytest.approx(0.75)
    assert p[0, 2] == pytest.approx(np.exp(-40.0), rel=1e-9)
    assert p[2, 3] == 1.0


def test_losing_everything_to_equals_gives_the_clopper_pearson_end():
    from scipy.stats import beta

    for losses in (1, 5, 40):
        end = intervals.highest_loser(np.array([losses / 2.0, losses / 2.0]), np.array([0.3, 0.3]))
        share = 1.0 / (1.0 + np.exp(0.3 - end))
        assert share == pytest.approx(beta.ppf(0.975, 1, losses), abs=1e-9)


def test_without_a_loss_there_is_no_upper_end():
    assert intervals.highest_loser(np.zeros(2), np.zeros(2)) == np.inf
