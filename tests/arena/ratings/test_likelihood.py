import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.ratings.likelihood import LIKELIHOODS

EVERY = pytest.mark.parametrize("method", list(LIKELIHOODS))
distances = st.floats(-6.0, 6.0)
ties = st.floats(0.05, 3.0)


def chances(method: str, d: float, tie: float) -> tuple[float, float, float]:
    """The three chances as the papers write them; for Bradley-Terry a tie is what half a win and half a loss are."""
    if method == "davidson":
        shares = np.array([np.exp(d / 2), np.exp(-d / 2), np.exp(tie)])
        return tuple(shares / shares.sum())
    theta = np.exp(tie) if method == "rao_kupper" else 1.0
    first, second = 1 / (1 + theta * np.exp(-d)), 1 / (1 + theta * np.exp(d))
    if method == "bt":
        return first, second, np.sqrt(first * second)
    return first, second, 1 - first - second


def total(method: str, votes: tuple[float, float, float], d: float, tie: float) -> float:
    return float(sum(n * np.log(p) for n, p in zip(votes, chances(method, d, tie), strict=True)))


@EVERY
@given(d=distances, tie=ties)
def test_scores_are_the_derivatives_of_the_log_chances(method, d, tie):
    model, step = LIKELIHOODS[method], 1e-6
    by_d, by_tie = model.scores(np.array([d]), np.array([tie]))
    for outcome in range(3):
        one = tuple(float(outcome == k) for k in range(3))
        slope = (total(method, one, d + step, tie) - total(method, one, d - step, tie)) / (2 * step)
        assert float(by_d[outcome][0]) == pytest.approx(slope, abs=1e-5)
        if model.ties:
            slope = (total(method, one, d, tie + step) - total(method, one, d, tie - step)) / (2 * step)
            assert float(np.broadcast_to(by_tie[outcome], 1)[0]) == pytest.approx(slope, abs=1e-4)


@EVERY
@given(d=distances, tie=ties, votes=st.tuples(*[st.integers(0, 9)] * 3))
def test_pull_and_curvature_are_the_derivatives_of_the_likelihood(method, d, tie, votes):
    model, step = LIKELIHOODS[method], 1e-5
    counts = [np.array([float(n)]) for n in votes]

    def pull(d, tie):
        by_d, by_tie = model.pull(*counts, np.array([d]), np.array([tie]))
        return np.array([by_d[0], by_tie[0]])

    scores = model.scores(np.array([d]), np.array([tie]))
    summed = [
        sum(n * float(np.broadcast_to(s, 1)[0]) for n, s in zip(votes, by, strict=True)) for by in scores
    ]
    np.testing.assert_allclose(pull(d, tie), summed, atol=1e-7)
    by_d, mixed, by_tie = (
        float(part[0]) for part in model.curvature(*counts, np.array([d]), np.array([tie]))
    )
    along_d = (pull(d + step, tie) - pull(d - step, tie)) / (2 * step)
    assert -by_d == pytest.approx(along_d[0], abs=1e-5)
    if model.ties:
        along_tie = (pull(d, tie + step) - pull(d, tie - step)) / (2 * step)
        assert -mixed == pytest.approx(along_d[1], abs=1e-5)
        assert -by_tie == pytest.approx(along_tie[1], rel=1e-4, abs=1e-3)


@EVERY
@given(d=distances, tie=ties)
def test_the_two_sides_of_a_pair_are_alike(method, d, tie):
    model = LIKELIHOODS[method]
    here, there = (model.scores(np.array([side]), np.array([tie]))[0] for side in (d, -d))
    np.testing.assert_allclose(here[0], -there[1], atol=1e-12)
    np.testing.assert_allclose(here[2], -there[2], atol=1e-12)
