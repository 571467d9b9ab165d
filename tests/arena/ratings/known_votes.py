"""Votes whose voters are known, as what ratings are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from arena.ratings import columns
from arena.ratings.grouped import SEPARATOR, By, GroupedCounts
from arena.ratings.joint import JointCounts, Strata
from arena.ratings.soft import SoftCount
from arena.types import OUTCOMES, PairCount, VoteColumns, Winner

Cast = tuple[str, str, Winner, str]
"""Both models as shown, the outcome, and the voter as `KIND:NAME`."""


@dataclass(frozen=True)
class KnownVotes:
    """Rows of votes with their voters; every vote is on a prompt of its own."""

    rows: Sequence[Cast]
    worth: Mapping[str, float] = field(default_factory=dict)

    def counts(self) -> Sequence[PairCount]:
        return columns.pair_counts(self.columns())

    def columns(self) -> VoteColumns:
        return columns.from_votes((a, b, winner) for a, b, winner, _ in self.rows)

    def soft(self) -> Sequence[SoftCount]:
        point = {Winner.MODEL_A: 1.0, Winner.MODEL_B: 0.0}
        points = [(a, b, point.get(winner, 0.5)) for a, b, winner, _ in self.rows]
        return [SoftCount(a, b, 1, 1.0, y, 1.0, y, y * y) for a, b, y in points]

    def earned(self) -> Mapping[str, float]:
        return self.worth

    def joint(self, judge: str, strata: Strata, by_prompt: bool) -> JointCounts:
        raise LookupError(judge)

    def grouped(self, by: By) -> GroupedCounts:
        names = tuple(sorted({name for a, b, *_ in self.rows for name in (a, b)}))
        key = {
            "voter": lambda n, row: row[3],
            "prompt+voter": lambda n, row: f"prompt {n:05d}{SEPARATOR}{row[3]}",
        }.get(by, lambda n, row: f"{by} {n:05d}")
        groups = tuple(sorted({key(n, row) for n, row in enumerate(self.rows)}))
        sums: dict[tuple[int, int, int, int], int] = {}
        for n, row in enumerate(self.rows):
            a, b, winner = names.index(row[0]), names.index(row[1]), row[2]
            if a > b:
                a, b, winner = b, a, winner.swapped()
            cell = (groups.index(key(n, row)), a, b, OUTCOMES.index(winner))
            sums[cell] = sums.get(cell, 0) + 1
        cells = np.array(sorted(sums), dtype=np.int32).reshape(-1, 4)
        return GroupedCounts(
            names,
            groups,
            cells[:, 0],
            cells[:, 1],
            cells[:, 2],
            cells[:, 3].astype(np.int8),
            np.array([sums[cell] for cell in sorted(sums)], dtype=np.int64),
        )
