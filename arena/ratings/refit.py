"""Ratings of many tables of counts over one set of pairs at once: the refits of a bootstrap, simulated arenas.

All tables start from one estimate and share its curvature at first (Newton's method with a fixed matrix: one
factorisation for all, and a step costs one pass over the pairs). Tables that this does not settle quickly get whole
Newton steps of their own, damped as self-concordance asks (F. Bach, Self-concordant analysis for logistic regression,
2010), so that every table ends at its own maximum.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings.likelihood import Likelihood
from arena.ratings.paired import Paired

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-8
"""The largest last step, in log-odds."""

_SHARED_STEPS = 30
_OWN_STEPS = 200
_SHRINKS = 0.4
"""A shared step must be at most this much of the one before."""


@dataclass(frozen=True, slots=True)
class Point:
    """Ratings (..., models) in log-odds, of mean 0 where there is no prior, and the number for ties, (...)."""

    ratings: Floats
    tie: Floats

    def at(self, places: npt.NDArray[np.intp]) -> "Point":
        """Return the points of some tables."""
        return Point(self.ratings[places], self.tie[places])


def curvature(
    paired: Paired, model: Likelihood, at: Point, prior: float, counts: Floats | None = None
) -> Floats:
    """Return minus the second derivatives, (..., models + 1, models + 1), the number for ties last.

    Without a prior the ratings are known up to a constant: there the matrix has the mean's direction added, so that it
    can be inverted and no step moves the mean. Where ties are not fitted their place holds 1.
    """
    size = paired.meetings.size
    counts = paired.counts if counts is None else counts
    d, tie = paired.meetings.gaps(at.ratings), at.tie[..., None]
    by_d, mixed, by_tie = model.curvature(counts[..., 0], counts[..., 1], counts[..., 2], d, tie)
    matrix = np.zeros((*d.shape[:-1], size + 1, size + 1))
    first, second = paired.meetings.first, paired.meetings.second
    matrix[..., first, second] = matrix[..., second, first] = -by_d
    own = -matrix[..., :size, :size].sum(axis=-1)
    places = np.arange(size)
    if prior:
        p = 1.0 / (1.0 + np.exp(-at.ratings))
        matrix[..., places, places] = own + prior * p * (1.0 - p)
    else:
        matrix[..., places, places] = own
        matrix[..., :size, :size] += own.mean(axis=-1)[..., None, None] / size
    if model.ties:
        matrix[..., size, :size] = matrix[..., :size, size] = _gathered(paired, mixed)
        matrix[..., size, size] = by_tie.sum(axis=-1)
    else:
        matrix[..., size, size] = 1.0
    return matrix


def pull(paired: Paired, model: Likelihood, at: Point, prior: float, counts: Floats | None = None) -> Floats:
    """Return the first derivatives, (..., models + 1)."""
    counts = paired.counts if counts is None else counts
    d, tie = paired.meetings.gaps(at.ratings), at.tie[..., None]
    by_d, by_tie = model.pull(counts[..., 0], counts[..., 1], counts[..., 2], d, tie)
    ratings = _gathered(paired, by_d)
    if prior:
        ratings = ratings + prior * (0.5 - 1.0 / (1.0 + np.exp(-at.ratings)))
    return np.concatenate([ratings, by_tie.sum(axis=-1, keepdims=True)], axis=-1)


def _gathered(paired: Paired, of_pairs: Floats) -> Floats:
    """Return the sums over pairs, (..., models): plus at a pair's first model, minus at its second."""
    flat = of_pairs.reshape(-1, of_pairs.shape[-1])
    found: Floats = (paired.incidence @ flat.T).T
    return found.reshape(*of_pairs.shape[:-1], paired.meetings.size)


def settle(paired: Paired, model: Likelihood, start: Point, prior: float = 0.0) -> Point:
    """Return the maximum for `paired.counts` themselves, from near it."""
    found = own_steps(paired, paired.counts[None], model, Point(start.ratings[None], start.tie[None]), prior)
    return Point(found.ratings[0], found.tie[0])


def refit(paired: Paired, tables: Floats, model: Likelihood, start: Point, prior: float = 0.0) -> Point:
    """Return the maximum for each of `tables` (tables, pairs, 3), from the maximum for `paired.counts`.

    Each table must have one: a prior, or points that can be chained from every model to every other.

    Raises:
        InvalidInput: a table did not settle.
    """
    at = Point(np.repeat(start.ratings[None], len(tables), axis=0), np.repeat(start.tie, len(tables)))
    inverse = np.linalg.inv(curvature(paired, model, start, prior))
    moving = np.arange(len(tables))
    before = np.inf
    for _ in range(_SHARED_STEPS):
        every = len(moving) == len(tables)
        now = at if every else at.at(moving)
        gradient = pull(paired, model, now, prior, tables if every else tables[moving])
        after = _moved(model, now, gradient @ inverse)
        size = _distance(after, now, model)
        at.ratings[moving], at.tie[moving] = after.ratings, after.tie
        moving = moving[size > TOLERANCE]
        largest = float(size.max())
        if not moving.size or largest > _SHRINKS * before:
            break
        before = largest
    if moving.size:
        # From the start again: a shared step may have thrown them to where the likelihood is flat.
        again = Point(np.repeat(start.ratings[None], len(moving), axis=0), np.repeat(start.tie, len(moving)))
        own = own_steps(paired, tables[moving], model, again, prior)
        at.ratings[moving], at.tie[moving] = own.ratings, own.tie
    return at


def own_steps(paired: Paired, tables: Floats, model: Likelihood, start: Point, prior: float) -> Point:
    """Return the maximum for each of `tables` by Newton's method with a matrix for each."""
    at = Point(start.ratings.copy(), start.tie.copy())
    moving = np.arange(len(tables))
    for _ in range(_OWN_STEPS):
        now, counts = at.at(moving), tables[moving]
        gradient = pull(paired, model, now, prior, counts)
        matrix = curvature(paired, model, now, prior, counts)
        step: Floats = np.linalg.solve(matrix, gradient[..., None])[..., 0].astype(np.float64)
        longest = np.abs(paired.meetings.gaps(step[..., :-1])).max(axis=-1, initial=0.0)
        longest = np.maximum(longest, np.abs(step[..., -1]) if model.ties else 0.0)
        damping = np.log1p(longest) / np.maximum(longest, 1e-300)
        after = _moved(model, now, step * np.where(longest > 1e-6, damping, 1.0)[:, None])
        size = _distance(after, now, model)
        at.ratings[moving], at.tie[moving] = after.ratings, after.tie
        moving = moving[size > TOLERANCE]
        if not moving.size:
            return at
    raise InvalidInput(
        f"{len(moving)} of {len(tables)} refits of the ratings did not settle in {_OWN_STEPS} steps."
    )


def _moved(model: Likelihood, at: Point, step: Floats) -> Point:
    return Point(at.ratings + step[..., :-1], model.moved(at.tie, step[..., -1]))


def _distance(after: Point, before: Point, model: Likelihood) -> Floats:
    moved = np.abs(after.ratings - before.ratings).max(axis=-1, initial=0.0)
    return np.maximum(moved, np.abs(after.tie - before.tie)) if model.ties else moved
