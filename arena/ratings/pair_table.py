"""Pair counts as columns: three hundred models meet in 45,000 pairs, which cost a tenth of a second as objects.

A table reads as a sequence of `PairCount` wherever one is wanted, and whoever knows columns takes those.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from arena.types import OUTCOMES, PairCount, Winner

_SWAPPED = [OUTCOMES.index(winner.swapped()) for winner in OUTCOMES]


@dataclass(frozen=True, slots=True, eq=False)
class PairTable(Sequence[PairCount]):
    """One row for each pair that met, `model_a` before `model_b` by name, sorted so; never written to.

    `names` are sorted; `model_a` and `model_b` are places in them, shape (pairs,); `votes` counts each of `OUTCOMES`
    in its own column, shape (pairs, 4), and no row of it is zero.
    """

    names: tuple[str, ...]
    model_a: npt.NDArray[np.int32]
    model_b: npt.NDArray[np.int32]
    votes: npt.NDArray[np.int64]

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        model_a: npt.NDArray[np.integer],
        model_b: npt.NDArray[np.integer],
        votes: npt.NDArray[np.int64],
    ) -> "PairTable":
        """Make a table of rows in any order, each pair once in each order of its sides at most.

        `names` need not be sorted, nor all be met; `model_a` and `model_b` are places in them.
        """
        met = votes.any(axis=1)
        if not met.all():
            model_a, model_b, votes = model_a[met], model_b[met], votes[met]
        used = np.zeros(len(names), dtype=bool)
        used[model_a] = used[model_b] = True
        order = sorted(np.flatnonzero(used).tolist(), key=names.__getitem__)
        place = np.zeros(len(names), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        a, b = place[model_a], place[model_b]
        turned = a > b
        a, b = np.minimum(a, b), np.maximum(a, b)
        votes = np.where(turned[:, None], votes[:, _SWAPPED], votes)
        key = a.astype(np.int64) * len(order) + b
        if (key[1:] <= key[:-1]).any():
            by_pair = np.argsort(key, kind="stable")
            key, a, b, votes = key[by_pair], a[by_pair], b[by_pair], votes[by_pair]
            first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
            if len(first) < len(key):
                a, b, votes = a[first], b[first], np.add.reduceat(votes, first, axis=0)
        return cls(tuple(names[i] for i in order), a, b, votes)

    def less(self, shown: tuple[str, str], winner: Winner) -> "PairTable":
        """Return the table without one vote of `winner` on two models as shown; the same where there is none."""
        turned = shown[0] > shown[1]
        first, second = reversed(shown) if turned else shown
        if first not in self.names or second not in self.names:
            return self
        a, b = self.names.index(first), self.names.index(second)
        row = np.flatnonzero((self.model_a == a) & (self.model_b == b))
        column = OUTCOMES.index(winner.swapped() if turned else winner)
        if not row.size or not self.votes[row[0], column]:
            return self
        votes = self.votes.copy()
        votes[row[0], column] -= 1
        return PairTable.of(self.names, self.model_a, self.model_b, votes)

    def records(self) -> dict[str, tuple[int, int, int]]:
        """Return wins, losses and ties (both bad among them) of each model, by name."""
        size, ties = len(self.names), self.votes[:, 2] + self.votes[:, 3]

        def total(of_a: npt.NDArray[np.int64], of_b: npt.NDArray[np.int64]) -> list[int]:
            sums = np.bincount(self.model_a, of_a, size) + np.bincount(self.model_b, of_b, size)
            return [round(votes) for votes in sums.tolist()]

        won, lost = self.votes[:, 0], self.votes[:, 1]
        each = zip(total(won, lost), total(lost, won), total(ties, ties), strict=True)
        return dict(zip(self.names, each, strict=True))

    def __len__(self) -> int:
        return len(self.votes)

    @overload
    def __getitem__(self, index: int) -> PairCount: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PairCount]: ...
    def __getitem__(self, index: int | slice) -> PairCount | Sequence[PairCount]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        names = self.names
        return PairCount(names[self.model_a[index]], names[self.model_b[index]], *self.votes[index].tolist())

    def __iter__(self) -> Iterator[PairCount]:
        names = self.names
        rows = zip(self.model_a.tolist(), self.model_b.tolist(), self.votes.tolist(), strict=True)
        return (PairCount(names[a], names[b], *votes) for a, b, votes in rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]
