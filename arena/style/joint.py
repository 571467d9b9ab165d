"""Ratings and the weights of style in one likelihood, from rows of votes; everything here is in log-odds.

`logit P(a beats b) = r_a - r_b + x . c`, x being the style of a against b. Bradley-Terry is the case without x, and
its counts would do; with x every battle is different, so the sums run over rows, a few additions each.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.integer]

_STEPS = 100
_TOLERANCE = 1e-10
_SAME = 1e-9
"""A covariate with less than this share of its information left says nothing of its own."""
_TABLE = 4_000_000
"""Numbers in a table of groups that are summed at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Votes to be explained; arrays are of shape (rows,).

    `a` and `b` are places of models among `models`, `x` (rows, covariates) the style of a against b, `y` in [0, 1] the
    outcome for a, `weight` the sum of the weights of the row's votes and `square` that of their squares.
    """

    models: int
    a: Places
    b: Places
    x: Floats
    y: Floats
    weight: Floats
    square: Floats

    def odds(self, ratings: Floats, slopes: Floats) -> Floats:
        """Return the log-odds that a wins."""
        return ratings[self.a] - ratings[self.b] + self.x @ slopes

    def gradient(self, values: Floats) -> Floats:
        """Return `sum of values z` with z = (e_a - e_b, x), shape (models + covariates,)."""
        return np.concatenate([self._sides(values), self.x.T @ values])

    def outer(self, values: Floats) -> Floats:
        """Return `sum of values z z'`, shape (models + covariates, models + covariates)."""
        size, covariates = self.models, self.x.shape[1]
        pairs = np.bincount(self.a * np.int64(size) + self.b, values, minlength=size * size)
        between = pairs.reshape(size, size)
        between = between + between.T
        cross = np.empty((size, covariates))
        for place in range(covariates):
            cross[:, place] = self._sides(values * self.x[:, place])
        own = self.x.T @ (self.x * values[:, None])
        return np.block([[np.diag(between.sum(axis=1)) - between, cross], [cross.T, own]])

    def _sides(self, values: Floats) -> Floats:
        return np.asarray(
            np.bincount(self.a, values, minlength=self.models)
            - np.bincount(self.b, values, minlength=self.models),
            dtype=np.float64,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The maximum: `ratings` (models,) of mean zero, `slopes` (covariates,), and `hessian` there (all, all)."""

    ratings: Floats
    slopes: Floats
    hessian: Floats


def fit(design: Design, *, ridge: float, start: tuple[Floats, Floats] | None = None) -> Fitted:
    """Maximise the likelihood less `ridge / 2` times the squares of the slopes, by Newton's method with halved steps.

    The models must be joined by points in both directions, or there is no maximum.

    Raises:
        InvalidInput: it did not settle.
    """
    size, covariates = design.models, design.x.shape[1]
    ratings, slopes = (np.zeros(size), np.zeros(covariates)) if start is None else start
    penalty = np.concatenate([np.zeros(size), np.full(covariates, ridge)])
    held = np.zeros((size + covariates, size + covariates))
    held[:size, :size] = 1.0 / max(size, 1)
    best = _likelihood(design, ratings, slopes, ridge)
    for _ in range(_STEPS):
        p = _chance(design.odds(ratings, slopes))
        at = np.concatenate([ratings, slopes])
        gradient = design.gradient(design.weight * (design.y - p)) - penalty * at
        hessian = design.outer(design.weight * p * (1.0 - p)) + np.diag(penalty)
        step = np.linalg.solve(hessian + held, gradient)
        for _ in range(60):
            moved = at + step
            value = _likelihood(design, moved[:size], moved[size:], ridge)
            if value >= best - 1e-12 * abs(best):
                break
            step = step / 2.0
        ratings, slopes, best = moved[:size], moved[size:], value
        if float(np.abs(step).max(initial=0.0)) < _TOLERANCE:
            return Fitted(ratings - ratings.mean(), slopes, hessian)
    raise InvalidInput(
        f"The ratings of {size} models with {covariates} weights of style did not settle in {_STEPS} steps."
    )


def inverse(hessian: Floats, models: int) -> Floats:
    """Return the inverse of a joint Hessian among ratings of sum zero (its only flat direction moves all alike)."""
    flat = np.zeros_like(hessian)
    flat[:models, :models] = 1.0 / models
    return np.asarray(np.linalg.inv(hessian + flat) - flat, dtype=np.float64)


def covariance(design: Design, fitted: Fitted, groups: Places | None = None) -> Floats:
    """Return the sandwich `H^-1 S H^-1` of ratings and slopes, (models + covariates, models + covariates).

    `S` sums `(w (y - p))^2 z z'` over votes, or, with `groups` (the group of each row, numbered from 0), the outer
    squares of each group's summed score times `G / (G - 1)`: K.-Y. Liang, S. Zeger, Longitudinal data analysis using
    generalized linear models (1986).
    """
    bread = inverse(fitted.hessian, design.models)
    p = _chance(design.odds(fitted.ratings, fitted.slopes))
    if groups is None:
        meat = design.outer(design.square * (design.y - p) ** 2)
    else:
        meat = _clustered(design, design.weight * (design.y - p), groups)
    return bread @ meat @ bread


def independent(design: Design) -> npt.NDArray[np.bool_]:
    """Return which covariates (covariates,) say something that neither models nor the covariates before them say."""
    size, covariates = design.models, design.x.shape[1]
    information = design.outer(design.weight)
    kept = np.ones(covariates, dtype=bool)
    for place in range(covariates):
        own = information[size + place, size + place]
        before = [*range(size), *(size + earlier for earlier in range(place) if kept[earlier])]
        towards = information[before, size + place]
        known = np.linalg.lstsq(information[np.ix_(before, before)], towards, rcond=1e-10)[0]
        kept[place] = bool(own > 0 and own - towards @ known > _SAME * own)
    return kept


def _clustered(design: Design, scores: Floats, groups: Places) -> Floats:
    """Sum outer squares of the groups' scores, so many groups at once as make a table of some million numbers."""
    width = design.models + design.x.shape[1]
    order = np.argsort(groups, kind="stable")
    count = int(groups.max(initial=-1)) + 1
    ends = np.searchsorted(groups[order], np.arange(count + 1))
    meat = np.zeros((width, width))
    many = max(1, _TABLE // width)
    for begin in range(0, count, many):
        end = min(begin + many, count)
        rows = order[ends[begin] : ends[end]]
        table = _summed(design, scores[rows], rows, groups[rows] - begin, end - begin)
        meat += table.T @ table
    return meat * (count / max(count - 1, 1))


def _summed(design: Design, scores: Floats, rows: Places, group: Places, groups: int) -> Floats:
    """Return the score of each group, shape (groups, models + covariates)."""
    size, cells = design.models, groups * design.models
    at = group.astype(np.int64) * size
    sides = np.bincount(at + design.a[rows], scores, cells) - np.bincount(at + design.b[rows], scores, cells)
    slopes = [np.bincount(group, scores * column, groups) for column in design.x[rows].T]
    return np.column_stack([sides.reshape(groups, size), *slopes])


def _chance(odds: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(odds / 2.0)), dtype=np.float64)


def _likelihood(design: Design, ratings: Floats, slopes: Floats, ridge: float) -> float:
    odds = design.odds(ratings, slopes)
    found = design.weight @ (design.y * odds - np.logaddexp(0.0, odds))
    return float(found) - ridge / 2.0 * float(slopes @ slopes)
