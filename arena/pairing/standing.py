"""What pairing knows: votes between models, how strong they seem, and how unsure that is.

Pairing starts where a board cannot: with models nobody has voted on. Ratings here are therefore those of a normal
prior around the average model, as wide as one tie with it is weak, so that every rating and every variance is finite
from the first battle on. With a few votes a model they are those of the board; they are never shown.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings.intervals import Z95, chances, laplacian
from arena.ratings.rated import POINTS, Floats
from arena.ratings.tally import tally
from arena.types import PairCount

PRECISION = 0.25
"""Precision of the prior on a rating in log-odds: the curvature of one tie, a deviation of 347 points."""

_STEPS = 100
_TOLERANCE = 1e-6
_LONGEST = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Votes and what follows of them; matrices are of shape (models, models), in the order of `names`.

    `votes` is symmetric and may hold votes that are only expected. `ratings` and `covariance` are in log-odds, of
    ratings less their mean. `dispersion` is how much a vote varies, as a share of what a coin toss without ties does.
    """

    names: tuple[str, ...]
    votes: Floats
    ratings: Floats
    covariance: Floats
    dispersion: float

    @property
    def total(self) -> float:
        """Return the number of votes."""
        return float(self.votes.sum()) / 2.0

    @property
    def uncertainty(self) -> Floats:
        """Return `p (1 - p)` of every pair: what one vote tells, as Fisher information in log-odds."""
        p = chances(self.ratings)
        return p * p.T

    def half_widths(self) -> Floats:
        """Return half the expected width of each model's 95 % interval, in points, shape (models,)."""
        return Z95 * POINTS * np.sqrt(self.dispersion * np.diag(self.covariance))

    def places(self, names: Collection[str]) -> npt.NDArray[np.intp]:
        """Return where `names` stand, ascending.

        Raises:
            InvalidInput: one of them is not among the models.
        """
        found = np.array([i for i, name in enumerate(self.names) if name in names], dtype=np.intp)
        if len(found) < len(set(names)):
            unknown = min(set(names) - set(self.names))
            raise InvalidInput(f"Pairing does not know the model {unknown!r}: name it with the others.")
        return found

    def expecting(self, more: Floats) -> "Standing":
        """Return the standing once `more` votes (symmetric) have come in that say what the ratings say."""
        votes = self.votes + more
        covariance = _covariance(votes * self.uncertainty)
        return Standing(self.names, votes, self.ratings, covariance, self.dispersion)

    def expecting_one(self, first: int, second: int) -> "Standing":
        """Return the standing after one more vote on a pair, by a rank-one update (J. Sherman, W. Morrison, 1950)."""
        votes = self.votes.copy()
        votes[first, second] += 1.0
        votes[second, first] += 1.0
        gap = self.covariance[:, first] - self.covariance[:, second]
        p = 1.0 / (1.0 + np.exp(self.ratings[second] - self.ratings[first]))
        told = p * (1.0 - p)
        covariance = self.covariance - np.outer(gap, gap) * (told / (1.0 + told * (gap[first] - gap[second])))
        return Standing(self.names, votes, self.ratings, covariance, self.dispersion)


def standing(
    counts: Sequence[PairCount], names: Collection[str] = (), start: Standing | None = None
) -> Standing:
    """Return the standing of the models of `counts` and of `names`, sorted by name.

    `start` is an earlier standing whose ratings the search begins from; it only saves time.

    Raises:
        InvalidInput: a count is negative or of a model against itself.
    """
    table = tally(counts)
    everyone = tuple(sorted({*names, *table.names}))
    place = {name: i for i, name in enumerate(everyone)}
    voted = np.array([place[name] for name in table.names], dtype=np.intp)
    points = np.zeros((len(everyone), len(everyone)))
    points[np.ix_(voted, voted)] = table.points
    ratings = np.zeros(len(everyone))
    if start is not None:
        before = dict(zip(start.names, start.ratings.tolist(), strict=True))
        ratings = np.array([before.get(name, 0.0) for name in everyone])
    ratings = _most_likely(points, ratings)
    votes = points + points.T
    p = chances(ratings)
    told = votes * p * p.T
    seen = float(table.squares(p[np.ix_(voted, voted)]).sum())
    dispersion = (seen + 1.0) / (float(told.sum()) + 1.0)
    return Standing(everyone, votes, ratings - _mean(ratings), _covariance(told), dispersion)


