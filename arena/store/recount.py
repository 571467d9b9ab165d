"""All votes counted at once, as fast as they can be read: what the counts kept in memory begin with.

The log of votes is read as it is, one number a vote (pair and outcome), and counted by NumPy: that needs three of its
narrow columns. What does not stand (later revised) or does not count (its battle stands aside) is rare: it is
looked up by itself and taken back out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt

from arena.types import OUTCOMES, VoterKind

_LARGEST_SPAN = 2048
"""With model ids further apart than this pairs are counted by the database, for want of a table of them all."""
_AT_ONCE = 1 << 18
"""Votes counted at once: few enough that they stay in a processor's cache."""

REVISED = """
SELECT seq FROM (
    SELECT seq, revision, max(revision) OVER (PARTITION BY battle_id, voter_kind, voter, criterion) AS newest
    FROM votes WHERE {among} AND battle_id IN (SELECT battle_id FROM votes WHERE revision > 0 AND {among}))
WHERE revision < newest
"""
"""The rows of which a later revision stands, or none any more."""

ALL_STANDING = f"""
(SELECT * FROM votes WHERE winner IS NOT NULL AND seq NOT IN ({REVISED.format(among="true")}))
"""
"""What `standing_votes` holds, for queries that read most of it: many times faster, but slower for a single battle."""


class Cell(NamedTuple):
    """What votes are counted by, beside models and outcome; `judge` is `None` unless a judge cast them."""

    criterion: str
    voter_kind: str
    judge: str | None
    aside: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """How often each outcome stands in pairs of model ids, in the order shown; shapes (rows,) and (rows, 4).

    A pair may appear in both orders, and in several rows.
    """

    model_a: npt.NDArray[np.int64]
    model_b: npt.NDArray[np.int64]
    votes: npt.NDArray[np.int64]


def histogram(
    con: duckdb.DuckDBPyConnection, source: str, condition: str = "true", parameters: Sequence[Any] = ()
) -> Counted:
    """Count the rows of `source` (with columns model_a, model_b and winner) that have a winner and meet `condition`."""
    low, high = con.execute("SELECT min(model_id), max(model_id) FROM models").fetchall()[0]
    return _rows([]) if low is None else within(con, source, (low, high), condition, parameters)


