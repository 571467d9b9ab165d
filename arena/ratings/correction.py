"""How a judge's votes move people's points, and what that does to the variance of ratings: the sums behind `ppi`.

Notation: battle i of stratum s has c_i votes of people with Y_i points for its first model, and the judge's outcome
f_i. L are the battles people voted on, B those of them that the judge voted on, U those with the judge's vote alone.
With C = sum of c over B, n = C^2 / (sum of c^2 over B), N the size of U and u = N / (n + N), people's points of a
stratum move by

    lambda C u (mean of f over U - mean of f over B, weighted by c),

whose expectation is 0 where B is a random draw from B and U. The factor u makes the best lambda the slope of Y on f
within strata, the same for all strata whatever their sizes. At ratings with chances p, battle i pulls at the score by

    r_i = (Y_i - c_i p) [i in L] - lambda (u c_i [i in B] - (C u / N) [i in U]) (f_i - m) sqrt(M / (M - 1))

with m the mean of f over the M = n + N battles judged, and the root for the degree of freedom that m takes.
"""

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


class Correction:
    """The battles between models of one group of finite ratings; all ratings are in log-odds."""

    def __init__(self, counts: JointCounts) -> None:
        """Sum up the strata; each model of `counts.names` must have a vote of people."""
        self.size = len(counts.names)
        self._counts = counts
        self._stratum = np.unique(counts.stratum, return_inverse=True)[1]
        voted, judged = counts.votes > 0, ~np.isnan(counts.verdict)
        self._both, self._only = voted & judged, judged & ~voted
        self._verdict = np.where(judged, counts.verdict, 0.0)
        self._cast = self._sum(self._both * counts.votes)
        cast_squared = self._sum(self._both * np.square(counts.votes))
        self._alike = np.divide(
            self._cast**2, cast_squared, out=np.zeros_like(self._cast), where=cast_squared > 0
        )
        self._further = self._sum(self._only)
        compared = (self._cast > 0) & (self._further > 0)
        judged_in_all = self._alike + self._further
        self._share = np.divide(
            self._further, judged_in_all, out=np.zeros_like(judged_in_all), where=compared
        )
        of_both = self._sum(self._both * counts.votes * self._verdict)
        of_only = self._sum(self._only * self._verdict)
        cast, further = np.maximum(self._cast, 1e-300), np.maximum(self._further, 1e-300)
        self.moved = np.where(compared, self._cast * self._share * (of_only / further - of_both / cast), 0.0)
        weight = np.maximum(judged_in_all, 1e-300)
        self._mean = (self._alike * of_both / cast + of_only) / weight
        self._freedom = np.sqrt(
            np.divide(
                judged_in_all,
                judged_in_all - 1.0,
                out=np.zeros_like(weight),
                where=judged_in_all > 1.0 + 1e-9,
            )
        )
        battles = counts.battles
        self.votes = float((counts.votes * battles).sum())
        self.battles = round(float(battles[voted].sum()))
        self.shared = round(float(battles[self._both].sum()))
        self.further = round(float(battles[self._only].sum()))
        self.usable = round(float(battles[self._both & compared[self._stratum]].sum()))
        self._cast_on = self._symmetric(counts.votes * battles)
        self._points = self._matrix(counts.points * battles, (counts.votes - counts.points) * battles)

    def solve(self, start: Floats, weight: float) -> Floats | None:
        """Return the ratings of mean 0 that fit the points moved by `weight`; `None` where they are not finite.

        Newton's method from `start`; the likelihood is concave whatever the points.
        """
        moved = self._of_strata(self.moved)
        points = self._points + weight * (moved - moved.T)
        ratings = start - start.mean()
        for _ in range(_STEPS):
            p = chances(ratings)
            step = self._invert(ratings) @ (points * p.T - points.T * p).sum(axis=1)
            ratings = ratings + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
            if not np.isfinite(ratings).all() or np.ptp(ratings) > _FARTHEST + np.ptp(start):
                return None
            if float(np.abs(step).max()) < 1e-11:
                return ratings - ratings.mean()
        return None

    def inverse(self, ratings: Floats) -> Floats:
        """Return the inverse of the Hessian among ratings of mean 0, (models, models)."""
        return self._invert(ratings)

    def meat(self, ratings: Floats, *, without_end: bool = False) -> Meat:
        """Return the middle of the sandwich; `without_end` as if the judge had voted on battles without end."""
        counts = self._counts
        p = chances(ratings)[counts.model_a, counts.model_b]
        own = counts.points - counts.votes * p
        ahead = (self._verdict - self._mean[self._stratum]) * self._freedom[self._stratum]
        if without_end:
            judge = self._both * counts.votes * ahead
        else:
            share = self._share[self._stratum]
            cast = self._cast[self._stratum] / np.maximum(self._further[self._stratum], 1.0)
            judge = share * (self._both * counts.votes - self._only * cast) * ahead
        return Meat(self._outer(own, own), self._outer(own, judge), self._outer(judge, judge))

    def contrast(self) -> Floats:
        """Return what the judge's verdicts would move each model's points by at lambda 1, (models,)."""
        moved = self._of_strata(self.moved)
        pulls: Floats = (moved - moved.T).sum(axis=1)
        return pulls

    def _sum(self, of_battle: npt.NDArray[Any]) -> Floats:
        return np.bincount(self._stratum, weights=of_battle * self._counts.battles).astype(np.float64)

    def _invert(self, ratings: Floats) -> Floats:
        return invert(bread(self._cast_on, ratings))

    def _of_strata(self, values: Floats) -> Floats:
        """Return sums of strata at [first model, second model]."""
        first = np.unique(self._stratum, return_index=True)[1]
        return self._at(self._counts.model_a[first], self._counts.model_b[first], values)

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
        """Return the sum over clusters of the two pulls' outer product, made symmetric."""
        counts = self._counts
        if counts.cluster is None:
            return laplacian(self._symmetric(one * other * counts.battles))
        left, right = self._pulls(one), self._pulls(other)
        product = np.asarray((left.T @ right).todense())
        return (product + product.T) / 2.0

    def _pulls(self, pull: Floats) -> Any:
        from scipy.sparse import coo_matrix

        counts = self._counts
        pulled = pull * counts.battles
        rows = np.concatenate([counts.cluster, counts.cluster])
        columns = np.concatenate([counts.model_a, counts.model_b])
        shape = (int(rows.max()) + 1, self.size)
        return coo_matrix((np.concatenate([pulled, -pulled]), (rows, columns)), shape=shape).tocsr()
