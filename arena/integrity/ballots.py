"""Standing votes voter by voter, each voter's in the order they were cast: what every check of voters reads."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.types import Voter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """Votes as columns of shape (votes,), sorted by voter and then by when they were cast.

    `voter` is a place in `voters`, `model_a` and `model_b` are places in `names` (A was shown first), and `winner` is a
    place in `OUTCOMES`.
    """

    names: tuple[str, ...]
    voters: tuple[Voter, ...]
    voter: npt.NDArray[np.int32]
    model_a: npt.NDArray[np.int32]
    model_b: npt.NDArray[np.int32]
    winner: npt.NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of votes."""
        return len(self.winner)

    @property
    def share_a(self) -> Floats:
        """Return what A took of each vote: 1, 0, or a half of a tie or both bad."""
        return np.array([1.0, 0.0, 0.5, 0.5])[self.winner]

    @property
    def decided(self) -> npt.NDArray[np.bool_]:
        """Return which votes say that one side won."""
        return self.winner < 2

    @property
    def counts(self) -> Ints:
        """Return how many votes each voter cast, (voters,)."""
        return np.bincount(self.voter, minlength=len(self.voters))

    def keep(self, chosen: npt.NDArray[np.bool_]) -> "Ballots":
        """Return the votes where `chosen` (votes,) is true, of the same voters and models."""
        return Ballots(
            self.names,
            self.voters,
            self.voter[chosen],
            self.model_a[chosen],
            self.model_b[chosen],
            self.winner[chosen],
        )

    def matrices(self) -> tuple[Floats, Floats]:
        """Return wins of row over column, and ties (both ways), each of shape (models, models)."""
        size = len(self.names)
        cells = self.model_a.astype(np.intp) * size + self.model_b
        first, second, tied = (
            np.bincount(cells[kind], minlength=size * size).reshape(size, size).astype(float)
            for kind in (self.winner == 0, self.winner == 1, self.winner > 1)
        )
        return first + second.T, tied + tied.T

    def starts(self) -> Ints:
        """Return where the votes of each voter begin, (voters + 1,); the last entry is the number of votes."""
        return np.concatenate([[0], np.cumsum(self.counts)])
