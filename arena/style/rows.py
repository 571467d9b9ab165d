"""Votes with the style of what they compared: one row for all equal votes on one battle."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from arena.ratings.grouped import By
from arena.types import OUTCOMES, PairCount

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """What rows share: `names[code[i]]` is the voter, prompt or battle of row i."""

    names: tuple[str, ...]
    code: Ints


@dataclass(frozen=True, slots=True, eq=False)
class StyleRows:
    """Votes on battles whose answers are stored; arrays are of shape (rows,), sides as they were shown.

    `model_a` and `model_b` are places in `names` (sorted), `winner` a place in `OUTCOMES`, `votes` how many votes the
    row stands for. `style_a` and `style_b` (rows, features) hold the counts of `arena.style.features.FEATURES`, summed
    over the turns. `keys` has what was asked for. `unread` votes more stand on battles without stored answers.
    """

    names: tuple[str, ...]
    model_a: Ints
    model_b: Ints
    winner: npt.NDArray[np.int8]
    votes: npt.NDArray[np.int64]
    style_a: Floats
    style_b: Floats
    keys: Mapping[By, Key] = field(default_factory=dict)
    unread: int = 0

    def only(self, kept: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "StyleRows":
        """Return the rows that are `kept` (rows,), or those at the places named, in their order."""
        return replace(
            self,
            model_a=self.model_a[kept],
            model_b=self.model_b[kept],
            winner=self.winner[kept],
            votes=self.votes[kept],
            style_a=self.style_a[kept],
            style_b=self.style_b[kept],
            keys={by: Key(key.names, key.code[kept]) for by, key in self.keys.items()},
        )

    def counts(self) -> list[PairCount]:
        """Return the outcomes of every pair of models that met, `model_a` < `model_b` by name."""
        size, kinds = len(self.names), len(OUTCOMES)
        turned = self.model_a > self.model_b
        first = np.where(turned, self.model_b, self.model_a).astype(np.int64)
        second = np.where(turned, self.model_a, self.model_b)
        outcome = np.where(turned & (self.winner < 2), 1 - self.winner, self.winner)
        sums = np.bincount(
            (first * size + second) * kinds + outcome, self.votes, minlength=size * size * kinds
        ).reshape(size * size, kinds)
        return [
            PairCount(self.names[pair // size], self.names[pair % size], *map(int, sums[pair]))
            for pair in np.flatnonzero(sums.any(axis=1)).tolist()
        ]
