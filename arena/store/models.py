"""Models: named sources of answers. A removed one keeps its votes and its name, and takes part in nothing new."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping

import duckdb

from arena.errors import Conflict, InvalidInput, NotFound
from arena.store.names import unknown
from arena.store.writer import Writer
from arena.types import ModelKind, ModelSpec

_COLUMNS = "name, kind::VARCHAR, options, parent"


class Models:
    """`store.models`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add(self, spec: ModelSpec, *, replace: bool = False) -> None:
        """Store a model; one that was removed comes back, as `spec` says.

        Raises:
            InvalidInput: it has no name.
            Conflict: the name is taken and `replace` is false.
        """
        self._writer.run(lambda con: put_model(con, spec, replace=replace))

    def get(self, name: str) -> ModelSpec:
        """Return the model called `name`.

        Raises:
            NotFound: there is none, or it was removed; the message lists the nearest names.
        """
        rows = (
            self._read()
            .execute(f"SELECT {_COLUMNS} FROM models WHERE name = ? AND removed_at IS NULL", [name])
            .fetchall()
        )
        if not rows:
            raise NotFound(_unknown(name, [spec.name for spec in self.list()]))
        return _spec(rows[0])

    def ever(self) -> "list[ModelSpec]":
        """Return all models there ever were, removed ones among them, in the order they were added."""
        return [
            _spec(row)
            for row in self._read().execute(f"SELECT {_COLUMNS} FROM models ORDER BY model_id").fetchall()
        ]

    def names(self) -> "list[str]":
        """Return the names of all models that are not removed, in the order they were added."""
        rows = self._read().execute("SELECT name FROM models WHERE removed_at IS NULL ORDER BY model_id")
        return [name for (name,) in rows.fetchall()]

    def list(self) -> "list[ModelSpec]":
        """Return all models that are not removed, in the order they were added."""
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM models WHERE removed_at IS NULL ORDER BY model_id"
        )
        return [_spec(row) for row in rows.fetchall()]

    def remove(self, name: str) -> None:
        """Hide a model from new battles; its votes keep counting.

        Raises:
            NotFound: there is no such model.
        """
        self.get(name)
        self._writer.run(
            lambda con: con.execute("UPDATE models SET removed_at = now() WHERE name = ?", [name])
        )


class ModelNames:
    """The names of models by id, removed ones included; a name once given to an id never changes."""

    def __init__(self, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._read = read
        self._known: dict[int, str] = {}

    def of(self, ids: Collection[int]) -> Mapping[int, str]:
        """Return names by id, at least of `ids`."""
        if not all(model_id in self._known for model_id in ids):
            self._known = dict(self._read().execute("SELECT model_id, name FROM models").fetchall())
        return self._known


def put_model(con: duckdb.DuckDBPyConnection, spec: ModelSpec, *, replace: bool) -> None:
    """Insert or replace one model within a change; see `Models.add`."""
    if not spec.name.strip():
        raise InvalidInput("A model needs a name: give one.")
    values = [spec.kind.value, json.dumps(dict(spec.options)), spec.parent, spec.name]
    known = con.execute("SELECT removed_at IS NULL FROM models WHERE name = ?", [spec.name]).fetchall()
    if not known:
        con.execute("INSERT INTO models (kind, options, parent, name) VALUES (?, ?, ?, ?)", values)
    elif known[0][0] and not replace:
        raise Conflict(f"There is a model called {spec.name!r} already: choose another name, or replace it.")
    else:
        con.execute(
            "UPDATE models SET kind = ?, options = ?, parent = ?, removed_at = NULL WHERE name = ?", values
        )


def model_ids(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of `names`, removed models included.

    Raises:
        NotFound: one of them is not registered.
    """
    known = dict(con.execute("SELECT name, model_id FROM models").fetchall())
    for name in names:
        if name not in known:
            raise NotFound(_unknown(name, list(known)))
    return {name: known[name] for name in names}


def _unknown(name: str, known: list[str]) -> str:
    return unknown("model", name, known, none="none is registered yet: add one first.")


def _spec(row: tuple[str, str, str, str | None]) -> ModelSpec:
    name, kind, options, parent = row
    return ModelSpec(name, ModelKind(kind), json.loads(options), parent)
