import numpy as np
import pytest
from hypothesis import given, settings

from arena.ratings import bradley_terry
from arena.ratings.columns import from_votes, pair_counts
from arena.ratings.likelihood import LIKELIHOODS
from arena.ratings.paired import Meetings, Paired, paired
from arena.ratings.rated import CENTRE, POINTS
from arena.ratings.refit import Point, own_steps, pull, refit, settle
from arena.types import PairCount
from tests.arena.ratings.arenas import connected_votes, simulated


def an_arena(models=8, number=600, seed=0) -> Paired:
    counts = pair_counts(simulated(np.linspace(-1.5, 1.5, models), number, np.random.default_rng(seed)))
    return paired(counts, [f"m{i:02d}" for i in range(models)])


def middle(paired: Paired) -> Point:
    return Point(np.zeros(paired.meetings.size), np.array(0.5))


@given(rows=connected_votes())
@settings(max_examples=60)
def test_ratings_of_one_table_are_those_of_the_board(rows):
    counts = pair_counts(from_votes(rows))
    rated = bradley_terry.fit(counts)
    table = paired(counts, rated.names)
    found = settle(table, LIKELIHOODS["bt"], middle(table))
    np.testing.assert_allclose(CENTRE + POINTS * found.ratings, rated.ratings, atol=1e-4)


@pytest.mark.parametrize("method", ["bt", "davidson", "rao_kupper"])
def test_every_table_ends_where_nothing_pulls_any_more(method):
    table, model = an_arena(), LIKELIHOODS[method]
    at = settle(table, model, middle(table))
    drawn = (
        np.random.default_rng(1)
        .multinomial(600, table.counts.ravel() / table.counts.sum(), size=40)
        .reshape(40, -1, 3)
    )
    found = refit(table, drawn.astype(float), model, at)
    left = pull(table, model, found, 0.0, drawn.astype(float))
    assert np.abs(left).max() < 1e-4
    assert np.abs(found.ratings.mean(axis=1)).max() < 1e-9


@pytest.mark.parametrize("method", ["bt", "davidson", "rao_kupper"])
def test_steps_shared_by_all_tables_lead_where_their_own_do(method):
    table, model = an_arena(number=3000), LIKELIHOODS[method]
    at = settle(table, model, middle(table))
    drawn = np.random.default_rng(2).poisson(table.counts, size=(25, *table.counts.shape)).astype(float)
    together = refit(table, drawn, model, at)
    start = Point(np.repeat(at.ratings[None], 25, axis=0), np.repeat(at.tie, 25))
    alone = own_steps(table, drawn, model, start, 0.0)
    np.testing.assert_allclose(together.ratings, alone.ratings, atol=1e-6)
    if model.ties:
        np.testing.assert_allclose(together.tie, alone.tie, atol=1e-6)


def test_a_start_far_away_settles_all_the_same():
    table = Paired(Meetings(2, np.array([0]), np.array([1])), np.array([[9.0, 1.0, 0.0]]))
    far = Point(np.array([12.0, -12.0]), np.array(0.5))
    found = settle(table, LIKELIHOODS["bt"], far)
    assert found.ratings[0] - found.ratings[1] == pytest.approx(np.log(9.0))


def test_a_prior_bounds_a_model_that_only_won():
    table = paired([PairCount("a", "b", 5, 0, 0, 0)], ["a", "b"])
    rated = bradley_terry.fit([PairCount("a", "b", 5, 0, 0, 0)], prior=2.0)
    found = settle(table, LIKELIHOODS["bt"], middle(table), prior=2.0)
    gap = POINTS * (found.ratings[0] - found.ratings[1])
    assert gap == pytest.approx(float(rated.ratings[0] - rated.ratings[1]), abs=1e-4)


def test_pairs_are_summed_over_both_orders_and_strangers_left_out():
    counts = [
        PairCount("b", "a", 3, 1, 2, 1),
        PairCount("a", "b", 4, 0, 0, 0),
        PairCount("a", "c", 9, 9, 9, 9),
    ]
    table = paired(counts, ["a", "b"])
    assert table.counts.tolist() == [[5.0, 3.0, 3.0]]
