"""Judges by name. A removed one keeps its verdicts, votes and name, and is asked nothing new."""

import json
from collections.abc import Callable

import duckdb

from arena.errors import Conflict, InvalidInput, NotFound
from arena.judgments import JudgeKind, JudgeSpec
from arena.store.names import unknown
from arena.store.writer import Writer

_COLUMNS = "name, kind, options"


class Judges:
    """`store.judges`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add(self, spec: JudgeSpec, *, replace: bool = False) -> None:
        """Store a judge; one that was removed comes back, as `spec` says.

        Raises:
            InvalidInput: it has no name.
            Conflict: the name is taken and `replace` is false.
        """
        self._writer.run(lambda con: _put(con, spec, replace=replace))

    def get(self, name: str) -> JudgeSpec:
        """Return the judge called `name`.

        Raises:
            NotFound: there is none, or it was removed; the message lists the nearest names.
        """
        rows = (
            self._read()
            .execute(f"SELECT {_COLUMNS} FROM judges WHERE name = ? AND removed_at IS NULL", [name])
            .fetchall()
        )
        if not rows:
            raise NotFound(_unknown(name, [spec.name for spec in self.list()]))
        return _spec(rows[0])

    def list(self) -> "list[JudgeSpec]":
        """Return all judges that are not removed, in the order they were added."""
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM judges WHERE removed_at IS NULL ORDER BY created_at, rowid"
        )
        return [_spec(row) for row in rows.fetchall()]

    def remove(self, name: str) -> None:
        """Hide a judge; its verdicts and votes stay.

        Raises:
            NotFound: there is no such judge.
        """
        self.get(name)
        self._writer.run(
            lambda con: con.execute("UPDATE judges SET removed_at = now() WHERE name = ?", [name])
        )


def _put(con: duckdb.DuckDBPyConnection, spec: JudgeSpec, *, replace: bool) -> None:
    if not spec.name.strip():
        raise InvalidInput("A judge needs a name: give one.")
    values = [spec.kind.value, json.dumps(dict(spec.options), ensure_ascii=False), spec.name]
    known = con.execute("SELECT removed_at IS NULL FROM judges WHERE name = ?", [spec.name]).fetchall()
    if not known:
        con.execute("INSERT INTO judges (kind, options, name) VALUES (?, ?, ?)", values)
    elif known[0][0] and not replace:
        raise Conflict(f"There is a judge called {spec.name!r} already: choose another name, or replace it.")
    else:
        con.execute("UPDATE judges SET kind = ?, options = ?, removed_at = NULL WHERE name = ?", values)


def _unknown(name: str, known: list[str]) -> str:
    return unknown("judge", name, known, none="none is set up yet: `workbench judges add` adds one.")


def _spec(row: tuple[str, str, str]) -> JudgeSpec:
    name, kind, options = row
    return JudgeSpec(name, JudgeKind(kind), json.loads(options))
