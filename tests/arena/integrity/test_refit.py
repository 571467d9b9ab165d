import numpy as np
from hypothesis import given, settings

from arena.integrity.refit import refit
from arena.ratings import bradley_terry, columns
from arena.ratings.rated import CENTRE, POINTS
from arena.ratings.tally import tally
from tests.arena.ratings.arenas import connected_votes


@given(connected_votes())
@settings(max_examples=60)
def test_ratings_are_those_of_the_board_but_for_a_trace(votes):
    counts = columns.pair_counts(columns.from_votes(votes))
    board = bradley_terry.fit(counts)
    table = tally(counts)
    assert not board.provisional.any()
    ours = CENTRE + POINTS * refit(table.points)
    np.testing.assert_allclose(ours, board.ratings, atol=0.3)


def test_a_start_from_elsewhere_ends_at_the_same_ratings():
    rng = np.random.default_rng(0)
    points = rng.integers(1, 20, (8, 8)).astype(float)
    np.fill_diagonal(points, 0.0)
    np.testing.assert_allclose(refit(points, rng.normal(0, 3, 8)), refit(points), atol=1e-8)


def test_a_model_without_a_loss_is_far_ahead_and_finite():
    points = np.array([[0.0, 5.0, 5.0], [0.0, 0.0, 3.0], [0.0, 3.0, 0.0]])
    ratings = refit(points)
    assert np.isfinite(ratings).all()
    assert ratings[0] - ratings[1] > 5
    assert abs(ratings[1] - ratings[2]) < 1e-9


def test_a_prior_draws_ratings_towards_each_other():
    points = np.array([[0.0, 30.0], [10.0, 0.0]])
    plain, drawn = refit(points), refit(points, prior=5.0)
    assert plain[0] - plain[1] > drawn[0] - drawn[1] > 0
    np.testing.assert_allclose(plain[0] - plain[1], np.log(3.0), atol=1e-4)
