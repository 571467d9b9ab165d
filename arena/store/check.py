"""Whether the counts kept as votes land are those of the votes table, counted anew by the plainest query there is."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from arena.store.recount import Cell
from arena.types import OUTCOMES

Cells = Mapping[Cell, Mapping[tuple[int, int], tuple[int, ...]]]
"""How often each of `OUTCOMES` stands, by cell and pair of model ids, the smaller id as side A; zeros are left out."""

SHOWN = 20
"""So many differences are told one by one."""

_COUNT = """
SELECT v.criterion, v.voter_kind::VARCHAR, CASE WHEN v.voter_kind = 'judge' THEN v.voter END AS judge,
       a.reason, v.model_a, v.model_b, v.winner::VARCHAR, count(*)
FROM votes v LEFT JOIN set_aside a USING (battle_id)
WHERE v.winner IS NOT NULL AND v.seq < $1 AND NOT EXISTS (
    SELECT 1 FROM votes later
    WHERE later.revision > 0 AND later.seq < $1 AND later.battle_id = v.battle_id
      AND later.voter_kind = v.voter_kind AND later.voter = v.voter AND later.criterion = v.criterion
      AND later.revision > v.revision)
GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class CountDifference:
    """One count that is not what the votes say; `judge` is `None` for other voters, `aside` for battles that count."""

    criterion: str
    voter_kind: str
    judge: str | None
    aside: str | None
    model_a: str
    model_b: str
    winner: str
    kept: int
    counted: int


@dataclass(frozen=True, slots=True)
class CountsCheck:
    """What a check found: `votes` that stand and `counts` they fall into; how many of these `differ`, and the first.

    `kept` is false where no counts are kept, because they would be too many: then every rating asks the votes.
    """

    votes: int
    counts: int
    kept: bool
    differ: int
    differences: tuple[CountDifference, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether ratings rest on what the votes say."""
        return not self.differ

    @property
    def sentence(self) -> str:
        """Return what was found, in one sentence."""
        if not self.kept:
            return (
                f"{self.votes:,} votes stand; no counts of them are kept, so every rating counts them anew."
            )
        if self.sound:
            return f"{self.votes:,} votes stand, and all {self.counts:,} counts kept of them are right."
        return (
            f"{self.differ:,} of {self.counts:,} counts kept were not what the {self.votes:,} standing votes say: "
            "they were forgotten and are counted anew."
        )


def plainly(con: duckdb.DuckDBPyConnection, before: int) -> Cells:
    """Count what stands among the rows with `seq < before`, one query, nothing clever."""
    place = {winner.value: outcome for outcome, winner in enumerate(OUTCOMES)}
    swapped = {winner.value: OUTCOMES.index(winner.swapped()) for winner in OUTCOMES}
    cells: dict[Cell, dict[tuple[int, int], list[int]]] = {}
    for criterion, kind, judge, reason, model_a, model_b, winner, votes in con.execute(
        _COUNT, [before]
    ).fetchall():
        pairs = cells.setdefault(Cell(criterion, kind, judge, reason), {})
        turned = model_a > model_b
        outcomes = pairs.setdefault((model_b, model_a) if turned else (model_a, model_b), [0] * len(OUTCOMES))
        outcomes[swapped[winner] if turned else place[winner]] += votes
    return {cell: {pair: tuple(each) for pair, each in pairs.items()} for cell, pairs in cells.items()}


def compare(kept: Cells | None, counted: Cells, names: Mapping[int, str]) -> CountsCheck:
    """Hold the counts kept against those of the votes table."""
    votes = sum(sum(outcomes) for pairs in counted.values() for outcomes in pairs.values())
    if kept is None:
        return CountsCheck(votes, 0, False, 0)
    places = {(cell, pair) for cells in (kept, counted) for cell, pairs in cells.items() for pair in pairs}
    none = (0,) * len(OUTCOMES)
    found: list[CountDifference] = []
    for cell, pair in sorted(places, key=repr):
        have, want = kept.get(cell, {}).get(pair, none), counted.get(cell, {}).get(pair, none)
        if have != want:
            found += [
                CountDifference(*cell, names[pair[0]], names[pair[1]], winner.value, have[i], want[i])
                for i, winner in enumerate(OUTCOMES)
                if have[i] != want[i]
            ]
    return CountsCheck(votes, len(OUTCOMES) * len(places), True, len(found), tuple(found[:SHOWN]))
