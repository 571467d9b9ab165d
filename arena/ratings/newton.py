"""The maximum of the Bradley-Terry likelihood, fast: a step costs one solution and no exponential of a matrix.

A whole Newton step surely goes up while no two models move against each other by more than 1.79 in log-odds: the
likelihood is self-concordant in that distance (F. Bach, Self-concordant analysis for logistic regression, 2010,
proposition 1), and there `(exp(R) - R - 1) / R^2 < 1`. Only for wider steps is the likelihood itself looked at.
"""

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import positive

Floats = npt.NDArray[np.float64]

STEPS = 200
LAST_STEP = 1e-7
"""The largest last step, in log-odds: what is left after it is of the order of its square."""
_SURELY_UP = 1.79
_FIRST = 2.0
"""Ratings to begin with lie within this of the middle, where the likelihood is curved well."""
_WIDEST = 600.0
"""Ratings further apart than this are beyond what a strength `exp(r)` holds."""


def maximise(points: Floats, begin: Floats | None = None) -> Floats:
    """Return the ratings of mean zero that maximise the likelihood, (models,) in log-odds.

    `points[i, j]` is what i took from j; chains of points must lead from every model to every other one. `begin` are
    ratings to begin with, close to these.

    Raises:
        InvalidInput: they did not settle, as with ratings hundreds of log-odds apart.
    """
    size = len(points)
    if begin is None:
        begin = np.clip(np.log(points.sum(axis=1)) - np.log(points.sum(axis=0)), -_FIRST, _FIRST)
    ratings = begin - begin.mean()
    for _ in range(STEPS):
        strength = np.exp(ratings)
        shared = 1.0 / (strength[:, None] + strength)
        taken = points * shared
        gradient = taken @ strength - strength * taken.sum(axis=0)
        curvature = taken + taken.T
        for factor in (strength[:, None], shared, strength):
            curvature *= factor
        diagonal = curvature.sum(axis=1)
        np.subtract(diagonal.mean() / size, curvature, out=curvature)
        curvature[np.diag_indices(size)] += diagonal
        step = positive.solve(curvature, gradient)
        step -= step.mean()
        if np.ptp(step) > _SURELY_UP:
            step = _shortened(points, ratings, step)
        ratings = ratings + step
        if np.abs(step).max() < LAST_STEP:
            return ratings - ratings.mean()
        if np.ptp(ratings) > _WIDEST:
            break
    raise InvalidInput(f"The Bradley-Terry ratings of {size} models did not settle in {STEPS} steps.")


def _shortened(points: Floats, ratings: Floats, step: Floats) -> Floats:
    """Return a step at which the likelihood is no lower."""
    best = _likelihood(points, ratings)
    for _ in range(60):
        if _likelihood(points, ratings + step) >= best - 1e-12 * abs(best):
            break
        step = step / 2.0
    return step


def _likelihood(points: Floats, ratings: Floats) -> float:
    return -float((points * np.logaddexp(0.0, ratings[None, :] - ratings[:, None])).sum())
