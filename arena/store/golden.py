"""Golden sets and the results of models on them; what is accepted stays to be compared with."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import duckdb

from arena.errors import Conflict, InvalidInput, NotFound
from arena.golden import GoldenResult, GoldenScore, GoldenSet
from arena.store.answers import ANSWER_COLUMNS, as_answer
from arena.store.names import unknown
from arena.store.rows import microseconds, moment
from arena.store.writer import Writer
from arena.types import Answer

_RESULT_COLUMNS = (
    "result_id::VARCHAR, golden, content_hash, model, summary, epoch_us(created_at), epoch_us(accepted_at)"
)


class GoldenSets:
    """`store.golden`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add(self, golden: GoldenSet, *, replace: bool = False) -> None:
        """Store a golden set; results on a replaced one are kept, and are not compared with those on the new one.

        Raises:
            InvalidInput: it has no name.
            Conflict: the name is taken by another set and `replace` is false.
        """
        if not golden.name.strip():
            raise InvalidInput("A golden set needs a name: give one.")
        self._writer.run(lambda con: _put(con, golden, replace=replace))

    def get(self, name: str) -> GoldenSet:
        """Return the golden set called `name`.

        Raises:
            NotFound: there is none; the message lists those there are.
        """
        sets = {golden.name: golden for golden in self.list()}
        if name not in sets:
            raise NotFound(
                unknown(
                    "golden set", name, list(sets), none="none is frozen yet: `workbench golden add` does."
                )
            )
        return sets[name]

    def list(self) -> Sequence[GoldenSet]:
        """Return all golden sets by name."""
        rows = self._read().execute(
            "SELECT name, content, epoch_us(created_at) FROM golden_sets ORDER BY name"
        )
        return [
            GoldenSet.from_content(name, json.loads(content), moment(at))
            for name, content, at in rows.fetchall()
        ]

    def remove(self, name: str) -> None:
        """Remove a golden set and the results on it.

        Raises:
            NotFound: there is none of that name.
        """
        self.get(name)

        def change(con: duckdb.DuckDBPyConnection) -> None:
            con.execute(
                "DELETE FROM golden_scores WHERE result_id IN "
                "(SELECT result_id FROM golden_results WHERE golden = ?)",
                [name],
            )
            con.execute("DELETE FROM golden_results WHERE golden = ?", [name])
            con.execute("DELETE FROM golden_sets WHERE name = ?", [name])

        self._writer.run(change)

    def add_result(
        self,
        result: GoldenResult,
        *,
        accept: bool = False,
        also: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
    ) -> None:
        """Store a result with its scores in one transaction; `accept` makes it the one to compare with.

        `also` is done within the same transaction: what it raises leaves nothing stored.
        """

        def change(con: duckdb.DuckDBPyConnection) -> None:
            _put_result(con, result)
            if accept:
                _accept(con, result.result_id)
            if also is not None:
                also(con)

        self._writer.run(change)

    def accept(self, result_id: UUID) -> None:
        """Make a stored result the one that later results of its model are compared with."""
        self._writer.run(lambda con: _accept(con, result_id))

    def accepted(self, golden: GoldenSet, model: str) -> GoldenResult | None:
        """Return the last accepted result of a model on exactly this content, with its scores."""
        rows = self._read().execute(
            f"SELECT {_RESULT_COLUMNS} FROM golden_results r WHERE golden = ? AND content_hash = ? AND model = ? "
            "AND r.accepted_at IS NOT NULL ORDER BY r.accepted_at DESC, r.created_at DESC, result_id LIMIT 1",
            [golden.name, golden.content_hash, model],
        )
        found = rows.fetchall()
        return self._with_scores(found[0]) if found else None

    def results(self, golden: str, model: str | None = None, *, limit: int = 100) -> Sequence[GoldenResult]:
        """Return results on a set without their scores, newest first."""
        rows = self._read().execute(
            f"SELECT {_RESULT_COLUMNS} FROM golden_results WHERE golden = ? AND model = coalesce(?, model) "
            "ORDER BY golden_results.created_at DESC, result_id LIMIT ?",
            [golden, model, limit],
        )
        return [_result(row, ()) for row in rows.fetchall()]

    def result(self, result_id: UUID) -> GoldenResult:
        """Return one result with its scores.

        Raises:
            NotFound: there is none of that id.
        """
        rows = self._read().execute(
            f"SELECT {_RESULT_COLUMNS} FROM golden_results WHERE result_id = ?", [str(result_id)]
        )
        if not (found := rows.fetchall()):
            raise NotFound(f"There is no golden result {result_id}.")
        return self._with_scores(found[0])

    def answers(self, model: str, key: str, since: datetime | None = None) -> dict[str, Answer]:
        """Return a model's newest answers that were drawn under `key`, by prompt id; failed ones are left out.

        With `since`, only those stored at that moment or later.
        """
        rows = self._read().execute(
            f"SELECT a.prompt_id, {ANSWER_COLUMNS} FROM answers a JOIN models m USING (model_id) "
            "WHERE m.name = ? AND a.error IS NULL AND a.sampling->>'$.golden' = ? "
            "AND epoch_us(a.created_at) >= ? ORDER BY a.created_at, a.rowid",
            [model, key, microseconds(since) if since else 0],
        )
        return {row[0]: as_answer(row[1:]) for row in rows.fetchall()}

    def _with_scores(self, row: tuple[Any, ...]) -> GoldenResult:
        scores = self._read().execute(
            "SELECT prompt_id, scorer, fingerprint, answer_id::VARCHAR, value, reason FROM golden_scores "
            "WHERE result_id = ? ORDER BY rowid",
            [row[0]],
        )
        return _result(
            row,
            tuple(GoldenScore(p, s, f, UUID(a), value, why) for p, s, f, a, value, why in scores.fetchall()),
        )


