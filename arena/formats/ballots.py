"""Votes checked by DuckDB, all rows at once: which can be used, which battle each belongs to, and why not.

A battle is one showing of two answers. A file names it outright (`battle_id`, or LLMFAO's `id`), or by what was shown
(the question, the two models in their order, the number of turns, the texts), or not at all: then every row is one.
A vote without a voter is kept as one by `anonymous`, the next of them on that battle as by `anonymous 2`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from arena.formats import ballots_sql
from arena.formats.records import lines_of
from arena.formats.report import Reject
from arena.formats.scan import scan
from arena.formats.source import Container, Source
from arena.types import VoterKind, Winner


@dataclass(frozen=True, slots=True)
class Ballots:
    """Which field of a file holds what; `None` where it holds no such thing.

    `labels` are the spellings of `winner`, in lower case. `flags` are, instead, fields of 0 or 1 for model_a, model_b
    and, if there is one, tie. `battle` names a battle outright, `shown` are fields that differ between two showings
    (the first of them must be filled), `texts` hold the conversations, or prompt and answers, `extra` whatever else.
    """

    model_a: str
    model_b: str
    winner: str | None
    labels: Mapping[str, Winner]
    flags: tuple[str, ...] = ()
    voter: str | None = None
    voter_kind: str | None = None
    created: str | None = None
    criterion: str | None = None
    battle: str | None = None
    shown: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def fields(self) -> list[str]:
        """Return the names of all fields to be read, each once."""
        voter = [self.voter, self.voter_kind, self.created, self.criterion]
        names = [self.model_a, self.model_b, self.winner, *voter, self.battle]
        names += [*self.flags, *self.shown, *self.texts, *self.extra]
        return list(dict.fromkeys(name for name in names if name is not None))


@dataclass(frozen=True, slots=True)
class Checked:
    """How many rows there are, and those refused; the usable ones stand in the staging view `ballots`."""

    rows: int
    rejects: tuple[Reject, ...]


def check(con: duckdb.DuckDBPyConnection, source: Source, form: Ballots, kind: VoterKind) -> Checked:
    """Read the votes of `source` into the view `ballots`, as votes of this `kind` where they do not say.

    Its columns are row_number, battle_key, model_a, model_b, winner, voter, voter_kind, criterion, created_at, then
    t0, t1, ... for `form.texts` and x0, x1, ... for `form.extra`.

    Raises:
        InvalidInput: the file as a whole is broken.
    """
    ragged = scan(con, source, form.fields())
    con.execute(ballots_sql.judged(form, kind))
    con.execute("DROP TABLE raw")
    shared = bool(con.execute(ballots_sql.SHARED_BATTLES).fetchall()[0][0])
    con.execute(ballots_sql.settled(shared=shared))
    con.execute("DROP TABLE judged")
    rows = int(con.execute("SELECT count(*) FROM settled").fetchall()[0][0]) + len(ragged)
    rejects = ragged + _rejects(con, source)
    con.execute("DELETE FROM settled WHERE reason IS NOT NULL")
    con.execute("CREATE VIEW ballots AS SELECT * EXCLUDE (reason, other_row) FROM settled")
    return Checked(rows, rejects)


def take_out(
    con: duckdb.DuckDBPyConnection, source: Source, reasons: Mapping[str, str]
) -> tuple[Reject, ...]:
    """Take the votes on some battles, by key, out of `ballots` and return them as refused for these reasons."""
    if not reasons:
        return ()
    rows = con.execute(
        "DELETE FROM settled WHERE battle_key IN (SELECT unnest($1::VARCHAR[])) RETURNING row_number, battle_key",
        [list(reasons)],
    ).fetchall()
    lines = lines_of(source, [row for row, _ in rows])
    return tuple(Reject(lines[row], reasons[key]) for row, key in rows)


def _rejects(con: duckdb.DuckDBPyConnection, source: Source) -> tuple[Reject, ...]:
    found = con.execute(
        "SELECT row_number, reason, other_row FROM settled WHERE reason IS NOT NULL"
    ).fetchall()
    if not found:
        return ()
    lines = lines_of(source, [row for row, _, _ in found] + [other for _, _, other in found if other])
    unit = "row" if source.container is Container.PARQUET else "line"
    return tuple(
        Reject(lines[row], f"{reason} ({unit} {lines[other]})" if other else reason)
        for row, reason, other in found
    )
