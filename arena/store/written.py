"""Answers that voters wrote themselves: one a voter and battle, revised and withdrawn by new rows only."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import duckdb

from arena.errors import InvalidInput, NotFound
from arena.preferences import WrittenText
from arena.store.counts import where
from arena.store.rows import microseconds, moment
from arena.store.writer import Writer
from arena.types import VoteFilter, Voter, VoterKind, WrittenAnswer

_COLUMNS = (
    "battle_id::VARCHAR, voter_kind::VARCHAR, voter, text, criterion, revision, epoch_us(created_at), "
    "answer_id::VARCHAR"
)


class WrittenAnswers:
    """`store.written`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def state(self) -> int:
        """Return a number that changes whenever an answer is written, revised or withdrawn."""
        return int(self._read().execute("SELECT count(*) FROM written_answers").fetchall()[0][0])

    def write(self, answer: WrittenAnswer) -> WrittenAnswer:
        """Store what a voter wrote as the next revision of theirs on this battle; it is durable when this returns.

        The same text again changes nothing and returns what stands. A text of `None` withdraws.

        Raises:
            InvalidInput: the text is blank or not Unicode.
            NotFound: there is no such battle, or nothing to withdraw.
        """
        _check(answer)
        return self._writer.run(lambda con: _write(con, answer))

    def by(self, battle_id: UUID, voter: Voter) -> WrittenAnswer | None:
        """Return what stands of a voter on a battle, if anything does."""
        rows = self._rows(
            "standing_written WHERE battle_id = ? AND voter_kind = ? AND voter = ?",
            [str(battle_id), voter.kind.value, voter.name],
        )
        return rows[0] if rows else None

    def standing(self, battle_id: UUID) -> list[WrittenAnswer]:
        """Return what stands on a battle, whoever wrote it, in the order it was written."""
        return self._rows("standing_written WHERE battle_id = ?", [str(battle_id)])

    def history(self, battle_id: UUID) -> list[WrittenAnswer]:
        """Return every revision on a battle, withdrawn ones included, in the order they were written."""
        return self._rows("written_answers WHERE battle_id = ?", [str(battle_id)])

    def count(self) -> int:
        """Return how many written answers stand."""
        return int(self._read().execute("SELECT count(*) FROM standing_written").fetchall()[0][0])

    def _rows(self, source: str, parameters: list[Any]) -> list[WrittenAnswer]:
        found = self._read().execute(
            f"SELECT {_COLUMNS} FROM {source} ORDER BY created_at, voter_kind, voter, revision", parameters
        )
        return [_written(row) for row in found.fetchall()]


def texts_that_count(con: duckdb.DuckDBPyConnection, votes: VoteFilter) -> dict[str, list[WrittenText]]:
    """Return what was written on each battle, by battle id, where `votes` lets its writer's vote through."""
    if not con.execute("SELECT 1 FROM written_answers LIMIT 1").fetchall():
        return {}
    condition, parameters = where(votes)
    rows = con.execute(
        "SELECT w.battle_id::VARCHAR, w.text, w.voter_kind::VARCHAR FROM standing_written w "
        "JOIN standing_votes v USING (battle_id, voter_kind, voter, criterion) "
        f"WHERE {condition} ORDER BY w.battle_id, w.created_at, w.voter_kind, w.voter",
        parameters,
    ).fetchall()
    texts: defaultdict[str, list[WrittenText]] = defaultdict(list)
    for battle_id, text, kind in rows:
        texts[battle_id].append(WrittenText(text, VoterKind(kind)))
    return dict(texts)


def _write(con: duckdb.DuckDBPyConnection, answer: WrittenAnswer) -> WrittenAnswer:
    key = [str(answer.battle_id), answer.voter.kind.value, answer.voter.name]
    if not con.execute("SELECT 1 FROM battles WHERE battle_id = ?", key[:1]).fetchall():
        raise NotFound(f"There is no battle {answer.battle_id}: it was never stored.")
    rows = con.execute(
        f"SELECT {_COLUMNS} FROM written_answers WHERE battle_id = ? AND voter_kind = ? AND voter = ? "
        "ORDER BY revision DESC LIMIT 1",
        key,
    ).fetchall()
    newest = _written(rows[0]) if rows else None
    if answer.text is None and (newest is None or newest.text is None):
        raise NotFound(f"{answer.voter.name} has no written answer on this battle to withdraw.")
    if newest is not None and (newest.text, newest.criterion) == (answer.text, answer.criterion):
        return newest
    stored = WrittenAnswer(
        answer.battle_id,
        answer.voter,
        answer.text,
        answer.criterion,
        0 if newest is None else newest.revision + 1,
        answer.created_at or datetime.now(UTC),
        answer.answer_id,
    )
    con.execute(
        "INSERT INTO written_answers (answer_id, battle_id, voter_kind, voter, criterion, revision, text, "
        "created_at) VALUES ($4, $1, $2, $3, $5, $6, $7, make_timestamptz($8::BIGINT))",
        [
            *key,
            str(stored.answer_id),
            stored.criterion,
            stored.revision,
            stored.text,
            microseconds(stored.created_at or datetime.now(UTC)),
        ],
    )
    return stored


def _written(row: tuple[Any, ...]) -> WrittenAnswer:
    battle_id, kind, voter, text, criterion, revision, created, answer_id = row
    return WrittenAnswer(
        UUID(battle_id),
        Voter(VoterKind(kind), voter),
        text,
        criterion,
        revision,
        moment(created),
        UUID(answer_id),
    )


def _check(answer: WrittenAnswer) -> None:
    if not answer.voter.name.strip():
        raise InvalidInput("A written answer needs a writer: give a name.")
    if answer.text is None:
        return
    if not answer.text.strip():
        raise InvalidInput("The answer is empty: write the answer you would have given, or withdraw it.")
    try:
        answer.text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("The answer cannot be stored, it is not Unicode: write it again.") from error