def within(
    con: duckdb.DuckDBPyConnection,
    source: str,
    ids: tuple[int, int],
    condition: str = "true",
    parameters: Sequence[Any] = (),
) -> Counted:
    """Do what `histogram` does for models of the ids from `ids[0]` to `ids[1]`."""
    low, high = ids
    span = high - low + 1
    if span > _LARGEST_SPAN:
        groups = con.execute(
            "SELECT model_a, model_b, enum_code(winner)::INTEGER, count(*) "
            f"FROM {source} WHERE {condition} AND winner IS NOT NULL GROUP BY ALL",
            list(parameters),
        ).fetchall()
        return _rows(groups)
    key = f"(((model_a - {low}) * {span} + (model_b - {low})) * 4 + enum_code(winner))::INTEGER"
    found = con.sql(f"SELECT {key} AS key FROM {source} WHERE {condition}", params=list(parameters))
    keys = found.to_arrow_table()["key"]
    counts = _count((keys.drop_null() if keys.null_count else keys).to_numpy(), span * span * 4)
    table = counts.reshape(-1, 4)
    met = np.flatnonzero(table.any(axis=1))
    return Counted(met // span + low, met % span + low, table[met])


def _count(keys: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.int64]:
    counts = np.zeros(size, dtype=np.int64)
    step = max(_AT_ONCE, 2 * size)
    for begin in range(0, len(keys), step):
        counts += np.bincount(keys[begin : begin + step], minlength=size)
    return counts


def _rows(groups: Sequence[tuple[int, int, int, int]]) -> Counted:
    table = np.array(groups, dtype=np.int64).reshape(-1, 4)
    votes = np.zeros((len(table), len(OUTCOMES)), dtype=np.int64)
    votes[np.arange(len(table)), table[:, 2]] = table[:, 3]
    return Counted(table[:, 0], table[:, 1], votes)


def recount(con: duckdb.DuckDBPyConnection, before: int) -> list[tuple[Cell, Counted]]:
    """Count the standing votes of all rows with `seq < before`; the counts of a cell add up, some are negative."""
    con.begin()
    try:
        return list(_recounted(con, before))
    finally:
        con.rollback()


def _recounted(con: duckdb.DuckDBPyConnection, before: int) -> Iterator[tuple[Cell, Counted]]:
    newest = _number(con, "SELECT coalesce(max(seq), -1) FROM votes", [])
    if newest < 0:
        return
    among = "true" if newest < before else f"seq < {before}"
    yield from _all_rows(con, among)
    revised = None
    if _number(con, "SELECT count(*) FROM votes WHERE revision > 0", []):
        revised = REVISED.format(among=among)
        yield from _grouped(con, f"{among} AND seq IN ({revised})", -1)
    yield from _standing_aside(con, among, revised)


def _all_rows(con: duckdb.DuckDBPyConnection, among: str) -> Iterator[tuple[Cell, Counted]]:
    """Count every row with a winner, those of judges by judge."""
    first = con.execute("SELECT criterion FROM votes LIMIT 1").fetchall()[0][0]
    alone = not _number(con, "SELECT count(*) FROM votes WHERE criterion <> $1", [first])
    criteria = (
        [first]
        if alone
        else [row[0] for row in con.execute("SELECT DISTINCT criterion FROM votes").fetchall()]
    )
    numbers = {
        kind: _number(con, "SELECT count(*) FROM votes WHERE voter_kind = $1", [kind.value])
        for kind in VoterKind
    }
    kinds = [kind for kind, votes in numbers.items() if votes]
    for kind in kinds:
        if kind is VoterKind.JUDGE:
            yield from _grouped(con, f"voter_kind = 'judge' AND {among}", 1)
            continue
        for criterion in criteria:
            conditions, parameters = [among], []
            if len(kinds) > 1:
                conditions.append(f"voter_kind = '{kind.value}'")
            if not alone:
                conditions.append("criterion = $1")
                parameters.append(criterion)
            yield (
                Cell(criterion, kind.value, None, None),
                histogram(con, "votes", " AND ".join(conditions), parameters),
            )


def _standing_aside(
    con: duckdb.DuckDBPyConnection, among: str, revised: str | None
) -> Iterator[tuple[Cell, Counted]]:
    """Move what stands on battles set aside into cells of their own."""
    condition = f"{among} AND seq NOT IN ({revised})" if revised else among
    for (reason,) in con.execute("SELECT DISTINCT reason FROM set_aside").fetchall():
        on_them = f"battle_id IN (SELECT battle_id FROM set_aside WHERE reason = '{reason}') AND {condition}"
        for cell, counted in _grouped(con, on_them, 1):
            yield cell._replace(aside=reason), counted
            yield cell, Counted(counted.model_a, counted.model_b, -counted.votes)


def _grouped(con: duckdb.DuckDBPyConnection, condition: str, sign: int) -> Iterator[tuple[Cell, Counted]]:
    rows = con.execute(
        "SELECT criterion, voter_kind::VARCHAR, CASE WHEN voter_kind = 'judge' THEN voter END AS judge, "
        "model_a, model_b, enum_code(winner)::INTEGER, count(*) FROM votes "
        f"WHERE winner IS NOT NULL AND {condition} GROUP BY ALL"
    ).fetchall()
    cells: dict[Cell, list[tuple[int, int, int, int]]] = {}
    for criterion, kind, judge, model_a, model_b, winner, votes in rows:
        cells.setdefault(Cell(criterion, kind, judge, None), []).append(
            (model_a, model_b, winner, sign * votes)
        )
    for cell, groups in cells.items():
        yield cell, _rows(groups)


def _number(con: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any]) -> int:
    return int(con.execute(query, list(parameters)).fetchall()[0][0])
