"""Pair counts kept up to date as votes land, so that a rating costs the same after a hundred votes and a million.

They are counted once by a query, when they are first asked for, and from then on changed by each group of votes once
it is durable. The ledger draws the line between the two: rows numbered below `Cut.seq` are the query's, later ones are
kept aside until it is done. What reaches votes by another way (an import, a battle set aside) makes them invalid, and
they are counted anew. Cells are as fine as the filters that ratings use most: criterion, kind of voter, the judge, and
why the battle is set aside. A filter on anything finer is answered by a query.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import duckdb

from arena.store.rows import VoteRow
from arena.types import Aside, PairCount, VoteFilter, VoterKind, Winner

MOST_CELLS = 200_000
"""With more cells than this (votes of very many judges) nothing is kept, and every filter is answered by a query."""
_REMEMBERED = 32

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
_PLACES: dict[str, int] = {winner.value: place for place, winner in enumerate(Winner)}
_SWAPPED = {place: _PLACES[winner.swapped()] for place, winner in enumerate(Winner)}


class Cell(NamedTuple):
    """What votes are counted by, beside models and outcome; `judge` is `None` unless a judge cast them."""

    criterion: str
    voter_kind: str
    judge: str | None
    aside: str | None


class Landed(NamedTuple):
    """A row that has become durable, the row that stood for its voter before, and whether the battle stands aside."""

    row: VoteRow
    previous: VoteRow | None
    aside: str | None


class Cut(NamedTuple):
    """Where the query ends and what has landed since begins; `version` tells whether it is still of use."""

    seq: int
    version: int


Outcomes = list[int]
"""How often each outcome stands, in the order of `Winner`, with the model of the smaller id as side A."""


class Tallies:
    """The counts; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._version = 0
        self._changes = 0
        self._since: list[Landed] | None = None
        self._cells: dict[Cell, dict[tuple[int, int], Outcomes]] | None = None
        self._size = 0
        self._answers: OrderedDict[VoteFilter, tuple[int, list[PairCount]]] = OrderedDict()

    @property
    def changes(self) -> int:
        """Return a number that is another after any change to votes, or to which of them count."""
        return self._changes

    def begin(self, seq: int) -> Cut:
        """Keep what lands from now on aside; `seq` is above all rows that have landed."""
        with self._lock:
            self._since = []
            return Cut(seq, self._version)

    def land(self, landed: Iterable[Landed]) -> None:
        """Take in rows that have become durable, in order."""
        with self._lock:
            self._changes += 1
            if self._cells is not None:
                self._take_in(self._cells, landed)
            elif self._since is not None:
                self._since.extend(landed)

    def invalidate(self) -> None:
        """Forget everything, because votes or battles set aside were written by another way."""
        with self._lock:
            self._version += 1
            self._changes += 1
            self._cells, self._since, self._size = None, None, 0
            self._answers.clear()

    def ensure(self, mark: Callable[[], Cut | None], read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        """Count by a query unless it was done; `mark` runs `begin` between two groups of votes."""
        while self._cells is None:
            with self._counting:
                if self._cells is None:
                    if (cut := mark()) is None:
                        return
                    try:
                        self._finish(cut, read().execute(_COUNT, [cut.seq]).fetchall())
                    finally:
                        self._since = None

    def pair_counts(
        self, votes: VoteFilter, names: Callable[[set[int]], Mapping[int, str]]
    ) -> list[PairCount] | None:
        """Return what `arena.store.counts.pair_counts` would, or `None` where cells are too coarse or too many."""
        key = replace(votes, trusted=())
        with self._lock:
            known = self._answers.get(key)
            if known is not None and known[0] == self._changes:
                self._answers.move_to_end(key)
                return list(known[1])
            if self._cells is None or self._size > MOST_CELLS:
                return None
            changes, summed = self._changes, _sum(self._cells, votes)
        counts = _named(summed, names({model for pair in summed for model in pair}), votes.models)
        with self._lock:
            self._answers[key] = (changes, counts)
            while len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        return list(counts)

    def voter_kinds(self) -> dict[VoterKind, int] | None:
        """Return how many counting votes each kind of voter has, or `None` where cells are too many."""
        with self._lock:
            if self._cells is None or self._size > MOST_CELLS:
                return None
            found = dict.fromkeys(VoterKind, 0)
            for cell, pairs in self._cells.items():
                if cell.aside is None:
                    found[VoterKind(cell.voter_kind)] += sum(map(sum, pairs.values()))
        return {kind: votes for kind, votes in found.items() if votes}

    def _finish(
        self, cut: Cut, rows: list[tuple[str, str, str | None, str | None, int, int, str, int]]
    ) -> None:
        cells: dict[Cell, dict[tuple[int, int], Outcomes]] = {}
        with self._lock:
            if cut.version != self._version or self._since is None:
                return
            self._size = 0
            for criterion, kind, judge, reason, model_a, model_b, winner, votes in rows:
                self._add(cells, Cell(criterion, kind, judge, reason), model_a, model_b, winner, votes)
            self._take_in(cells, self._since)
            self._cells, self._since = cells, None

    def _take_in(self, cells: dict[Cell, dict[tuple[int, int], Outcomes]], landed: Iterable[Landed]) -> None:
        for row, previous, aside in landed:
            if previous is not None and previous.winner is not None:
                self._add(
                    cells, _cell(previous, aside), previous.model_a, previous.model_b, previous.winner, -1
                )
            if row.winner is not None:
                self._add(cells, _cell(row, aside), row.model_a, row.model_b, row.winner, 1)

    def _add(
        self,
        cells: dict[Cell, dict[tuple[int, int], Outcomes]],
        cell: Cell,
        model_a: int,
        model_b: int,
        winner: str,
        votes: int,
    ) -> None:
        if self._size > MOST_CELLS:
            return
        pairs = cells.get(cell)
        if pairs is None:
            pairs = cells[cell] = {}
        place = _PLACES[winner]
        if model_a > model_b:
            model_a, model_b, place = model_b, model_a, _SWAPPED[place]
        outcomes = pairs.get((model_a, model_b))
        if outcomes is None:
            outcomes = pairs[model_a, model_b] = [0, 0, 0, 0]
            self._size += 1
        outcomes[place] += votes


def _cell(row: VoteRow, aside: str | None) -> Cell:
    return Cell(row.criterion, row.voter_kind, row.voter if row.voter_kind == "judge" else None, aside)


def is_coarse(votes: VoteFilter) -> bool:
    """Whether cells tell apart everything that `votes` asks for, so that `Tallies` can answer."""
    finer = any(
        wanted is not None
        for wanted in (
            votes.voters, votes.category, votes.language, votes.since, votes.until, votes.per_prompt
        )
    )  # fmt: skip
    people = any(voter.kind is not VoterKind.JUDGE for voter in votes.without_voters)
    return not (finer or votes.without_prompts or votes.without_self_named or people)


def _sum(
    cells: dict[Cell, dict[tuple[int, int], Outcomes]], votes: VoteFilter
) -> dict[tuple[int, int], Outcomes]:
    kinds = None if votes.voter_kinds is None else {kind.value for kind in votes.voter_kinds}
    without = {voter.name for voter in votes.without_voters}
    reasons = {None, Aside.NAMED.value} if votes.named else {None}
    summed: dict[tuple[int, int], Outcomes] = {}
    for cell, pairs in cells.items():
        if cell.criterion != votes.criterion or (kinds is not None and cell.voter_kind not in kinds):
            continue
        if cell.aside not in reasons or (cell.judge is not None and cell.judge in without):
            continue
        for pair, more in pairs.items():
            sums = summed.get(pair)
            summed[pair] = more.copy() if sums is None else [a + b for a, b in zip(sums, more, strict=True)]
    return summed


def _named(
    summed: dict[tuple[int, int], Outcomes], names: Mapping[int, str], models: tuple[str, ...] | None
) -> list[PairCount]:
    chosen = None if models is None else set(models)
    counts = []
    for (first, second), (wins_a, wins_b, ties, both_bad) in summed.items():
        if not wins_a + wins_b + ties + both_bad:
            continue
        name_a, name_b = names[first], names[second]
        if chosen is not None and not (name_a in chosen and name_b in chosen):
            continue
        if name_a > name_b:
            name_a, name_b, wins_a, wins_b = name_b, name_a, wins_b, wins_a
        counts.append(PairCount(name_a, name_b, wins_a, wins_b, ties, both_bad))
    counts.sort(key=lambda count: (count.model_a, count.model_b))
    return counts