def _put(con: duckdb.DuckDBPyConnection, golden: GoldenSet, *, replace: bool) -> None:
    known = con.execute("SELECT content_hash FROM golden_sets WHERE name = ?", [golden.name]).fetchall()
    if known and known[0][0] == golden.content_hash:
        return
    if known and not replace:
        raise Conflict(
            f"There is another golden set called {golden.name!r} already, and a golden set is frozen: "
            "choose another name, or replace it and accept a new result."
        )
    con.execute(
        "INSERT INTO golden_sets (name, content, content_hash) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
        "content = excluded.content, content_hash = excluded.content_hash, created_at = now()",
        [golden.name, json.dumps(golden.content, ensure_ascii=False), golden.content_hash],
    )


def _put_result(con: duckdb.DuckDBPyConnection, result: GoldenResult) -> None:
    con.execute(
        "INSERT INTO golden_results (result_id, golden, content_hash, model, summary, created_at) "
        "VALUES (?, ?, ?, ?, ?, now())",
        [
            str(result.result_id),
            result.golden,
            result.content_hash,
            result.model,
            json.dumps(dict(result.summary), ensure_ascii=False),
        ],
    )
    rows = [
        [s.prompt_id, s.scorer, s.fingerprint, str(s.answer_id), s.value, s.reason] for s in result.scores
    ]
    if rows:
        con.execute(
            "INSERT INTO golden_scores SELECT $7::UUID, unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), "
            "unnest($3::VARCHAR[]), unnest($4::UUID[]), unnest($5::DOUBLE[]), unnest($6::VARCHAR[])",
            [*(list(column) for column in zip(*rows, strict=True)), str(result.result_id)],
        )


def _accept(con: duckdb.DuckDBPyConnection, result_id: UUID) -> None:
    con.execute("UPDATE golden_results SET accepted_at = now() WHERE result_id = ?", [str(result_id)])


def _result(row: tuple[Any, ...], scores: tuple[GoldenScore, ...]) -> GoldenResult:
    result_id, golden, content_hash, model, summary, created, accepted = row
    return GoldenResult(
        golden,
        content_hash,
        model,
        json.loads(summary),
        scores,
        moment(created),
        moment(accepted) if accepted is not None else None,
        UUID(result_id),
    )
