"""Judge calls: every request to a judge's model, so that none is paid for twice and each can be looked at later.

A row is written once and never changed. The reading stands in the row beside the reply it was read from; what a key
is worth to a later run is its newest row with a reading, if there is one.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from arena.judgments import Failure, JudgeCall
from arena.store.writer import Writer
from arena.types import Message

_COLUMNS = (
    "call_key, attempt, judge, fingerprint, messages::VARCHAR, reply, reading::VARCHAR, failure, detail, "
    "finish_reason, prompt_tokens, completion_tokens, cost, seconds, created_at"
)
_INSERT = (
    "INSERT INTO judge_calls SELECT unnest($1::VARCHAR[]), unnest($2::INTEGER[]), unnest($3::VARCHAR[]), "
    "unnest($4::VARCHAR[]), unnest($5::VARCHAR[]), unnest($6::VARCHAR[]), unnest($7::VARCHAR[]), "
    "unnest($8::VARCHAR[]), unnest($9::VARCHAR[]), unnest($10::VARCHAR[]), unnest($11::INTEGER[]), "
    "unnest($12::INTEGER[]), unnest($13::DOUBLE[]), unnest($14::DOUBLE[]), unnest($15::TIMESTAMPTZ[])"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of one key: the newest reading, if any, and the number of its latest attempt."""

    reading: Mapping[str, Any] | None
    attempt: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What the calls of one judge took so far.

    The averages are over calls whose server told its tokens: `characters` are those of all messages of a call.
    """

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    characters_a_prompt_token: float | None
    completion_tokens_a_call: float | None
    seconds_a_call: float | None


class Judgments:
    """`store.judgments`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add_calls(self, calls: Sequence[JudgeCall]) -> None:
        """Store calls in one transaction and return once they are durable.

        An attempt that another run has stored under the same number meanwhile keeps it; ours gets the next free one.
        A call without `created_at` gets the present moment.

        Raises:
            StoreFailed: the database could not be written; none of them is stored.
        """
        if not calls:
            return
        try:
            self._writer.run(lambda con: _insert(con, calls))
        except duckdb.ConstraintException:
            self._writer.run(lambda con: _insert(con, _renumbered(con, calls)))

    def known(self, keys: Iterable[str]) -> dict[str, Known]:
        """Return what is known of those of `keys` that were asked before."""
        rows = self._read().execute(
            "SELECT call_key, (arg_max(reading, attempt) FILTER (reading IS NOT NULL))::VARCHAR, max(attempt) "
            "FROM judge_calls WHERE call_key IN (SELECT unnest($1::VARCHAR[])) GROUP BY call_key",
            [list(set(keys))],
        )
        return {key: Known(_mapping(reading), attempt) for key, reading, attempt in rows.fetchall()}

    def readings(self, keys: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """Return the newest reading of those of `keys` that have one."""
        found = self.known(keys).items()
        return {key: known.reading for key, known in found if known.reading is not None}

    def calls(self, keys: Iterable[str]) -> list[JudgeCall]:
        """Return every stored call of `keys`, a key's attempts together and in order."""
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM judge_calls WHERE call_key IN (SELECT unnest($1::VARCHAR[])) "
            "ORDER BY call_key, attempt",
            [list(set(keys))],
        )
        return [_call(row) for row in rows.fetchall()]

    def spent(self, judge: str | None = None, *, fingerprint: str | None = None) -> Spent:
        """Return what the stored calls of a judge took, or those of one fingerprint, or of all judges."""
        conditions = [
            name for name, value in (("judge", judge), ("fingerprint", fingerprint)) if value is not None
        ]
        where = " AND ".join(f"{name} = ?" for name in conditions) or "true"
        row = self._read().execute(
            "SELECT count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0), "
            "coalesce(sum(cost), 0), "
            "sum(list_sum(list_transform(messages->>'$[*].content', lambda text: length(text)))) "
            "  FILTER (prompt_tokens > 0) / nullif(sum(prompt_tokens), 0), "
            "avg(completion_tokens), avg(seconds) FILTER (reply IS NOT NULL) "
            f"FROM judge_calls WHERE {where}",
            [value for value in (judge, fingerprint) if value is not None],
        )
        return Spent(*row.fetchall()[0])


def _insert(con: duckdb.DuckDBPyConnection, calls: Sequence[JudgeCall]) -> None:
    rows = [_row(call) for call in calls]
    con.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])


def _renumbered(con: duckdb.DuckDBPyConnection, calls: Sequence[JudgeCall]) -> list[JudgeCall]:
    """Return `calls` with the next free attempt numbers of their keys, in order."""
    newest = dict(
        con.execute(
            "SELECT call_key, max(attempt) FROM judge_calls WHERE call_key IN (SELECT unnest($1::VARCHAR[])) "
            "GROUP BY call_key",
            [list({call.key for call in calls})],
        ).fetchall()
    )
    numbered = []
    for call in calls:
        newest[call.key] = newest.get(call.key, 0) + 1
        numbered.append(replace(call, attempt=newest[call.key]))
    return numbered


def _row(call: JudgeCall) -> tuple[Any, ...]:
    messages = json.dumps([message.as_dict() for message in call.messages], ensure_ascii=False)
    reading = None if call.reading is None else json.dumps(dict(call.reading), ensure_ascii=False)
    return (
        call.key, call.attempt, call.judge, call.fingerprint, messages, call.reply, reading,
        None if call.failure is None else call.failure.value, call.detail, call.finish_reason, call.prompt_tokens,
        call.completion_tokens, call.cost, call.seconds, call.created_at or datetime.now(UTC),
    )  # fmt: skip


def _call(row: tuple[Any, ...]) -> JudgeCall:
    key, attempt, judge, fingerprint, messages, reply, reading, failure, *rest = row
    return JudgeCall(
        key,
        attempt,
        judge,
        fingerprint,
        tuple(Message(**message) for message in json.loads(messages)),
        reply,
        _mapping(reading),
        None if failure is None else Failure(failure),
        *rest,
    )


def _mapping(text: str | None) -> dict[str, Any] | None:
    return None if text is None else dict(json.loads(text))
