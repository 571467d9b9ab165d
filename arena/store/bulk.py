"""Whole files of votes: staged as a table, then stored by one statement a noun, all in one transaction.

A file of a million rows costs seconds this way, and is stored wholly or not at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

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


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many votes and battles were stored, and how many models became known by it."""

    votes: int
    battles: int
    models: int


class Bulk:
    """`store.bulk`: changes of any size on the writer's own connection."""

    def __init__(self, writer: Writer, ledger: Ledger, take_seq: Callable[[int], int]) -> None:
        self._writer = writer
        self._ledger = ledger
        self._take_seq = take_seq

    def run(self, change: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Run `change` in one transaction and return its result once that is durable; any error undoes all of it.

        Temporary tables made by `change` live on the writer's connection: drop them, or replace them each time.
        Votes may be cast meanwhile; a change adds votes to battles of its own only.
        """
        try:
            return self._writer.run(change)
        finally:
            self._ledger.forget()

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
    con.execute(_BATTLES_OF_ROWS.format(table=table))
    _refuse_bad_battles(con)
    battles = _add_battles(con)
    votes = _count(con, "staged_votes")
    con.execute(_VOTES, [take_seq(votes) - 1])
    con.execute("DROP TABLE staged_votes")
    return BulkResult(votes, battles, models)


_BATTLES_OF_ROWS = """
CREATE OR REPLACE TEMP TABLE staged_votes AS
WITH keys AS (
    SELECT battle_key, coalesce(try_cast(battle_key AS UUID), uuid()) AS battle_id
    FROM (SELECT DISTINCT battle_key FROM {table} WHERE battle_key IS NOT NULL)
)
SELECT s.row_number, s.battle_key, coalesce(k.battle_id, uuid()) AS battle_id,
       a.model_id AS model_a, b.model_id AS model_b, s.winner::outcome AS winner,
       s.voter, s.voter_kind::voter_kind AS voter_kind, s.criterion, coalesce(s.created_at, now()) AS created_at,
       s.prompt_id, s.text_a, s.text_b
FROM {table} s JOIN models a ON a.name = s.model_a JOIN models b ON b.name = s.model_b
LEFT JOIN keys k USING (battle_key)
"""

_BATTLES = """
CREATE OR REPLACE TEMP TABLE staged_battles AS
SELECT battle_id, min(row_number) AS place, arg_min(model_a, row_number) AS model_a,
       arg_min(model_b, row_number) AS model_b, min(prompt_id) AS prompt_id,
       arg_min(text_a, row_number) AS text_a, arg_min(text_b, row_number) AS text_b,
       min(created_at) AS created_at, uuid() AS answer_a, uuid() AS answer_b
FROM staged_votes GROUP BY battle_id
"""

_HAS_TEXT = "prompt_id IS NOT NULL AND text_a IS NOT NULL AND text_b IS NOT NULL"

_VOTES = """
INSERT INTO votes
SELECT $1 + row_number() OVER (ORDER BY row_number), battle_id, model_a, model_b, winner, voter_kind, voter,
       criterion, 0, [], NULL, created_at
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
        f"FROM {table} WHERE reason IS NOT NULL ORDER BY row_number LIMIT 1000"
    ).fetchall()
    _reject(bad)


def _refuse_bad_battles(con: duckdb.DuckDBPyConnection) -> None:
    if not con.execute("SELECT 1 FROM staged_votes WHERE battle_key IS NOT NULL LIMIT 1").fetchall():
        return
    _reject(
        con.execute(
            "SELECT row_number, 'the battle ' || battle_key || ' is between other models in an earlier row' FROM ("
            "SELECT row_number, battle_key, (model_a, model_b) AS pair, first_value((model_a, model_b)) OVER ("
            "PARTITION BY battle_id ORDER BY row_number) AS first_pair FROM staged_votes WHERE battle_key IS NOT NULL) "
            "WHERE pair <> first_pair ORDER BY row_number LIMIT 1000"
        ).fetchall()
    )
    _reject(
        con.execute(
            "SELECT row_number, voter || ' votes twice on the battle ' || battle_key FROM (SELECT row_number, "
            "battle_key, voter, row_number() OVER (PARTITION BY battle_id, voter_kind, voter, criterion "
            "ORDER BY row_number) AS nth FROM staged_votes WHERE battle_key IS NOT NULL) "
            "WHERE nth > 1 ORDER BY row_number LIMIT 1000"
        ).fetchall()
    )
    known = con.execute(
        "SELECT min(battle_id)::VARCHAR, count(*) FROM battles WHERE battle_id IN (SELECT battle_id FROM staged_votes)"
    ).fetchall()[0]
    if known[1]:
        raise Conflict(
            f"{known[1]} battles of this file are stored already, the first is {known[0]}: it was imported before."
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


def _add_battles(con: duckdb.DuckDBPyConnection) -> int:
    con.execute(_BATTLES)
    con.execute(
        "INSERT INTO battles SELECT battle_id, prompt_id, model_a, model_b, NULL, NULL, "
        f"{_HAS_TEXT}, created_at FROM staged_battles ORDER BY place"
    )
    for side in ("a", "b"):
        con.execute(
            "INSERT INTO answers (answer_id, prompt_id, model_id, text, finish_reason, recorded, created_at) "
            f"SELECT answer_{side}, prompt_id, model_{side}, text_{side}, 'recorded', false, created_at "
            f"FROM staged_battles WHERE {_HAS_TEXT} ORDER BY place"
        )
    con.execute(
        "INSERT INTO turns SELECT battle_id, 0, NULL, answer_a, answer_b, false "
        f"FROM staged_battles WHERE {_HAS_TEXT} ORDER BY place"
    )
    battles = _count(con, "staged_battles")
    con.execute("DROP TABLE staged_battles")
    return battles


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
