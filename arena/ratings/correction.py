"""How a judge's votes move people's points, and what that does to the variance of ratings: what all ways share.

Notation: battle i has c_i votes of people with Y_i points for its first model, and the judge's outcome f_i. L are the
battles people voted on, B those of them that the judge voted on, U those with the judge's vote alone. Whatever is added
to people's points has the expectation 0 where B is a random draw: `stratified.py` within pairs, `pooled.py` among all.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.ratings.intervals import bread, chances, invert, laplacian
from arena.ratings.joint import JointCounts
from arena.ratings.rated import Floats

STEEPEST = 2.0
"""The largest lambda: a judge that nearly always says tie is not blown up beyond this."""
_FARTHEST = 20.0
"""Log-odds between two models beyond which a solution is taken for one at infinity."""
_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Meat:
    """The middle of the sandwich, `people - 2 lambda both + lambda^2 judge`; each is of shape (models, models)."""

    people: Floats
    both: Floats
    judge: Floats

    def at(self, weight: float) -> Floats:
        """Return the middle of the sandwich at a lambda."""
        return self.people - 2.0 * weight * self.both + weight**2 * self.judge

    def best(self, inverse: Floats) -> float:
        """Return the lambda from 0 to `STEEPEST` that makes the sum of the ratings' variances least."""
        squared = inverse @ inverse
        slope, curve = float((squared * self.both).sum()), float((squared * self.judge).sum())
        return min(max(slope / curve, 0.0), STEEPEST) if self.varies else 0.0

    @property
    def varies(self) -> bool:
        """Return whether the judge says different things of the battles of a stratum, beyond rounding."""
        return float(np.trace(self.judge)) > 1e-12 * float(np.trace(self.people))


class Correction(ABC):
    """The battles between models of one group of finite ratings; all ratings are in log-odds.

    `usable` is how many of the `shared` battles have others of the judge's to be compared with.
    """

    usable: int

    def __init__(self, counts: JointCounts) -> None:
        """Sum up; each model of `counts.names` must have a vote of people."""
        self.size = len(counts.names)
        self._counts = counts
        voted, judged = counts.votes > 0, ~np.isnan(counts.verdict)
        self._both, self._only = voted & judged, judged & ~voted
        self._verdict = np.where(judged, counts.verdict, 0.0)
        self.shared = round(float(counts.battles[self._both].sum()))
        self.further = round(float(counts.battles[self._only].sum()))
        self._cast_on = self._symmetric(counts.votes * counts.battles)
        self._points = self._matrix(
            counts.points * counts.battles, (counts.votes - counts.points) * counts.battles
        )

    @property
    @abstractmethod
    def moves(self) -> Floats:
        """Return what lambda 1 adds to what row took from column, (models, models)."""

    @abstractmethod
    def meat(self, ratings: Floats, *, without_end: bool = False) -> Meat:
        """Return the middle of the sandwich; `without_end` as if the judge had voted on battles without end."""

    def solve(self, start: Floats, weight: float) -> Floats | None:
        """Return the ratings of mean 0 that fit the points moved by `weight`; `None` where they are not finite."""
        moves = self.moves
        return newton(self._points + weight * (moves - moves.T), self._cast_on, start)

    def inverse(self, ratings: Floats) -> Floats:
        """Return the inverse of the Hessian among ratings of mean 0, (models, models)."""
        return invert(bread(self._cast_on, chances(ratings)))

    def contrast(self) -> Floats:
        """Return what the judge's verdicts would move each model's points by at lambda 1, (models,)."""
        moves = self.moves
        pulls: Floats = (moves - moves.T).sum(axis=1)
        return pulls

    def _own(self, ratings: Floats) -> Floats:
        """Return what people's votes on each battle pull, `Y - c p`."""
        counts = self._counts
        return counts.points - counts.votes * chances(ratings)[counts.model_a, counts.model_b]

    def _matrix(self, of_first: Floats, of_second: Floats) -> Floats:
        a, b = self._counts.model_a, self._counts.model_b
        return self._at(a, b, of_first) + self._at(b, a, of_second)

    def _symmetric(self, values: Floats) -> Floats:
        return self._matrix(values, values)

    def _at(self, rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32], values: Floats) -> Floats:
        cells = rows.astype(np.intp) * self.size + columns
        sums: Floats = np.bincount(cells, weights=values, minlength=self.size**2).astype(np.float64)
        return sums.reshape(self.size, self.size)

    def _outer(self, one: Floats, other: Floats) -> Floats:
        """Return the sum over clusters of the outer products of two pulls, (models, models)."""
        counts = self._counts
        if counts.cluster is None:
            return laplacian(self._symmetric(one * other * counts.battles))
        product: Floats = np.asarray((self._pulls(one).T @ self._pulls(other)).todense())
        return product

    def _pulls(self, pull: Floats) -> Any:
        from scipy.sparse import coo_matrix

        counts = self._counts
        pulled = pull * counts.battles
        rows = np.concatenate([counts.cluster, counts.cluster])
        columns = np.concatenate([counts.model_a, counts.model_b])
        shape = (int(rows.max()) + 1, self.size)
        return coo_matrix((np.concatenate([pulled, -pulled]), (rows, columns)), shape=shape).tocsr()


def newton(points: Floats, votes: Floats, start: Floats) -> Floats | None:
    """Return the Bradley-Terry ratings of mean 0 that fit `points`, (models, models); `None` where none are finite.

    The likelihood is concave whatever the points, even below 0 or beyond the `votes`.
    """
    ratings: Floats = start - start.mean()
    for _ in range(_STEPS):
        p = chances(ratings)
        step = invert(bread(votes, p)) @ (points * p.T - points.T * p).sum(axis=1)
        ratings = ratings + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        if not np.isfinite(ratings).all() or np.ptp(ratings) > _FARTHEST + np.ptp(start):
            return None
        if float(np.abs(step).max()) < 1e-11:
            return ratings - ratings.mean()
    return None
