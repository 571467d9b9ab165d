"""What an export would hold, without its texts: where every vote went, how long answers are, where each pair is.

`arena.preferences.derive` reads every text to say so; this says the same numbers from what the database counted, so
that a screen can ask for it at a million votes. The texts of a pair are read when somebody looks at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.lengths import characters
from arena.preferences import REASONS, Preferences
from arena.types import Preference, VoterKind


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Pairs of texts with the outcomes of all votes on them; arrays of shape (pairs,), in a fixed order.

    `wins_first` and `wins_second` are votes for the two texts; `battle` is where the battle that stands for the pair is
    stored, and `turned` whether it showed the second text on side A. `length_first` and `length_second` are characters
    of the answers, `kinds` the kinds of voter as bits in the order of `VoterKind`.
    """

    battle: npt.NDArray[np.int64]
    turned: npt.NDArray[np.bool_]
    wins_first: npt.NDArray[np.int64]
    wins_second: npt.NDArray[np.int64]
    ties: npt.NDArray[np.int64]
    both_bad: npt.NDArray[np.int64]
    length_first: npt.NDArray[np.int64]
    length_second: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the texts of a kept pair are, and what stands behind it: side A is chosen unless `swapped`."""

    battle: int
    swapped: bool
    votes: int
    agreement: float
    voter_kinds: tuple[VoterKind, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The numbers of `Preferences`, and its pairs: those `read` already come last, all others have a place.

    `chosen` and `rejected` (kept,) are the characters of each side, in the order of the pairs.
    """

    votes: int
    battles: int
    dropped: Mapping[str, int]
    written_answers: int
    written_pairs: int
    chosen: npt.NDArray[np.int64]
    rejected: npt.NDArray[np.int64]
    read: tuple[Preference, ...]
    _compared: Compared
    _kept: npt.NDArray[np.intp]

    @property
    def pairs(self) -> int:
        """Return how many pairs an export would hold."""
        return len(self._kept) + len(self.read)

    def find(self, index: int) -> Place | Preference:
        """Return a pair, or where it is; `index` runs from 0 to below `pairs`."""
        if index >= len(self._kept):
            return self.read[index - len(self._kept)]
        at, all_of = self._kept[index], self._compared
        first, second = int(all_of.wins_first[at]), int(all_of.wins_second[at])
        votes = first + second + int(all_of.ties[at]) + int(all_of.both_bad[at])
        return Place(
            battle=int(all_of.battle[at]),
            swapped=bool(all_of.turned[at]) == (first > second),
            votes=votes,
            agreement=max(first, second) / votes,
            voter_kinds=tuple(
                sorted(kind for place, kind in enumerate(VoterKind) if int(all_of.kinds[at]) >> place & 1)
            ),
        )


def outline(
    compared: Compared,
    unusable: Mapping[str, int],
    battles: int,
    rest: Preferences,
    *,
    majority: float = 0.5,
) -> Outline:
    """Decide every pair as `derive` does; `rest` are the preferences of the prompts that the other figures leave out.

    `unusable` counts votes by why their battle can give no pair.

    Raises:
        InvalidInput: the majority is below 0.5, or 1 and more.
    """
    if not 0.5 <= majority < 1:
        raise InvalidInput(
            f"The majority is {majority}; give the share that a side must exceed, from 0.5 to below 1."
        )
    sums = np.stack([compared.wins_first, compared.wins_second, compared.ties, compared.both_bad], axis=1)
    votes, leader = sums.sum(axis=1), sums.argmax(axis=1)
    most = sums.max(axis=1, initial=0)
    split = most <= majority * votes
    won = ~split & (leader < 2)
    kept = np.flatnonzero(won)
    dropped = dict.fromkeys(REASONS, 0) | {reason: int(lost) for reason, lost in unusable.items()}
    dropped["split"] = int(votes[split].sum())
    dropped["tie"] = int(most[~split & (leader == 2)].sum())
    dropped["both_bad"] = int(most[~split & (leader == 3)].sum())
    dropped["outvoted"] = int((votes - most)[~split].sum())
    dropped["merged"] = int((most - 1)[won].sum())
    first_won = leader[kept] == 0
    lengths = compared.length_first[kept], compared.length_second[kept]
    return Outline(
        votes=int(votes.sum()) + sum(unusable.values()) + rest.votes,
        battles=battles + rest.battles,
        dropped={reason: dropped[reason] + rest.dropped[reason] for reason in REASONS},
        written_answers=rest.written_answers,
        written_pairs=rest.written_pairs,
        chosen=np.append(np.where(first_won, *lengths), [characters(p.chosen) for p in rest.kept]),
        rejected=np.append(np.where(first_won, *lengths[::-1]), [characters(p.rejected) for p in rest.kept]),
        read=rest.kept,
        _compared=compared,
        _kept=kept,
    )
