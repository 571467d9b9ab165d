"""A judge's help within strata: people's points of a pair move by how the judge's verdicts there differ from the rest.

In the notation of `correction.py`, for each stratum (a pair, or a pair and a category): C = sum of c over B, n = C^2 /
(sum of c^2 over B), N the size of U, M = n + N and u = N / M. People's points move by

    lambda C u (mean of f over U - mean of f over B, weighted by c),

whose expectation is 0 where B is a random draw from B and U. The factor u makes the best lambda the slope of Y on f
within strata, the same for all strata whatever their sizes. At ratings with chances p, battle i pulls at the score by

    r_i = (Y_i - c_i p) [i in L] - lambda (u c_i [i in B] - (C u / N) [i in U]) (f_i - m) sqrt(M / (M - 1))

with m the mean of f over the M battles judged, and the root for the degree of freedom that m takes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from arena.ratings.correction import Correction, Meat
from arena.ratings.joint import JointCounts
from arena.ratings.rated import Floats


class Stratified(Correction):
    """People's battles of each stratum beside the further ones that the judge voted on."""

    def __init__(self, counts: JointCounts) -> None:
        """Sum up the strata."""
        super().__init__(counts)
        self._first, self._stratum = np.unique(counts.stratum, return_index=True, return_inverse=True)[1:]
        self._cast = self._sum(self._both * counts.votes)
        self._further = self._sum(self._only)
        alike = _ratio(self._cast**2, self._sum(self._both * np.square(counts.votes)))
        judged = alike + self._further
        compared = (self._cast > 0) & (self._further > 0)
        self._share = np.where(compared, _ratio(self._further, judged), 0.0)
        of_both = _ratio(self._sum(self._both * counts.votes * self._verdict), self._cast)
        of_only = _ratio(self._sum(self._only * self._verdict), self._further)
        self._moved = self._cast * self._share * (of_only - of_both)
        self._mean = _ratio(alike * of_both + self._further * of_only, judged)
        self._freedom = np.sqrt(np.where(judged > 1.0 + 1e-9, _ratio(judged, judged - 1.0), 0.0))
        self.usable = round(float(counts.battles[self._both & compared[self._stratum]].sum()))

    @property
    def moves(self) -> Floats:
        """Return what lambda 1 adds to what row took from column, (models, models)."""
        counts = self._counts
        return self._at(counts.model_a[self._first], counts.model_b[self._first], self._moved)

    def meat(self, ratings: Floats, *, without_end: bool = False) -> Meat:
        """Return the middle of the sandwich; `without_end` as if the judge had voted on battles without end."""
        counts, own = self._counts, self._own(ratings)
        judge = (self._verdict - self._mean[self._stratum]) * self._freedom[self._stratum]
        if without_end:
            judge = self._both * counts.votes * judge
        else:
            of_only = _ratio(self._cast, self._further)[self._stratum]
            judge = self._share[self._stratum] * (self._both * counts.votes - self._only * of_only) * judge
        both = self._outer(own, judge)
        return Meat(self._outer(own, own), (both + both.T) / 2.0, self._outer(judge, judge))

    def _sum(self, of_battle: npt.NDArray[Any]) -> Floats:
        return np.bincount(self._stratum, weights=of_battle * self._counts.battles).astype(np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return the quotients, 0 where there is nothing to divide by."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
