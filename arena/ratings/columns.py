"""Votes as columns, in vote order: what Elo reads, and what pair counts can be made from.

Codes instead of names keep ten million votes at nine bytes each. An outcome code outside the four known ones is
refused here, so that no rating ever takes an unknown outcome for a tie.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.types import PairCount, Winner

WINNERS: tuple[Winner, ...] = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD)
"""The outcome of each code of `VoteColumns.winner`: 0 model_a, 1 model_b, 2 tie, 3 both_bad."""

_SCORE_OF_A = np.array([1.0, 0.0, 0.5, 0.5])


@dataclass(frozen=True, slots=True, eq=False)
class VoteColumns:
    """Votes in the order they were cast; `model_a` and `model_b` are positions in `names`.

    Shapes: `model_a` and `model_b` int32 (votes,), `winner` int8 (votes,) with the codes of `WINNERS`.
    Raises `InvalidInput` for unequal lengths, a code outside its range, or a model that meets itself.
    """

    names: tuple[str, ...]
    model_a: npt.NDArray[np.int32]
    model_b: npt.NDArray[np.int32]
    winner: npt.NDArray[np.int8]

    def __post_init__(self) -> None:
        """Check lengths and codes once, so that every reader can index without checking."""
        if not len(self.model_a) == len(self.model_b) == len(self.winner):
            lengths = (len(self.model_a), len(self.model_b), len(self.winner))
            raise InvalidInput(
                f"The vote columns differ in length: {lengths[0]}, {lengths[1]} and {lengths[2]} rows."
            )
        if not len(self.winner):
            return
        _check_range("model_a", self.model_a, len(self.names))
        _check_range("model_b", self.model_b, len(self.names))
        _check_range("winner", self.winner, len(WINNERS))
        own = np.flatnonzero(self.model_a == self.model_b)
        if own.size:
            name = self.names[int(self.model_a[own[0]])]
            raise InvalidInput(
                f"Vote {int(own[0]) + 1} compares {name!r} with itself: a vote needs two models."
            )

    def __len__(self) -> int:
        """Return the number of votes."""
        return len(self.winner)

    @classmethod
    def from_votes(cls, votes: Iterable[tuple[str, str, Winner]], names: Iterable[str] = ()) -> "VoteColumns":
        """Make columns from (model_a, model_b, winner) in vote order.

        `names` come first in the result; further models follow in the order in which they appear.
        """
        code: dict[str, int] = {name: i for i, name in enumerate(dict.fromkeys(names))}
        of_winner = {winner: i for i, winner in enumerate(WINNERS)}
        rows = [
            (code.setdefault(a, len(code)), code.setdefault(b, len(code)), of_winner[w]) for a, b, w in votes
        ]
        table = np.array(rows, dtype=np.int32).reshape(-1, 3)
        return cls(tuple(code), table[:, 0].copy(), table[:, 1].copy(), table[:, 2].astype(np.int8))

    def scores(self) -> npt.NDArray[np.float64]:
        """Return the score of side a per vote, shape (votes,): 1, 0, and 0.5 for a tie or both bad."""
        return _SCORE_OF_A[self.winner]

    def pair_counts(self) -> list[PairCount]:
        """Count the outcomes of each ordered pair (model_a, model_b), in the order of the codes."""
        m, w = len(self.names), len(WINNERS)
        if not len(self):
            return []
        key = (self.model_a.astype(np.int64) * m + self.model_b) * w + self.winner
        keys, numbers = np.unique(key, return_counts=True)
        table: dict[int, list[int]] = {}
        for k, n in zip(keys.tolist(), numbers.tolist(), strict=True):
            table.setdefault(k // w, [0] * w)[k % w] = n
        return [
            PairCount(self.names[pair // m], self.names[pair % m], *counts) for pair, counts in table.items()
        ]


def _check_range(name: str, codes: npt.NDArray[np.integer], limit: int) -> None:
    low, high = int(codes.min()), int(codes.max())
    if low < 0 or high >= limit:
        value = low if low < 0 else high
        raise InvalidInput(f"Column {name} holds the code {value}; codes run from 0 to {limit - 1}.")
