"""Who can be compared with whom: the groups of models that finite and common ratings need.

Bradley-Terry has finite ratings exactly where each model has taken points from each other one, directly or along
a chain (L. Ford, Solution of a Ranking Problem from Binary Comparisons, 1957).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BoolMatrix = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Reachability between models over the relation "took a point from" (a win or half a tie).

    `reaches[i, j]`: a chain of such points leads from i to j (and from i to itself). `linked[i, j]`: a chain of
    votes of any outcome joins i and j. Shapes (models, models).
    """

    reaches: BoolMatrix
    linked: BoolMatrix

    @property
    def mutual(self) -> BoolMatrix:
        """Return which models stand in one group of finite, common ratings."""
        return self.reaches & self.reaches.T

    def main(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
        """Return the members of the group of two or more with the most votes within it; empty if there is none.

        `points[i, j]` is what i took from j. Equal groups: the one with the earliest model.
        """
        best: npt.NDArray[np.intp] = np.array([], dtype=np.intp)
        votes = 0.0
        for members in _classes(self.mutual):
            within = float(points[np.ix_(members, members)].sum())
            if len(members) > 1 and within > votes:
                best, votes = members, within
        return best

    def pieces(self) -> list[list[int]]:
        """Return the sets of models that votes join, each in order, the largest first."""
        found = [piece.tolist() for piece in _classes(self.linked)]
        return sorted(found, key=lambda piece: (-len(piece), piece[0]))


def groups(points: npt.NDArray[np.float64]) -> Groups:
    """Return the groups of the square matrix `points`, where `points[i, j]` is what i took from j."""
    took = points > 0
    return Groups(_closure(took), _closure(took | took.T))


def _closure(relation: BoolMatrix) -> BoolMatrix:
    """Return the reflexive, transitive closure by repeated squaring: log2(models) matrix products.

    Where one model reaches all and is reached by all, as on most boards, two walks say so at once.
    """
    if len(relation) and _from_first(relation).all() and _from_first(relation.T).all():
        return np.ones_like(relation)
    reach = (relation | np.eye(len(relation), dtype=bool)).astype(np.float32)
    while True:
        further = (reach @ reach > 0).astype(np.float32)
        if np.array_equal(further, reach):
            return reach > 0
        reach = further


def _from_first(relation: BoolMatrix) -> npt.NDArray[np.bool_]:
    """Return which models a chain from the first one leads to, shape (models,)."""
    seen = np.zeros(len(relation), dtype=bool)
    ahead = np.array([0])
    while ahead.size:
        seen[ahead] = True
        ahead = np.flatnonzero(relation[ahead].any(axis=0) & ~seen)
    return seen


def _classes(relation: BoolMatrix) -> list[npt.NDArray[np.intp]]:
    """Return the classes of an equivalence relation, each in order, by their first member."""
    if not len(relation):
        return []
    return [np.flatnonzero(relation[first]) for first in np.unique(relation.argmax(axis=1))]
