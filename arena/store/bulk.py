"""Whole files of votes: staged as a table, then stored by one statement a noun, all in one transaction.

A file of a million rows costs seconds this way, and is stored wholly or not at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

import duckdb

from arena.errors import Conflict, ImportRejected
from arena.store.ledger import Ledger
from arena.store.writer import Writer

T = TypeVar("T")

STAGED_COLUMNS = """
row_number BIGINT, battle_key VARCHAR, model_a VARCHAR, model_b VARCHAR, winner VARCHAR, voter VARCHAR,
voter_kind VARCHAR, criterion VARCHAR, created_at TIMESTAMPTZ, prompt_id VARCHAR, text_a VARCHAR, text_b VARCHAR
"""
"""What a staging table has, in the words of `CREATE TABLE`."""
_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many votes and battles were stored, and how many models became known by it."""

    votes: int
    battles: int
    models: int


class Bulk:
    """`store.bulk`: changes of any size on the writer's own connection."""

    def __init__(
        self,
        writer: Writer,
        ledger: Ledger,
        take_seq: Callable[[int], int],
        deliver: Callable[[], None],
    ) -> None:
        self._writer = writer
        self._deliver = deliver
        self._ledger = ledger
        self._take_seq = take_seq

    def run(self, change: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Run `change` in one transaction and return its result once that is durable; any error undoes all of it.

        Temporary tables made by `change` live on the writer's connection: drop them, or replace them each time.
        Votes may be cast meanwhile. A change adds votes to battles of its own only, and reads through the connection
        it is given, not through the store.
        """
        result = self._writer.run(change)
        self._deliver()
        self._ledger.forget()
        return result

    def insert_staged_votes(self, con: duckdb.DuckDBPyConnection, table: str) -> BulkResult:
        """Within `run`, store the votes in `table` (see `STAGED_COLUMNS`) in the order of `row_number`.

        Rows with one `battle_key` are votes on one battle; a key that is a UUID becomes the battle's id; a row
        without a key is a battle of its own. Models not known yet are registered as recorded ones. Where a battle
        has a `prompt_id` and both texts, they are stored as its answers, and it takes further votes.

        Raises:
            ImportRejected: rows that contradict each other or themselves, listed by `row_number`.
            Conflict: a battle of that id is stored already.
        """
        return insert_staged_votes(con, table, self._take_seq)


def insert_staged_votes(
    con: duckdb.DuckDBPyConnection, table: str, take_seq: Callable[[int], int]
) -> BulkResult:
    """Store staged votes; see `Bulk.insert_staged_votes`."""
    _refuse_bad_rows(con, table)
    models = _add_models(con, table)
    con.execute(_STAGED.format(table=table, has_text=_HAS_TEXT), [str(uuid4())])
    votes, battles, last = con.execute(
        "SELECT count(*), count(DISTINCT battle_id), max(row_number) FROM staged_votes"
    ).fetchall()[0]
    if battles < votes:
        _refuse_bad_battles(con)
    _refuse_known_battles(con)
    _add_battles(con, "first_votes" if battles < votes else "staged_votes")
    if votes:
        con.execute(_VOTES, [take_seq(last + 1)])
    con.execute("DROP TABLE staged_votes")
    return BulkResult(votes, battles, models)


_STAGED = """
CREATE OR REPLACE TEMP TABLE staged_votes AS
SELECT s.row_number, s.battle_key,
       coalesce(try_cast(s.battle_key AS UUID), md5($1 || s.battle_key)::UUID, uuid()) AS battle_id,
       a.model_id AS model_a, b.model_id AS model_b, s.winner::outcome AS winner,
       s.voter, s.voter_kind::voter_kind AS voter_kind, s.criterion, coalesce(s.created_at, now()) AS created_at,
       s.prompt_id, s.text_a, s.text_b,
       CASE WHEN {has_text} THEN uuid() END AS answer_a, CASE WHEN {has_text} THEN uuid() END AS answer_b
FROM {table} s JOIN models a ON a.name = s.model_a JOIN models b ON b.name = s.model_b
"""

_HAS_TEXT = "s.prompt_id IS NOT NULL AND s.text_a IS NOT NULL AND s.text_b IS NOT NULL"

_FIRST_VOTES = """
CREATE OR REPLACE TEMP TABLE first_votes AS
SELECT v.* REPLACE (started AS created_at)
FROM (SELECT min(row_number) AS row_number, min(created_at) AS started FROM staged_votes GROUP BY battle_id)
JOIN staged_votes v USING (row_number)
"""

_VOTES = """
INSERT INTO votes
SELECT $1 + row_number, battle_id, model_a, model_b, winner, voter_kind, voter, criterion, 0, [], NULL, created_at
FROM staged_votes ORDER BY row_number
"""


def _refuse_bad_rows(con: duckdb.DuckDBPyConnection, table: str) -> None:
    bad = con.execute(
        "SELECT row_number, CASE "
        "WHEN model_a IS NULL OR trim(model_a) = '' OR model_b IS NULL OR trim(model_b) = '' THEN 'a model is missing' "
        "WHEN model_a = model_b THEN 'model_a and model_b are both ' || model_a "
        "WHEN winner IS NULL OR winner NOT IN ('model_a', 'model_b', 'tie', 'both_bad') "
        "THEN 'the winner is ' || coalesce(winner, 'missing') "
        "WHEN voter_kind IS NULL OR voter_kind NOT IN ('human', 'judge', 'simulated') "
        "THEN 'the kind of voter is ' || coalesce(voter_kind, 'missing') "
        "WHEN voter IS NULL OR trim(voter) = '' THEN 'the voter is missing' "
        "WHEN criterion IS NULL OR trim(criterion) = '' THEN 'the criterion is missing' END AS reason "
        f"FROM {table} WHERE reason IS NOT NULL ORDER BY row_number LIMIT {_SHOWN}"
    ).fetchall()
    _reject(bad)


def _refuse_bad_battles(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse rows that share a battle but not its models, or that are second votes of one voter on it."""
    _reject(
        con.execute(
            "SELECT v.row_number, 'the battle ' || v.battle_key || ' is between other models in an earlier row' "
            "FROM (SELECT battle_id, arg_min((model_a, model_b), row_number) AS pair FROM staged_votes "
            "GROUP BY battle_id) JOIN staged_votes v USING (battle_id) WHERE (v.model_a, v.model_b) <> pair "
            f"ORDER BY v.row_number LIMIT {_SHOWN}"
        ).fetchall()
    )
    _reject(
        con.execute(
            "SELECT v.row_number, v.voter || ' votes twice on the battle ' || v.battle_key "
            "FROM (SELECT battle_id, voter_kind, voter, criterion, min(row_number) AS first FROM staged_votes "
            "GROUP BY ALL HAVING count(*) > 1) JOIN staged_votes v USING (battle_id, voter_kind, voter, criterion) "
            f"WHERE v.row_number > first ORDER BY v.row_number LIMIT {_SHOWN}"
        ).fetchall()
    )


def _refuse_known_battles(con: duckdb.DuckDBPyConnection) -> None:
    known, first = con.execute(
        "SELECT count(*), min(battle_id)::VARCHAR FROM battles SEMI JOIN staged_votes USING (battle_id)"
    ).fetchall()[0]
    if known:
        raise Conflict(
            f"{known} battles of this file are stored already, the first is {first}: it was imported before."
        )


def _reject(rows: list[tuple[int, str]]) -> None:
    if rows:
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        raise ImportRejected(
            f"Row {rows[0][0]}{more} cannot be stored: {rows[0][1]}.",
            tuple((n, reason) for n, reason in rows),
        )


def _add_models(con: duckdb.DuckDBPyConnection, table: str) -> int:
    new = (
        f"FROM (SELECT name, min(row_number) AS place FROM (SELECT model_a AS name, row_number FROM {table} "
        f"UNION ALL SELECT model_b, row_number FROM {table}) GROUP BY name) "
        "WHERE name NOT IN (SELECT name FROM models)"
    )
    before = _count(con, "models")
    con.execute(
        f"INSERT INTO models (name, kind, options) SELECT name, 'recorded', '{{}}' {new} ORDER BY place, name"
    )
    return _count(con, "models") - before


def _add_battles(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Store the battles in `table`, one a row, with their answers where they have texts."""
    if table == "first_votes":
        con.execute(_FIRST_VOTES)
    con.execute(
        "INSERT INTO battles SELECT battle_id, prompt_id, model_a, model_b, NULL, NULL, "
        f"answer_a IS NOT NULL, created_at FROM {table} ORDER BY row_number"
    )
    for side in ("a", "b"):
        con.execute(
            "INSERT INTO answers (answer_id, prompt_id, model_id, text, finish_reason, recorded, created_at) "
            f"SELECT answer_{side}, prompt_id, model_{side}, text_{side}, 'recorded', false, created_at "
            f"FROM {table} WHERE answer_a IS NOT NULL ORDER BY row_number"
        )
    con.execute(
        "INSERT INTO turns SELECT battle_id, 0, NULL, answer_a, answer_b, false "
        f"FROM {table} WHERE answer_a IS NOT NULL ORDER BY row_number"
    )
    if table == "first_votes":
        con.execute("DROP TABLE first_votes")


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
