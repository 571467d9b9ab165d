"""The votes up to a moment, as ratings are made of them: what a board with the same options would have read then."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import columns
from arena.ratings.grouped import By, GroupedCounts
from arena.ratings.joint import JointCounts, Strata
from arena.ratings.soft import SoftCount
from arena.style.rows import Key, StyleRows
from arena.types import PairCount, VoteColumns


@dataclass(frozen=True, slots=True, eq=False)
class TimedVotes:
    """Standing votes in the order of their times; `at` (votes,) is microseconds since 1970 in UTC.

    `keys` says who cast each vote, or on what prompt, where that was asked for, and `style` has one row a vote in the
    same order where their answers' style was.
    """

    votes: VoteColumns
    at: npt.NDArray[np.int64]
    keys: Mapping[By, Key] = field(default_factory=dict)
    style: StyleRows | None = None


class Until:
    """The first `end` of these votes; see `arena.ratings.material.Material`."""

    def __init__(self, timed: TimedVotes, end: int) -> None:
        self._timed = timed
        self._end = end

    @cached_property
    def _counts(self) -> list[PairCount]:
        return columns.pair_counts(self.columns())

    def counts(self) -> list[PairCount]:
        """Return the outcomes of every ordered pair that met."""
        return self._counts

    def columns(self) -> VoteColumns:
        """Return the votes in the order of their times."""
        votes, end = self._timed.votes, self._end
        return VoteColumns(votes.names, votes.model_a[:end], votes.model_b[:end], votes.winner[:end])

    def grouped(self, by: By) -> GroupedCounts:
        """Return the votes summed by pair, outcome and `by`, which was asked for with them."""
        key = self._timed.keys[by]
        return _summed(self.columns(), key, key.code[: self._end])

    def styled(self, by: tuple[By, ...] = ()) -> StyleRows:
        """Return the votes with the style of what they compared."""
        style = self._timed.style
        if style is None:
            raise LookupError("These votes came without the style of their answers.")
        kept = np.arange(len(style.votes)) < self._end
        return replace(style.only(kept), unread=0)

    def soft(self) -> list[SoftCount]:
        """Raise `InvalidInput`: verdicts are not kept by time."""
        raise InvalidInput("Ratings by soft verdicts have no history: choose another method.")

    def earned(self) -> Mapping[str, float]:
        """Raise `InvalidInput`: what a voter has earned is measured over all votes."""
        raise InvalidInput("Weights by reliability have no history: give weights of your own, or none.")

    def joint(self, judge: str, strata: Strata, by_prompt: bool) -> JointCounts:
        """Raise `InvalidInput`: a judge's help is measured over all votes."""
        raise InvalidInput("Ratings with a judge's help have no history: choose another method.")


def _summed(votes: VoteColumns, key: Key, code: npt.NDArray[np.int32]) -> GroupedCounts:
    """Sum votes by group, pair and outcome, models sorted by name and only those that were met."""
    met = np.union1d(votes.model_a, votes.model_b).tolist()
    order = sorted(met, key=votes.names.__getitem__)
    place = np.zeros(len(votes.names), dtype=np.int64)
    place[order] = np.arange(len(order))
    a, b = place[votes.model_a], place[votes.model_b]
    turned = a > b
    winner = np.where(turned & (votes.winner < 2), 1 - votes.winner, votes.winner)
    a, b = np.where(turned, b, a), np.where(turned, a, b)
    groups, group = np.unique(code, return_inverse=True)
    size = len(order)
    cells, count = np.unique(((group * size + a) * size + b) * 4 + winner, return_counts=True)
    pair = cells // 4
    return GroupedCounts(
        names=tuple(votes.names[one] for one in order),
        groups=tuple(key.names[one] for one in groups.tolist()),
        group=(pair // (size * size)).astype(np.int32),
        model_a=(pair // size % size).astype(np.int32),
        model_b=(pair % size).astype(np.int32),
        winner=(cells % 4).astype(np.int8),
        votes=count.astype(np.int64),
    )
