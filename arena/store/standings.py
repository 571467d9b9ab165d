"""What the ledger knows of battles: whether they take votes, and each voter's newest row.

A battle is read from the database when it is first voted on and remembered from then on. It must not be forgotten
while a row of it is on its way to the database, because reading it back would miss that row; of the others, those
unused for longest go first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import duckdb

from arena.store.rows import VOTE_COLUMNS, VoteRow

Key = tuple[str, str, str]
"""Voter kind, voter and criterion: of one battle, one vote may stand for each."""


class BattleFacts(NamedTuple):
    """What must be known of a battle before a vote on it; `owner` is the kind and name of who started it."""

    battle_id: str
    model_a: int
    model_b: int
    votable: bool
    owner: tuple[str, str] | None = None
    aside: str | None = None


_BLOCK, _BLOCKS = 256, 8
"""Battles are read in blocks of neighbours while so many blocks hold all that are wanted."""

_FEW = 16
"""So many battles are looked up one by one, which uses the index; more of them by a scan of their ids."""

_FACTS = (
    "SELECT b.battle_id::VARCHAR, model_a, model_b, votable, started_by_kind::VARCHAR, started_by, reason "
    "FROM battles b LEFT JOIN set_aside USING (battle_id) WHERE "
)


@dataclass(slots=True)
class Standing:
    """One battle and the newest row of each of its voters; `last_seq` is that of its newest row of all."""

    facts: BattleFacts
    newest: dict[Key, VoteRow] = field(default_factory=dict)
    last_seq: int = -1


class Standings:
    """The battles remembered, by the number that their UUID is (which hashes fast); for one thread."""

    def __init__(self, con: duckdb.DuckDBPyConnection, *, limit: int) -> None:
        self._con = con
        self._limit = limit
        self._known: OrderedDict[int, Standing] = OrderedDict()

    @property
    def crowded(self) -> bool:
        """Whether more battles are remembered than should be."""
        return len(self._known) > self._limit

    def fetch(self, battles: Iterable[int]) -> None:
        """Read those of `battles` that are not remembered, with all votes on them.

        Battles stored next to them come along, unless those wanted lie scattered: who votes on one goes on with others
        of the same import or queue, and reading a few hundred costs hardly more than reading one.
        """
        unknown = [battle for battle in battles if battle not in self._known]
        if not unknown:
            return
        read = {row[0]: Standing(_facts(row)) for row in self._read(self._places(unknown))}
        found = {key: standing for key, standing in read.items() if UUID(key).int not in self._known}
        if found:
            votes = self._con.execute(
                f"SELECT {VOTE_COLUMNS} FROM votes WHERE battle_id IN (SELECT unnest(?::UUID[])) ORDER BY revision",
                [list(found)],
            ).fetchall()
            for vote in votes:
                row = VoteRow(*vote)
                remember(found[row.battle_id], row)
        self._known.update({UUID(battle_id).int: standing for battle_id, standing in found.items()})

    def _places(self, battles: Iterable[int]) -> list[int]:
        """Return where those of the battles that are stored stand in the table."""
        keys = [str(UUID(int=battle)) for battle in dict.fromkeys(battles)]
        if len(keys) > _FEW:
            among = "SELECT rowid FROM battles WHERE battle_id IN (SELECT unnest(?::UUID[]))"
            return [place for (place,) in self._con.execute(among, [keys]).fetchall()]
        one = "SELECT rowid FROM battles WHERE battle_id = ?"
        return [place for key in keys for (place,) in self._con.execute(one, [key]).fetchall()]

    def _read(self, places: list[int]) -> list[tuple[Any, ...]]:
        """Return what is known of the battles at these places, and around them."""
        blocks = {place // _BLOCK for place in places}
        if len(blocks) > _BLOCKS:
            among = f"{_FACTS} b.rowid IN (SELECT unnest(?::BIGINT[]))"
            return self._con.execute(among, [places]).fetchall()
        near = f"{_FACTS} b.rowid BETWEEN ? AND ?"
        spans = [[block * _BLOCK, (block + 1) * _BLOCK - 1] for block in sorted(blocks)]
        return [row for span in spans for row in self._con.execute(near, span).fetchall()]

    def get(self, battle: int) -> Standing | None:
        """Return a battle fetched before, `None` when there is no such battle."""
        standing = self._known.get(battle)
        if standing is not None:
            self._known.move_to_end(battle)
        return standing

    def learn(self, facts: Sequence[BattleFacts], *, new: bool) -> None:
        """Take in `facts` of battles just written; `new` ones have no votes yet and need never be read."""
        for fact in facts:
            battle = UUID(fact.battle_id).int
            if (standing := self._known.get(battle)) is not None:
                standing.facts = fact
            elif new:
                self._known[battle] = Standing(fact)

    def set_aside(self, battles: Iterable[UUID], reason: str) -> None:
        """Take in that battles stand aside from now on."""
        for battle in battles:
            if (standing := self._known.get(battle.int)) is not None:
                standing.facts = standing.facts._replace(aside=reason)

    def trim(self, stored_before: int, *, limit: int | None = None) -> None:
        """Forget the longest unused battles beyond `limit`, but none with a row of `seq >= stored_before`."""
        excess = len(self._known) - (self._limit if limit is None else limit)
        if excess > 0:
            stored = (b for b, standing in self._known.items() if standing.last_seq < stored_before)
            for battle in [*islice(stored, excess)]:
                del self._known[battle]


def _facts(row: tuple[Any, ...]) -> BattleFacts:
    battle_id, model_a, model_b, votable, kind, name, aside = row
    return BattleFacts(battle_id, model_a, model_b, votable, None if kind is None else (kind, name), aside)


def remember(standing: Standing, row: VoteRow) -> None:
    """Make `row` the newest of its voter."""
    standing.newest[(row.voter_kind, row.voter, row.criterion)] = row
    standing.last_seq = max(standing.last_seq, row.seq)