def drops(now: Standing, wanted: npt.NDArray[np.intp] | None = None) -> Floats:
    """Return by how much one more vote on each pair lowers the sum of standard errors of the `wanted` models.

    Errors are those of ratings less the mean of the wanted ones, so that nobody waits for models that never meet again.
    A vote on (i, j) takes `c g g'` off the covariance V, with `g = V (e_i - e_j)`, `q = p (1 - p)` and
    `c = q / (1 + q g'(e_i - e_j))`. The two models of the pair are reckoned exactly,
    `sqrt(V_kk) - sqrt(V_kk - c g_k^2)`; of all others the first-order term `c g_k^2 / (2 sqrt(V_kk))` is taken, which
    makes all pairs one product of matrices. Shape (models, models), symmetric, in log-odds, zero on the diagonal.
    """
    covariance = _about(now, wanted)
    variance = np.maximum(np.diag(covariance), 1e-300)
    errors = np.sqrt(variance)
    counted = np.zeros(len(errors))
    counted[slice(None) if wanted is None else wanted] = 1.0
    product = (covariance * (counted / errors)) @ covariance.T
    gap = variance[:, None] + variance[None, :] - 2.0 * covariance
    told = now.uncertainty
    scale = told / (1.0 + told * np.maximum(gap, 0.0))
    others = 0.5 * scale * (np.diag(product)[:, None] + np.diag(product)[None, :] - 2.0 * product)
    taken = np.minimum(scale * (variance[:, None] - covariance) ** 2, variance[:, None])
    left = np.sqrt(variance[:, None] - taken)
    own = counted[:, None] * (taken / (errors[:, None] + left) - taken / (2.0 * errors[:, None]))
    found = others + own + own.T
    np.fill_diagonal(found, 0.0)
    return np.maximum(found, 0.0)


def mean_half_width(now: Standing, wanted: npt.NDArray[np.intp] | None = None) -> float:
    """Return half the mean expected width of the 95 % intervals of the `wanted` models about their mean, in points."""
    variance = np.diag(_about(now, wanted))[slice(None) if wanted is None else wanted]
    return Z95 * POINTS * sqrt(now.dispersion) * float(np.sqrt(variance).mean())


def _most_likely(points: Floats, ratings: Floats) -> Floats:
    """Return the mode of the posterior by Newton's method with bounded steps; it is log-concave."""
    votes = points + points.T
    for _ in range(_STEPS):
        p = chances(ratings)
        gradient = (points * p.T - points.T * p).sum(axis=1) - PRECISION * ratings
        curvature = laplacian(votes * p * p.T) + PRECISION * np.eye(len(ratings))
        step = np.linalg.solve(curvature, gradient)
        furthest = float(np.abs(step).max(initial=0.0))
        ratings = ratings + step * min(1.0, _LONGEST / furthest if furthest else 1.0)
        if furthest < _TOLERANCE:
            return ratings
    raise InvalidInput(f"The ratings that pairing goes by did not settle in {_STEPS} steps.")


def _covariance(told: Floats) -> Floats:
    """Return the covariance of ratings less their mean, for the information `told` of each pair."""
    if not len(told):
        return told
    full = np.linalg.inv(laplacian(told) + PRECISION * np.eye(len(told)))
    centred = full - full.mean(axis=0)
    return np.asarray(centred - centred.mean(axis=1)[:, None])


def _about(now: Standing, wanted: npt.NDArray[np.intp] | None) -> Floats:
    """Return the covariance of ratings less the mean of the `wanted` ones."""
    if wanted is None or len(wanted) == len(now.names):
        return now.covariance
    centred = now.covariance - now.covariance[wanted].mean(axis=0)
    return np.asarray(centred - centred[:, wanted].mean(axis=1)[:, None])


def _mean(ratings: Floats) -> float:
    return float(ratings.mean()) if len(ratings) else 0.0
