"""Cholesky's way gives what the general way gives, and where it cannot go the general way does."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arena.ratings import positive


def curvature(size: int, seed: int) -> np.ndarray:
    half = np.random.default_rng(seed).normal(size=(size, size))
    return half @ half.T + np.eye(size)


@given(st.integers(1, 30), st.integers(0, 1000))
def test_a_solution_and_an_inverse_multiply_back(size, seed):
    matrix = curvature(size, seed)
    right = np.arange(size, dtype=float)
    np.testing.assert_allclose(matrix @ positive.solve(matrix, right), right, atol=1e-8)
    found = positive.inverse(matrix)
    np.testing.assert_allclose(matrix @ found, np.eye(size), atol=1e-8)
    assert np.array_equal(found, found.T)


def test_the_matrix_itself_is_left_as_it_was():
    matrix = curvature(5, 3)
    before = matrix.copy()
    positive.solve(matrix, np.ones(5))
    positive.inverse(matrix)
    assert np.array_equal(matrix, before)


def test_a_matrix_that_is_not_positive_is_solved_all_the_same():
    matrix = np.array([[1.0, 2.0], [2.0, 1.0]])
    np.testing.assert_allclose(matrix @ positive.solve(matrix, np.array([3.0, -1.0])), [3.0, -1.0])
    np.testing.assert_allclose(matrix @ positive.inverse(matrix), np.eye(2), atol=1e-12)
