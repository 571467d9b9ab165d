import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.ratings.ranks import joint, normal, of_intervals

ends = st.lists(st.tuples(st.floats(-9, 9), st.floats(0, 5)), min_size=1, max_size=12)


@given(ends=ends)
def test_ranks_of_intervals_count_those_that_lie_wholly_above_or_below(ends):
    lower = np.array([low for low, _ in ends])
    upper = lower + np.array([width for _, width in ends])
    found = of_intervals(lower, upper)
    for i in range(len(ends)):
        assert found.best[i] == 1 + (lower > upper[i]).sum()
        assert found.worst[i] == len(ends) - (upper < lower[i]).sum()


def test_open_ends_leave_every_rank_open():
    found = of_intervals(np.array([-np.inf, 0.0, 5.0]), np.array([np.inf, 1.0, 6.0]))
    assert (found.best.tolist(), found.worst.tolist()) == ([1, 2, 1], [3, 3, 2])


def test_far_apart_models_have_one_rank_each():
    found = joint(np.array([300.0, 0.0, -300.0]), np.diag([9.0, 9.0, 9.0]), np.random.default_rng(0))
    assert found.best.tolist() == found.worst.tolist() == [1, 2, 3]


def test_a_joint_rank_interval_is_wider_than_pairs_by_themselves_would_give():
    ratings, covariance = np.linspace(0, 24, 9), np.eye(9) * 16.0
    found = joint(ratings, covariance, np.random.default_rng(1))
    apart = (ratings[:, None] - ratings[None, :]) / np.sqrt(32.0) > 1.96
    assert (found.best <= 1 + apart.sum(axis=0)).all()
    assert (found.worst >= 9 - apart.sum(axis=1)).all()
    assert (found.worst - found.best).sum() > (8 - apart.sum(axis=0) - apart.sum(axis=1)).sum()


def test_order_of_models_does_not_matter():
    rng = np.random.default_rng(2)
    ratings, root = rng.normal(0, 40, 6), rng.normal(0, 4, (6, 6))
    covariance, turn = root @ root.T + np.eye(6), np.array([3, 0, 5, 1, 4, 2])
    one = joint(ratings, covariance, np.random.default_rng(3))
    two = joint(ratings[turn], covariance[np.ix_(turn, turn)], np.random.default_rng(3))
    assert np.abs(one.best[turn] - two.best).max() <= 1
    assert np.abs(one.worst[turn] - two.worst).max() <= 1


def test_an_anchor_without_spread_still_has_a_rank():
    covariance = np.zeros((3, 3))
    covariance[1:, 1:] = np.diag([25.0, 25.0])
    found = joint(np.array([0.0, 100.0, 2.0]), covariance, np.random.default_rng(4))
    assert (found.best.tolist(), found.worst.tolist()) == ([2, 1, 2], [3, 1, 3])


def test_draws_have_the_covariance_they_were_asked_for():
    covariance = np.array([[4.0, -4.0], [-4.0, 4.0]])
    drawn = normal(covariance, 20_000, np.random.default_rng(5))
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), covariance, atol=0.2)
    assert drawn[:, 0] == pytest.approx(-drawn[:, 1], abs=1e-6)
