"""The jobs of an open home: those at work in memory, all of them as rows, and who holds what meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from arena.errors import Conflict
from arena.jobs import JobRecord
from arena.store.jobs import JobRows
from workbench.jobs.running import Job, Work
from workbench.jobs.view import JobView, view_of

STOP_SECONDS = 20.0
"""So long a closing home waits for jobs that were told to stop, before it ends them where they stand."""
KEPT_LISTS = 64
"""So many lists of jobs are remembered."""


class Jobs:
    """The jobs of an open home; every method may be called from any thread."""

    def __init__(self, rows: JobRows) -> None:
        """Take over the rows; jobs that another process left at work become interrupted."""
        self._rows = rows
        self._lock = threading.Lock()
        self._active: dict[str, Job] = {}
        self._claimed: set[tuple[str, str]] = set()
        self._listed: dict[tuple[Any, ...], list[JobRecord]] = {}
        """Lists as they were read, until a job begins, ends or is removed; pages ask for the same ones at each tick."""
        self._changes = 0
        self._closed = False
        rows.interrupt()

    def start(
        self,
        kind: str,
        title: str,
        work: Work,
        *,
        spec: dict[str, Any] | None = None,
        started_by: str | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> Job:
        """Begin `work` in a thread of its own and return its job at once; `on_end` is called however it ends.

        Raises:
            StoreFailed: the job could not be written down, so that it was not begun; `on_end` was called.
            Conflict: the home is being closed.
        """
        return self._begin(
            lambda at: self._rows.add(kind, title, spec or {}, at=at, started_by=started_by), work, on_end
        )

    def resume(self, job_id: str, work: Work, *, on_end: Callable[[], None] = lambda: None) -> Job:
        """Begin an ended job again under its own id; see `start`."""
        return self._begin(lambda at: self._rows.begin_again(job_id, at=at), work, on_end)

    def _begin(self, write: Callable[[datetime], JobRecord], work: Work, on_end: Callable[[], None]) -> Job:
        def ended(job: Job) -> None:
            with self._lock:
                self._active.pop(job.id, None)
                self._forget_lists()
            on_end()

        try:
            with self._lock:
                if self._closed:
                    raise Conflict("The workbench is being closed, so no job begins: start it again first.")
                job = Job(write(datetime.now(UTC)), self._rows, work, ended)
                self._active[job.id] = job
                self._forget_lists()
        except BaseException:
            on_end()
            raise
        job.start()
        return job

    def active(self, job_id: str) -> Job | None:
        """Return a job that is at work, `None` where it is not."""
        with self._lock:
            return self._active.get(job_id)

    def view(self, job_id: str) -> JobView:
        """Return a job as it is now.

        Raises:
            NotFound: there is none of that id.
        """
        job = self.active(job_id)
        return job.view() if job else view_of(self._rows.get(job_id))

    def list(
        self,
        kind: str | None = None,
        *,
        active: bool | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> "list[JobView]":
        """Return jobs, the one created last first; see `JobRows.list`."""
        asked = (kind, active, before, limit)
        with self._lock:
            working, rows, changes = dict(self._active), self._listed.get(asked), self._changes
        if rows is None:
            rows = self._rows.list(kind, active=active, before=before, limit=limit)
            with self._lock:
                if self._changes == changes and len(self._listed) < KEPT_LISTS:
                    self._listed[asked] = rows
        return [working[row.job_id].view() if row.job_id in working else view_of(row) for row in rows]

    def remove(self, job_id: str) -> None:
        """Forget an ended job; what it did stays.

        Raises:
            NotFound: there is none of that id.
            Conflict: it is at work.
        """
        if self.active(job_id) is not None:
            raise Conflict(f"The job {job_id} is at work: stop it first.")
        self._rows.remove(job_id)
        with self._lock:
            self._forget_lists()

    def _forget_lists(self) -> None:
        self._listed.clear()
        self._changes += 1

    @contextmanager
    def claim(self, what: str, name: str, taken: str) -> Iterator[None]:
        """Hold (`what`, `name`) for the time of a `with` block.

        Raises:
            Conflict: somebody holds it; the message is `taken`.
        """
        with self._lock:
            if (what, name) in self._claimed:
                raise Conflict(taken)
            self._claimed.add((what, name))
        try:
            yield
        finally:
            with self._lock:
                self._claimed.discard((what, name))

    def close(self, seconds: float = STOP_SECONDS) -> None:
        """Stop every job and return when they have ended; those still at work after `seconds` are ended at once.

        What somebody had not stopped before counts as interrupted, and can be resumed.
        """
        with self._lock:
            self._closed = True
            active = list(self._active.values())
        for job in active:
            job.close()
        deadline = time.monotonic() + seconds
        for job in active:
            if not job.wait(max(0.0, deadline - time.monotonic())):
                job.cancel()
        for job in active:
            job.wait(seconds)
