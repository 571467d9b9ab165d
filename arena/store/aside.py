"""Battles set aside: what is voted on them counts in no rating, no export and no agreement.

Two kinds of battle stand aside: those whose voter knew the models' names, and those that only check whether annotators
read. Their votes are stored as all others are; the queries that count leave them out (`arena.store.counts.where`).
"""

from collections.abc import Callable, Sequence
from uuid import UUID

import duckdb

from arena.errors import Conflict, NotFound
from arena.store.ledger import Ledger
from arena.store.writer import Writer
from arena.types import Aside


class SetAside:
    """`store.set_aside`; every method may be called from any thread."""

    def __init__(self, writer: Writer, ledger: Ledger, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._ledger = ledger
        self._read = read

    def add(self, battle_id: UUID, reason: Aside | str) -> None:
        """Set a stored battle aside; see `add_many`. `store.battles.add(battle, aside=...)` stores one so."""
        self.add_many([battle_id], reason)

    def add_many(self, battle_ids: Sequence[UUID], reason: Aside | str) -> None:
        """Set stored battles aside, all or none; votes that stand on them no longer count. Again changes nothing.

        Raises:
            NotFound: a battle is not stored.
            Conflict: a battle is set aside for another reason.
        """
        keys, why = [str(battle_id) for battle_id in battle_ids], Aside(reason)
        self._writer.run(lambda con: set_aside(con, keys, why))
        self._ledger.set_aside(battle_ids, why.value)

    def reasons(self, battle_ids: Sequence[UUID]) -> dict[UUID, Aside]:
        """Return why those of the battles that are set aside are; the others are left out."""
        rows = self._read().execute(
            "SELECT battle_id, reason FROM set_aside WHERE battle_id IN (SELECT unnest(?::UUID[]))",
            [[str(battle_id) for battle_id in battle_ids]],
        )
        return {battle_id: Aside(reason) for battle_id, reason in rows.fetchall()}

    def count(self) -> dict[Aside, int]:
        """Return how many battles are set aside for each reason that any is for."""
        rows = self._read().execute("SELECT reason, count(*) FROM set_aside GROUP BY reason ORDER BY reason")
        return {Aside(reason): battles for reason, battles in rows.fetchall()}


def set_aside(con: duckdb.DuckDBPyConnection, battle_ids: Sequence[str], reason: Aside) -> None:
    """Set battles aside within a change; see `SetAside.add_many`."""
    missing = con.execute(
        "SELECT id::VARCHAR FROM (SELECT unnest(?::UUID[]) AS id) ANTI JOIN battles ON battle_id = id LIMIT 1",
        [list(battle_ids)],
    ).fetchall()
    if missing:
        raise NotFound(f"There is no battle {missing[0][0]}: it was never stored, so it cannot be set aside.")
    con.execute(
        "INSERT INTO set_aside SELECT DISTINCT unnest($1::UUID[]), $2 ON CONFLICT DO NOTHING",
        [list(battle_ids), reason.value],
    )
    other = con.execute(
        "SELECT battle_id::VARCHAR, reason FROM set_aside "
        "WHERE battle_id IN (SELECT unnest($1::UUID[])) AND reason <> $2 LIMIT 1",
        [list(battle_ids), reason.value],
    ).fetchall()
    if other:
        raise Conflict(
            f"The battle {other[0][0]} is set aside already as {other[0][1]!r}: it cannot be {reason.value!r} too."
        )
