"""What the ledger knows of battles: whether they take votes, and each voter's newest row.

A battle is read from the database when it is first voted on and remembered from then on. It must not be forgotten
while a row of it is on its way to the database, because reading it back would miss that row; of the others, those
unused for longest go first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import duckdb

from arena.store.rows import VOTE_COLUMNS, VoteRow

Key = tuple[str, str, str]
"""Voter kind, voter and criterion: of one battle, one vote may stand for each."""


class BattleFacts(NamedTuple):
    """What must be known of a battle before a vote on it."""

    battle_id: str
    model_a: int
    model_b: int
    votable: bool


@dataclass(slots=True)
class Standing:
    """One battle and the newest row of each of its voters; `last_seq` is that of its newest row of all."""

    facts: BattleFacts
    newest: dict[Key, VoteRow] = field(default_factory=dict)
    last_seq: int = -1


class Standings:
    """The battles remembered; for one thread."""

    def __init__(self, con: duckdb.DuckDBPyConnection, *, limit: int) -> None:
        self._con = con
        self._limit = limit
        self._known: OrderedDict[str, Standing] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def fetch(self, battle_ids: Iterable[str]) -> None:
        """Read those of `battle_ids` that are not remembered, by one query for battles and one for votes."""
        missing = [b for b in dict.fromkeys(battle_ids) if b not in self._known]
        if not missing:
            return
        facts = self._con.execute(
            "SELECT battle_id::VARCHAR, model_a, model_b, votable FROM battles "
            "WHERE battle_id IN (SELECT unnest(?::UUID[]))",
            [missing],
        ).fetchall()
        found = {row[0]: Standing(BattleFacts(*row)) for row in facts}
        if found:
            votes = self._con.execute(
                f"SELECT {VOTE_COLUMNS} FROM votes WHERE battle_id IN (SELECT unnest(?::UUID[])) ORDER BY revision",
                [list(found)],
            ).fetchall()
            for vote in votes:
                row = VoteRow(*vote)
                remember(found[row.battle_id], row)
        self._known.update(found)

    def get(self, battle_id: str) -> Standing | None:
        """Return a battle fetched before, `None` when there is no such battle."""
        standing = self._known.get(battle_id)
        if standing is not None:
            self._known.move_to_end(battle_id)
        return standing

    def learn(self, facts: Sequence[BattleFacts], *, new: bool) -> None:
        """Take in `facts` of battles just written; `new` ones have no votes yet and need never be read."""
        for fact in facts:
            if (standing := self._known.get(fact.battle_id)) is not None:
                standing.facts = fact
            elif new:
                self._known[fact.battle_id] = Standing(fact)

    def trim(self, stored_before: int, *, limit: int | None = None) -> None:
        """Forget the longest unused battles beyond `limit`, but none with a row of `seq >= stored_before`."""
        excess = len(self._known) - (self._limit if limit is None else limit)
        if excess > 0:
            stored = (b for b, standing in self._known.items() if standing.last_seq < stored_before)
            for battle_id in [b for b, _ in zip(stored, range(excess), strict=False)]:
                del self._known[battle_id]


def remember(standing: Standing, row: VoteRow) -> None:
    """Make `row` the newest of its voter."""
    standing.newest[(row.voter_kind, row.voter, row.criterion)] = row
    standing.last_seq = max(standing.last_seq, row.seq)
