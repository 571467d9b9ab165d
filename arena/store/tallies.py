"""Pair counts kept up to date as votes land, so that a rating costs the same after a hundred votes and a million.

They are counted once by a query, when they are first asked for, and from then on changed by each group of votes once
it is durable. The ledger draws the line between the two: rows numbered below `Cut.seq` are the query's, later ones are
kept aside until it is done. What reaches votes by another way (an import, a battle set aside) makes them invalid, and
they are counted anew. Cells are as fine as the filters that ratings use most: criterion, kind of voter, the judge, and
why the battle is set aside. A filter on anything finer is answered by a query.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt

from arena.ratings.pair_table import PairTable
from arena.store.recount import Cell, Counted, recount
from arena.store.rows import VoteRow
from arena.types import OUTCOMES, Aside, VoteFilter, VoterKind

MOST_CELLS = 2_000_000
"""With more pairs times cells than this (64 MB; votes of very many judges) every filter is answered by a query."""
_REMEMBERED = 32

_PLACES: dict[str, int] = {winner.value: place for place, winner in enumerate(OUTCOMES)}
_SWAPPED = [_PLACES[winner.swapped()] for winner in OUTCOMES]


class Landed(NamedTuple):
    """A row that has become durable, the row that stood for its voter before, and whether the battle stands aside."""

    row: VoteRow
    previous: VoteRow | None
    aside: str | None


class Cut(NamedTuple):
    """Where the query ends and what has landed since begins; `version` tells whether it is still of use."""

    seq: int
    version: int


class _Cells:
    """Pairs of model ids, numbered as they come, and how often each outcome of each stands, by cell.

    The model of the smaller id is side A. All cells share the numbers of the pairs, so that cells can be added up.
    """

    def __init__(self) -> None:
        self._place: dict[tuple[int, int], int] = {}
        self.by_cell: dict[Cell, npt.NDArray[np.int64]] = {}

    @property
    def size(self) -> int:
        """Return how many numbers of votes are kept, a few of them zero."""
        return len(self._place) * len(self.by_cell)

    def pairs(self) -> npt.NDArray[np.int64]:
        """Return the model ids of the pairs, in the order of their numbers, shape (pairs, 2)."""
        return np.array(list(self._place), dtype=np.int64).reshape(-1, 2)

    def sum(self, chosen: Iterable[Cell]) -> npt.NDArray[np.int64]:
        """Return the outcomes of each pair over cells, shape (pairs, 4)."""
        total = np.zeros((len(self._place), len(OUTCOMES)), dtype=np.int64)
        for cell in chosen:
            votes = self.by_cell[cell]
            filled = min(len(votes), len(total))
            total[:filled] += votes[:filled]
        return total

    def add(self, cell: Cell, model_a: int, model_b: int, winner: str, votes: int) -> None:
        """Count some votes more, or fewer."""
        outcome = _PLACES[winner]
        if model_a > model_b:
            model_a, model_b, outcome = model_b, model_a, _SWAPPED[outcome]
        place = self._place.setdefault((model_a, model_b), len(self._place))
        self._room(cell)[place, outcome] += votes

    def add_all(self, cell: Cell, counted: Counted) -> None:
        """Count many votes more."""
        turned = (counted.model_a > counted.model_b)[:, None]
        votes = np.where(turned, counted.votes[:, _SWAPPED], counted.votes)
        low, high = np.minimum(counted.model_a, counted.model_b), np.maximum(counted.model_a, counted.model_b)
        known = self._place
        pairs = zip(low.tolist(), high.tolist(), strict=True)
        places = np.array([known.setdefault(pair, len(known)) for pair in pairs], dtype=np.int64)
        np.add.at(self._room(cell), places, votes)

    def _room(self, cell: Cell) -> npt.NDArray[np.int64]:
        room = self.by_cell.get(cell)
        if room is None or len(room) < len(self._place):
            grown = np.zeros((max(16, len(self._place) * 5 // 4), len(OUTCOMES)), dtype=np.int64)
            if room is not None:
                grown[: len(room)] = room
            room = self.by_cell[cell] = grown
        return room


class _Pairs(NamedTuple):
    """The model ids of all pairs, sorted, and the pairs as places in them, shape (pairs, 2)."""

    ids: list[int]
    places: npt.NDArray[np.int64]

    @classmethod
    def of(cls, pairs: npt.NDArray[np.int64]) -> "_Pairs":
        ids = np.unique(pairs)
        return cls(ids.tolist(), np.searchsorted(ids, pairs))


class Tallies:
    """The counts; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._version = 0
        self._changes = 0
        self._since: list[Landed] | None = None
        self._cells: _Cells | None = None
        self._answers: OrderedDict[VoteFilter, tuple[int, PairTable]] = OrderedDict()
        self._pairs = _Pairs.of(np.zeros((0, 2), dtype=np.int64))

    @property
    def changes(self) -> int:
        """Return a number that is another after any change to votes, or to which of them count."""
        return self._changes

    @property
    def version(self) -> int:
        """Return a number that is another after votes or battles set aside were written by another way than landing."""
        return self._version

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
            self._cells, self._since = None, None
            self._answers.clear()

    def ensure(self, mark: Callable[[], Cut | None], read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        """Count by a query unless it was done; `mark` runs `begin` between two groups of votes."""
        while self._cells is None:
            with self._counting:
                if self._cells is None:
                    if (cut := mark()) is None:
                        return
                    try:
                        self._finish(cut, recount(read(), cut.seq))
                    finally:
                        self._since = None

    def pair_counts(
        self, votes: VoteFilter, names: Callable[[Collection[int]], Mapping[int, str]]
    ) -> PairTable | None:
        """Return what `arena.store.counts.pair_counts` would, or `None` where cells are too coarse or too many."""
        key = replace(votes, trusted=())
        with self._lock:
            known = self._answers.get(key)
            if known is not None and known[0] == self._changes:
                self._answers.move_to_end(key)
                return known[1]
            if self._cells is None or self._cells.size > MOST_CELLS:
                return None
            changes, summed = self._changes, self._cells.sum(_chosen(self._cells.by_cell, votes))
            if len(self._pairs.places) != len(summed):
                self._pairs = _Pairs.of(self._cells.pairs())
            pairs = self._pairs
        counts = _named(pairs, summed, names, votes.models)
        with self._lock:
            self._answers[key] = (changes, counts)
            while len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        return counts

    def voter_kinds(self) -> dict[VoterKind, int] | None:
        """Return how many counting votes each kind of voter has, or `None` where cells are too many."""
        with self._lock:
            if self._cells is None or self._cells.size > MOST_CELLS:
                return None
            found = dict.fromkeys(VoterKind, 0)
            for cell, votes in self._cells.by_cell.items():
                if cell.aside is None:
                    found[VoterKind(cell.voter_kind)] += int(votes.sum())
        return {kind: votes for kind, votes in found.items() if votes}

    def judged(self) -> bool | None:
        """Return whether any vote of a judge stands, or `None` where cells are too many."""
        with self._lock:
            if self._cells is None or self._cells.size > MOST_CELLS:
                return None
            return any(cell.judge is not None and votes.any() for cell, votes in self._cells.by_cell.items())

    def cells(self) -> dict[Cell, dict[tuple[int, int], tuple[int, ...]]] | None:
        """Return every count that is not zero, by cell and pair of model ids; `None` where nothing is kept."""
        with self._lock:
            if self._cells is None or self._cells.size > MOST_CELLS:
                return None
            return as_plain(self._cells)

    def _finish(self, cut: Cut, counted: Iterable[tuple[Cell, Counted]]) -> None:
        cells = _Cells()
        for cell, more in counted:
            if cells.size <= MOST_CELLS:
                cells.add_all(cell, more)
        with self._lock:
            if cut.version != self._version or self._since is None:
                return
            self._take_in(cells, self._since)
            self._cells, self._since = cells, None
            self._pairs = _Pairs.of(cells.pairs())

    def _take_in(self, cells: _Cells, landed: Iterable[Landed]) -> None:
        for row, previous, aside in landed:
            if cells.size > MOST_CELLS:
                return
            if previous is not None and previous.winner is not None:
                cells.add(_cell(previous, aside), previous.model_a, previous.model_b, previous.winner, -1)
            if row.winner is not None:
                cells.add(_cell(row, aside), row.model_a, row.model_b, row.winner, 1)


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


def _chosen(cells: Iterable[Cell], votes: VoteFilter) -> list[Cell]:
    kinds = None if votes.voter_kinds is None else {kind.value for kind in votes.voter_kinds}
    without = {voter.name for voter in votes.without_voters}
    reasons = {None, Aside.NAMED.value} if votes.named else {None}
    return [
        cell
        for cell in cells
        if cell.criterion == votes.criterion
        and (kinds is None or cell.voter_kind in kinds)
        and cell.aside in reasons
        and (cell.judge is None or cell.judge not in without)
    ]


def _named(
    pairs: _Pairs,
    summed: npt.NDArray[np.int64],
    names: Callable[[Collection[int]], Mapping[int, str]],
    models: tuple[str, ...] | None,
) -> PairTable:
    known, places = names(pairs.ids), pairs.places
    labels = [known[model_id] for model_id in pairs.ids]
    if models is not None:
        wanted = np.isin(np.array(labels, dtype=object), np.array(models, dtype=object))
        kept = wanted[places].all(axis=1) if len(places) else np.zeros(0, dtype=bool)
        places, summed = places[kept], summed[kept]
    return PairTable.of(labels, places[:, 0], places[:, 1], summed)


def as_plain(cells: _Cells) -> dict[Cell, dict[tuple[int, int], tuple[int, ...]]]:
    """Return every count that is not zero, by cell and pair of model ids."""
    pairs = [tuple(pair) for pair in cells.pairs().tolist()]
    plain: dict[Cell, dict[tuple[int, int], tuple[int, ...]]] = {}
    for cell, votes in cells.by_cell.items():
        rows = np.flatnonzero(votes.any(axis=1)).tolist()
        if rows:
            plain[cell] = {pairs[row]: tuple(votes[row].tolist()) for row in rows}
    return plain
