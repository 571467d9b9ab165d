"""The fast maximum is where the likelihood has no slope, however far apart the models are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arena.ratings import newton
from arena.ratings.intervals import chances


def slope(points, ratings):
    p = chances(ratings)
    return (points * p.T - points.T * p).sum(axis=1)


@given(arrays.arrays(np.float64, (5, 5), elements=st.sampled_from([0.5, 1.0, 2.0, 40.0, 3000.0, 1e6])))
def test_points_are_as_many_as_expected_for_every_model_at_the_maximum(points):
    np.fill_diagonal(points, 0.0)
    ratings = newton.maximise(points)
    assert ratings.mean() == pytest.approx(0.0, abs=1e-9)
    assert np.abs(slope(points, ratings)).max() <= 1e-9 * points.sum()


@pytest.mark.parametrize("apart", [1.0, 5.0, 12.0])
def test_a_long_chain_of_unequal_models_settles(apart):
    points = np.zeros((30, 30))
    for i in range(29):
        points[i, i + 1], points[i + 1, i] = np.exp(apart / 2), np.exp(-apart / 2)
    ratings = newton.maximise(points)
    assert -np.diff(ratings) == pytest.approx(apart)


def test_three_wins_and_a_loss_are_the_log_of_three_apart():
    ratings = newton.maximise(np.array([[0.0, 3.0], [1.0, 0.0]]))
    assert ratings[0] - ratings[1] == pytest.approx(np.log(3.0), abs=1e-13)


@given(
    arrays.arrays(np.float64, (4, 4), elements=st.sampled_from([1.0, 2.0, 40.0])),
    st.lists(st.floats(-3, 3), min_size=4, max_size=4),
)
def test_wherever_the_steps_begin_they_end_at_the_same_ratings(points, begin):
    np.fill_diagonal(points, 0.0)
    np.testing.assert_allclose(newton.maximise(points, np.array(begin)), newton.maximise(points), atol=1e-10)
