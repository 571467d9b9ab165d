"""Bradley-Terry fitted again and again to votes that change a little: dense, warm-started, and never without an answer.

A trace of a prior keeps every rating finite, so that votes can be taken away until a model has no loss left: its rating
then goes as far up as the trace lets it, which is the limit that the likelihood has. Beside any real votes the
trace cannot be seen (a ten-thousandth of one tie with an average model).
"""

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings.intervals import chances, laplacian

Floats = npt.NDArray[np.float64]

TRACE = 1e-4
"""Ties with an average model that each model counts beside its votes."""
_STEPS = 200
_LONGEST = 4.0
"""No step moves a rating further, in log-odds."""
_SAFE = 0.5
"""Shorter steps are taken as they are."""


def refit(points: Floats, start: Floats | None = None, *, prior: float = TRACE) -> Floats:
    """Return the ratings of mean zero, (models,) in log-odds, that maximise the likelihood with its prior ties.

    `points[i, j]` is what i took from j, a tie being a half each way. Newton's method from `start`, large steps halved
    where they overshoot, until a step moves no rating by more than 1e-6; what is then left is of the order of 1e-12.
    """
    ratings = np.zeros(len(points)) if start is None else start.copy()
    votes = points + points.T
    for _ in range(_STEPS if len(points) else 0):
        p = chances(ratings)
        gradient = (points * p.T - points.T * p).sum(axis=1) - prior * 0.5 * np.tanh(ratings / 2.0)
        step = np.linalg.solve(_curvature(votes, p, ratings, prior), gradient)
        longest = float(np.abs(step).max(initial=0.0))
        if longest > _SAFE:
            step *= min(1.0, _LONGEST / longest)
            step = _halved(points, ratings, step, prior)
        ratings = ratings + step
        if float(np.ptp(step)) < 1e-6:
            return np.asarray(ratings - ratings.mean(), dtype=np.float64)
    if not len(points):
        return ratings
    raise InvalidInput(f"The ratings of {len(points)} models did not settle in {_STEPS} steps.")


def _halved(points: Floats, ratings: Floats, step: Floats, prior: float) -> Floats:
    """Return `step`, or so much of it that the likelihood does not fall."""
    before = _likelihood(points, ratings, prior)
    for _ in range(60):
        if _likelihood(points, ratings + step, prior) >= before - 1e-12 * abs(before):
            break
        step = step / 2.0
    return np.asarray(step, dtype=np.float64)


def inverse(votes: Floats, ratings: Floats, prior: float = TRACE) -> Floats:
    """Return the inverse curvature of the likelihood at `ratings`; what it says of differences of ratings is right."""
    return np.asarray(np.linalg.inv(_curvature(votes, chances(ratings), ratings, prior)), dtype=np.float64)


def _curvature(votes: Floats, p: Floats, ratings: Floats, prior: float) -> Floats:
    even = 1.0 / (1.0 + np.exp(-np.abs(ratings)))
    return laplacian(votes * p * p.T) + np.diag(prior * even * (1.0 - even))


def _likelihood(points: Floats, ratings: Floats, prior: float) -> float:
    behind = ratings[None, :] - ratings[:, None]
    tied = np.logaddexp(0.0, ratings) + np.logaddexp(0.0, -ratings)
    return -float((points * np.logaddexp(0.0, behind)).sum()) - prior / 2.0 * float(tied.sum())
