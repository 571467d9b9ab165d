"""A judge's help over all pairs together: for arenas of many models, in which most pairs have few battles.

The judge's own Bradley-Terry ratings, fitted to all battles it voted on, say what it is expected to say of a pair, g;
what counts is how far its verdict is from that. In the notation of `correction.py` people's points of a battle in B
move by -lambda c_i e_i with e_i = f_i - g, whose sum over all battles judged is 0 for each model by the fit. So its
expectation over B is 0 where B is a random draw from all of them, the mix of pairs included. Unlike `stratified.py`
this needs no two battles of one pair; what the judge sees in a pair beyond its ratings only costs width.

The judge's ratings are estimates, too. With x_i = (e_a - e_b) battle i pulls at the score by

    (Y_i - c_i p) x_i [i in L] - lambda (c_i e_i x_i [i in B] - K e_i x_i),

K = H_B H^-1, where H sums g (1 - g) x x' over the battles judged, and H_B the same over B with weights c.
"""

import numpy as np

from arena.errors import InvalidInput
from arena.ratings.correction import Correction, Meat, newton
from arena.ratings.graph import groups
from arena.ratings.intervals import bread, chances, invert
from arena.ratings.joint import JointCounts
from arena.ratings.rated import Floats


class Pooled(Correction):
    """People's battles beside all that the judge voted on, each against what the judge's own ratings expect."""

    def __init__(self, counts: JointCounts) -> None:
        """Fit the judge's ratings.

        Raises:
            InvalidInput: they are not finite and common, because it never gave a point to one of the models.
        """
        super().__init__(counts)
        judged = (self._both | self._only) * counts.battles
        points = self._matrix(judged * self._verdict, judged * (1.0 - self._verdict))
        on, number = self._symmetric(judged), float(judged.sum())
        own = newton(points, on, np.zeros(self.size)) if groups(points).mutual.all() else None
        if own is None:
            raise InvalidInput(
                f"The judge {counts.judge.name!r} has no common ratings of these models, so its votes on all pairs "
                "cannot be put together: compare by pair (strata pair)."
            )
        p = chances(own)
        expected = p[counts.model_a, counts.model_b]
        self._beyond = np.where(judged > 0, self._verdict - expected, 0.0)
        self._freedom = np.sqrt(number / max(number - self.size + 1.0, 1.0))
        self._of_people = np.where(self._both, counts.votes, 0.0)
        together = bread(self._symmetric(self._of_people * counts.battles), p)
        self._known = together @ invert(bread(on, p))
        self.usable = self.shared if self.further else 0

    @property
    def moves(self) -> Floats:
        """Return what lambda 1 adds to what row took from column, (models, models)."""
        counts = self._counts
        return self._at(counts.model_a, counts.model_b, -self._of_people * self._beyond * counts.battles)

    def meat(self, ratings: Floats, *, without_end: bool = False) -> Meat:
        """Return the middle of the sandwich; `without_end` as if the judge had voted on battles without end."""
        own, beyond = self._own(ratings), self._beyond * self._freedom
        near = self._of_people * beyond
        both, judge = self._outer(own, near), self._outer(near, near)
        if not without_end:
            known = self._known
            both = both - self._outer(own, beyond) @ known.T
            across = self._outer(near, beyond) @ known.T
            judge = judge - across - across.T + known @ self._outer(beyond, beyond) @ known.T
        return Meat(self._outer(own, own), (both + both.T) / 2.0, judge)
