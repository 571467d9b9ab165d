"""Pair counts as matrices: all that Bradley-Terry reads of the votes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings.pair_table import PairTable
from arena.types import PairCount

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Votes between models as matrices (models, models): `wins[i, j]` of i over j, symmetric `ties`."""

    names: tuple[str, ...]
    wins: Floats
    ties: Floats

    @property
    def points(self) -> Floats:
        """Return what i took from j: wins and half the ties."""
        return self.wins + self.ties / 2.0

    @property
    def votes(self) -> int:
        """Return the number of votes."""
        return round(self.wins.sum() + self.ties.sum() / 2.0)

    def squares(self, p: Floats) -> Floats:
        """Return the sum over votes of `(y - p)^2` for each pair, symmetric; `p[i, j]` is the chance that i beats j."""
        one_way = self.wins * p.T**2
        return one_way + one_way.T + self.ties * (0.5 - p) ** 2


def tally(counts: Sequence[PairCount]) -> Tally:
    """Sum pair counts over both orders of a pair; models without a vote are left out.

    Raises `InvalidInput` for a negative count or a pair of one model.
    """
    if isinstance(counts, PairTable):
        return _of_table(counts)
    table = np.array([(c.wins_a, c.wins_b, c.ties, c.both_bad) for c in counts], dtype=float).reshape(-1, 4)
    for i in np.flatnonzero((table < 0).any(axis=1)).tolist():
        c = counts[i]
        raise InvalidInput(f"The pair {c.model_a!r} and {c.model_b!r} has a negative count of votes.")
    voted = np.flatnonzero(table.sum(axis=1)).tolist()
    sides = [(counts[i].model_a, counts[i].model_b) for i in voted]
    names = tuple(sorted({name for pair in sides for name in pair}))
    place = {name: i for i, name in enumerate(names)}
    a = np.array([place[name] for name, _ in sides], dtype=np.intp)
    b = np.array([place[name] for _, name in sides], dtype=np.intp)
    for i in np.flatnonzero(a == b).tolist():
        raise InvalidInput(f"A pair compares {sides[i][0]!r} with itself; a vote needs two models.")
    wins, ties = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    table = table[voted]
    np.add.at(wins, (a, b), table[:, 0])
    np.add.at(wins, (b, a), table[:, 1])
    np.add.at(ties, (a, b), table[:, 2] + table[:, 3])
    return Tally(names, wins, ties + ties.T)


def _of_table(table: PairTable) -> Tally:
    if (table.votes < 0).any():
        return tally(list(table))
    size, flat = len(table.names), table.model_a.astype(np.int64) * len(table.names) + table.model_b
    back = table.model_b.astype(np.int64) * size + table.model_a
    wins, ties = np.zeros(size * size), np.zeros(size * size)
    wins[flat], wins[back] = table.votes[:, 0], table.votes[:, 1]
    ties[flat] = ties[back] = table.votes[:, 2] + table.votes[:, 3]
    return Tally(table.names, wins.reshape(size, size), ties.reshape(size, size))
