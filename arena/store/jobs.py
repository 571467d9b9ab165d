"""Jobs as rows: written when they begin, as they go on, and when they end.

Progress is written without waiting for it: what is lost when the process dies is the last second of it.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from datetime import datetime
from typing import Any

import duckdb

from arena.errors import NotFound
from arena.jobs import JobProgress, JobRecord, JobState
from arena.store.rows import microseconds, moment
from arena.store.writer import Writer

SHOWN_LINES = 20
"""So many lines of its log, the newest, has a job in a list."""
SHOWN_RESULT = 50_000
"""A result of more characters of JSON is left out of a list."""

_COLUMNS = (
    "job_id, kind, title, spec::VARCHAR, state, progress::VARCHAR, {lines}, {result}, error, error_kind, "
    "error_detail::VARCHAR, started_by, attempts, epoch_us(created_at), epoch_us(started_at), epoch_us(ended_at), "
    "epoch_us(heard_at)"
)
_WHOLE = _COLUMNS.format(lines="lines", result="result::VARCHAR")
_SHORT = _COLUMNS.format(
    lines=f"lines[-{SHOWN_LINES}:]",
    result=f"CASE WHEN length(result::VARCHAR) <= {SHOWN_RESULT} THEN result::VARCHAR END",
)
_INSERT = (
    "INSERT INTO jobs (job_id, kind, title, spec, started_by, attempts, state, progress, lines, created_at, "
    "started_at, heard_at) SELECT $1, $2, $3, $4, $5, 1, 'running', '{}', [], begun, begun, begun "
    "FROM (SELECT make_timestamptz($6::BIGINT) AS begun)"
)
_AGAIN = (
    "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = make_timestamptz($2::BIGINT), "
    "heard_at = make_timestamptz($2::BIGINT), ended_at = NULL, result = NULL, error = NULL, error_kind = NULL, "
    "error_detail = NULL WHERE job_id = $1"
)
_HEARD = (
    "UPDATE jobs SET state = $2, progress = $3, lines = $4, heard_at = make_timestamptz($5::BIGINT) "
    "WHERE job_id = $1 AND ended_at IS NULL AND attempts = $6"
)
_ENDED = (
    "UPDATE jobs SET state = $2, progress = $3, lines = $4, heard_at = make_timestamptz($5::BIGINT), "
    "ended_at = make_timestamptz($5::BIGINT), result = $6, error = $7, error_kind = $8, error_detail = $9 "
    "WHERE job_id = $1"
)


class JobRows:
    """`store.jobs`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add(
        self, kind: str, title: str, spec: dict[str, Any], *, at: datetime, started_by: str | None = None
    ) -> JobRecord:
        """Store a new job that runs from `at` on, under an id that no other job ever had, and return it.

        Raises:
            StoreFailed: the database could not be written.
        """

        def change(con: duckdb.DuckDBPyConnection) -> str:
            number = con.execute("SELECT nextval('job_numbers')").fetchall()[0][0]
            job_id = f"{kind}-{number}"
            con.execute(_INSERT, [job_id, kind, title, _dumped(spec), started_by, microseconds(at)])
            return job_id

        return self.get(self._writer.run(change))

    def begin_again(self, job_id: str, *, at: datetime) -> JobRecord:
        """Make an ended job one that runs, for one more time; its log and its progress go on.

        Raises:
            NotFound: there is no such job.
        """
        self.get(job_id)
        self._writer.run(_changed(_AGAIN, [job_id, microseconds(at)]))
        return self.get(job_id)

    def heard(self, record: JobRecord) -> "Future[None]":
        """Write state, progress and log of a job that works, without waiting; an ended one stays as it is."""
        return self._writer.submit(_changed(_HEARD, [record.job_id, *_news(record), record.attempts]))

    def ended(self, record: JobRecord) -> None:
        """Write how a job ended.

        Raises:
            StoreFailed: the database could not be written.
        """
        self._writer.run(lambda con: write_end(con, record))

    def interrupt(self) -> Sequence[str]:
        """End the jobs that still count as at work as interrupted, at their last sign of life; return their ids.

        Whoever opens a database is its only owner, so what was at work then is not any more.
        """
        if not self._read().execute("SELECT 1 FROM jobs WHERE ended_at IS NULL LIMIT 1").fetchall():
            return []

        def change(con: duckdb.DuckDBPyConnection) -> list[str]:
            rows = con.execute(
                "UPDATE jobs SET state = 'interrupted', ended_at = heard_at WHERE ended_at IS NULL RETURNING job_id"
            )
            return sorted(job_id for (job_id,) in rows.fetchall())

        return self._writer.run(change)

    def get(self, job_id: str) -> JobRecord:
        """Return a job with its whole log and result.

        Raises:
            NotFound: there is none of that id.
        """
        rows = self._read().execute(f"SELECT {_WHOLE} FROM jobs WHERE job_id = ?", [job_id]).fetchall()
        if not rows:
            raise NotFound(f"There is no job {job_id!r}: `workbench jobs list` shows those there are.")
        return _record(rows[0])

    def list(
        self,
        kind: str | None = None,
        *,
        state: JobState | None = None,
        active: bool | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> "list[JobRecord]":
        """Return jobs, the one created last first; `before` leaves out that one and all created after it.

        A listed job has the newest lines of its log only, and no result that is large.

        Raises:
            NotFound: there is no job `before`.
        """
        conditions, parameters = ["true"], list[Any]()
        if kind is not None:
            conditions.append("kind = ?")
            parameters.append(kind)
        if state is not None:
            conditions.append("state = ?")
            parameters.append(state.value)
        if active is not None:
            conditions.append("ended_at IS NULL" if active else "ended_at IS NOT NULL")
        if before is not None:
            conditions.append("(jobs.created_at, job_id) < (make_timestamptz(?::BIGINT), ?)")
            parameters += [microseconds(self.get(before).created_at), before]
        rows = self._read().execute(
            f"SELECT {_SHORT} FROM jobs WHERE {' AND '.join(conditions)} "
            "ORDER BY jobs.created_at DESC, job_id DESC LIMIT ?",
            [*parameters, limit],
        )
        return [_record(row) for row in rows.fetchall()]

    def count(self, kind: str | None = None) -> int:
        """Return the number of jobs, or of those of one kind."""
        rows = self._read().execute("SELECT count(*) FROM jobs WHERE kind = coalesce(?, kind)", [kind])
        return int(rows.fetchall()[0][0])

    def remove(self, job_id: str) -> None:
        """Forget a job; what it did stays.

        Raises:
            NotFound: there is none of that id.
        """
        self.get(job_id)
        self._writer.run(_changed("DELETE FROM jobs WHERE job_id = ?", [job_id]))


def write_end(con: duckdb.DuckDBPyConnection, record: JobRecord) -> None:
    """Write how a job ended within a change, so that its work and its end become durable together."""
    con.execute(
        _ENDED,
        [
            record.job_id, *_news(record), None if record.result is None else _dumped(record.result),
            record.error, record.error_kind,
            None if record.error_detail is None else _dumped(record.error_detail),
        ],
    )  # fmt: skip


def _changed(query: str, values: list[Any]) -> Callable[[duckdb.DuckDBPyConnection], None]:
    def change(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(query, values)

    return change


def _news(record: JobRecord) -> list[Any]:
    at = record.ended_at or record.heard_at or record.started_at
    return [record.state.value, _dumped(asdict(record.progress)), list(record.lines), microseconds(at)]


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _record(row: tuple[Any, ...]) -> JobRecord:
    (
        job_id,
        kind,
        title,
        spec,
        state,
        progress,
        lines,
        result,
        error,
        error_kind,
        detail,
        by,
        attempts,
        *times,
    ) = row
    created, started, ended, heard = (None if at is None else moment(at) for at in times)
    assert created is not None and started is not None
    return JobRecord(
        job_id=job_id,
        kind=kind,
        title=title,
        spec=json.loads(spec),
        state=JobState(state),
        progress=JobProgress(**json.loads(progress)),
        lines=tuple(lines),
        result=None if result is None else json.loads(result),
        error=error,
        started_by=by,
        attempts=attempts,
        created_at=created,
        started_at=started,
        ended_at=ended,
        error_kind=error_kind,
        error_detail=None if detail is None else json.loads(detail),
        heard_at=heard,
    )
