"""Votes on battles that several voters voted on: all that agreement and reliability are measured on.

A tie and both bad are one outcome, neither side, as everywhere agreement is measured: many have no second word for it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.types import Voter

Floats = npt.NDArray[np.float64]

SIDES = 3
"""So many outcomes there are here: side A, side B, neither."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedVotes:
    """Votes on the battles with at least two voters, in rows sorted by battle; arrays are of shape (votes,).

    `voter` is a place in `voters` (sorted by kind and name; those who share no battle are among them), `battle` counts
    the shared battles from 0 without gaps, `outcome` is 0 for side A, 1 for side B, 2 for neither. `cast` (voters,) is
    how many votes each voter has in all, `all_battles` how many battles have a vote.
    """

    voters: tuple[Voter, ...]
    voter: npt.NDArray[np.int32]
    battle: npt.NDArray[np.int32]
    outcome: npt.NDArray[np.int8]
    cast: npt.NDArray[np.int64]
    all_battles: int

    @property
    def battles(self) -> int:
        """Return the number of shared battles."""
        return int(self.battle[-1]) + 1 if len(self.battle) else 0

    @property
    def votes(self) -> int:
        """Return the number of votes, those on battles that nobody shares included."""
        return int(self.cast.sum())

    def counts(self) -> Floats:
        """Return how often each outcome was given to each shared battle, (battles, 3)."""
        code = self.battle.astype(np.int64) * SIDES + self.outcome
        return np.bincount(code, minlength=SIDES * self.battles).astype(float).reshape(-1, SIDES)

    def shared(self) -> npt.NDArray[np.int64]:
        """Return on how many shared battles each voter voted, (voters,)."""
        return np.bincount(self.voter, minlength=len(self.voters))


def shared_votes(
    voters: tuple[Voter, ...],
    voter: npt.NDArray[np.integer],
    battle: npt.NDArray[np.integer],
    outcome: npt.NDArray[np.integer],
) -> SharedVotes:
    """Keep the votes on battles that at least two voters voted on; `battle` may be any whole numbers."""
    cast = np.bincount(voter, minlength=len(voters)).astype(np.int64)
    order = np.argsort(battle, kind="stable")
    sorted_battle = battle[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = sorted_battle[1:] != sorted_battle[:-1]
    place = np.cumsum(first) - 1
    several = np.bincount(place) > 1 if len(place) else np.zeros(0, dtype=bool)
    kept = several[place]
    return SharedVotes(
        voters,
        voter[order][kept].astype(np.int32),
        (np.cumsum(several) - 1)[place[kept]].astype(np.int32),
        outcome[order][kept].astype(np.int8),
        cast,
        int(first.sum()),
    )
