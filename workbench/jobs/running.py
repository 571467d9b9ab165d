"""Long work beside the screens: each job runs in a thread of its own, with its own event loop, and can be stopped.

A job belongs to the open home and not to a page, so a closed tab ends nothing and every page sees the same jobs. It is
a row from its first moment, and what is shown of one that works comes from memory. Its work is told to stop by an
event and finishes what it has begun; what it has done by then is kept by the work itself.
"""

import asyncio
import threading
import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from arena.jobs import JobProgress, JobRecord, JobState
from arena.store.jobs import JobRows, write_end
from workbench.jobs.failures import FAULT, JobStoppedError, failure_of
from workbench.jobs.results import dump_result, result_of
from workbench.jobs.view import JobView, view_of

if TYPE_CHECKING:
    from arena.store import Transaction

KEPT_LINES = 500
"""So many lines of a job's log are kept, the newest."""
WRITE_SECONDS = 1.0
"""Progress and log are written at most so often while a job works."""


def paced(progress: JobProgress, seconds: float) -> JobProgress:
    """Return progress after so many seconds with rate and time left, if it tells none itself."""
    if progress.rate is not None or not progress.done or not progress.total or seconds < 1:
        return progress
    speed = progress.done / seconds
    left = max(0, progress.total - progress.done) / speed
    return replace(
        progress, rate=speed, seconds_left=left if progress.seconds_left is None else progress.seconds_left
    )


class JobControl:
    """What work is given: the wish to stop, and where to tell of progress; safe in every thread."""

    def __init__(self, job: "Job") -> None:
        self._job = job
        self.stop = job.stopping
        self.record = job.record()
        """The job as it began this time: its id, when it was created, how often it was begun."""

    @property
    def closing(self) -> bool:
        """Whether the wish to stop is that of a home being closed, not of a person."""
        return self._job.closing

    @property
    def cancelled(self) -> bool:
        """Whether the job is to end where it stands."""
        return self._job.cancelled

    def report(self, progress: JobProgress) -> None:
        """Make `progress` what is shown."""
        self._job.tell(progress)

    def log(self, line: str) -> None:
        """Add a line to the job's log."""
        self._job.add_line(line)

    def keep(self, con: "Transaction", result: Any) -> None:
        """Within a change, write that the job is done with `result`: work and end become durable together.

        Raises:
            JobStoppedError: it was to end where it stands; the change must not be made.
        """
        self._job.keep(con, result)


Work = Callable[[JobControl], Awaitable[Any]]


class Job:
    """One piece of long work at work, or ended; made by `Jobs`."""

    def __init__(
        self, record: JobRecord, rows: JobRows, work: Work, on_end: Callable[["Job"], None] = lambda job: None
    ) -> None:
        self.id = record.job_id
        self.stopping = threading.Event()
        self.closing = False
        self.cancelled = False
        self._record = record
        self._rows = rows
        self._progress = record.progress
        self._lines: deque[str] = deque(record.lines, maxlen=KEPT_LINES)
        self._work = work
        self._on_end = on_end
        self._ended = threading.Event()
        self._kept: Any = None
        self._lock = threading.Lock()
        self._writing: Future[None] | None = None
        self._written = time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Future[Any] | None = None
        self._thread = threading.Thread(target=self._run, name=f"job-{self.id}", daemon=True)

    @property
    def state(self) -> JobState:
        """Where the job stands now."""
        if self._ended.is_set():
            return self._record.state
        return JobState.STOPPING if self.stopping.is_set() else JobState.RUNNING

    def record(self) -> JobRecord:
        """Return the job as a row now."""
        if self._ended.is_set():
            return self._record
        with self._lock:
            lines = tuple(self._lines)
        now = datetime.now(UTC)
        return replace(
            self._record,
            state=self.state,
            progress=paced(self._progress, (now - self._record.started_at).total_seconds()),
            lines=lines,
            heard_at=now,
        )

    def view(self) -> JobView:
        """Return the job as it is now."""
        return view_of(self.record())

    def result(self) -> Any:
        """Return what came of it, see `JobHandle`."""
        return result_of(self.view())

    def stop(self) -> None:
        """Ask the work to finish what it has begun and end; a second call changes nothing."""
        self.stopping.set()

    def close(self) -> None:
        """Ask the same because the home is closed: unless somebody stopped it before, it counts as interrupted."""
        if not self.stopping.is_set():
            self.closing = True
        self.stopping.set()

    def cancel(self) -> None:
        """End the work where it stands; what it has kept by then is kept."""
        self.stopping.set()
        with self._lock:
            self.cancelled = True
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the job has ended, at most `seconds`; return whether it has."""
        return self._ended.wait(seconds)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def tell(self, progress: JobProgress) -> None:
        """Make `progress` what is shown, and written now and then."""
        self._progress = progress
        self._write()

    def add_line(self, line: str) -> None:
        """Keep a line of the log."""
        with self._lock:
            self._lines.append(line)
        self._write()

    def keep(self, con: "Transaction", result: Any) -> None:
        """Write the end within a change; see `JobControl.keep`."""
        with self._lock:
            if self.cancelled:
                raise JobStoppedError("Stopped before anything was stored.")
            self._kept = dump_result(self._record.kind, result)
        write_end(con, self._ending(JobState.DONE, self._kept))

    def _write(self) -> None:
        """Write the row if a second has gone by since, without waiting for it.

        Raises:
            WorkbenchError: the last time it could not be written.
        """
        if time.monotonic() - self._written < WRITE_SECONDS:
            return
        if self._writing is not None:
            if not self._writing.done():
                return
            self._writing.result()
        self._written = time.monotonic()
        self._writing = self._rows.heard(self.record())

    def _run(self) -> None:
        try:
            found = self._ended_with(dump_result(self._record.kind, asyncio.run(self._main())))
        except asyncio.CancelledError:
            found = self._failed(
                JobStoppedError("Ended where it stood, before everything in hand was finished.")
            )
        except BaseException as error:
            found = self._failed(error)
        with self._lock:
            self._loop = self._task = None
        try:
            self._rows.ended(found)
        except Exception as error:
            sentence, kind, detail = failure_of(error)
            found = replace(
                found, state=JobState.FAILED, error=sentence, error_kind=kind, error_detail=detail
            )
        self._record = found
        try:
            self._on_end(self)
        finally:
            self._ended.set()

    async def _main(self) -> Any:
        task = asyncio.ensure_future(self._work(JobControl(self)))
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), task
            if self.cancelled:
                task.cancel()
        return await task

    def _ended_with(self, result: Any) -> JobRecord:
        done = self._kept is not None or not self.stopping.is_set()
        return self._ending(JobState.DONE if done else self._left(), result)

    def _failed(self, error: BaseException) -> JobRecord:
        if self._kept is not None and self._rows.get(self.id).state is JobState.DONE:
            return self._ending(JobState.DONE, self._kept)
        sentence, kind, detail = failure_of(error)
        with self._lock:
            if kind == FAULT:
                self._lines.extend("".join(traceback.format_exception(error)).splitlines())
            self._lines.append(sentence)
        stopped = isinstance(error, JobStoppedError) and self.stopping.is_set()
        state = self._left() if stopped else JobState.FAILED
        return replace(self._ending(state, None), error=sentence, error_kind=kind, error_detail=detail)

    def _left(self) -> JobState:
        return JobState.INTERRUPTED if self.closing else JobState.STOPPED

    def _ending(self, state: JobState, result: Any) -> JobRecord:
        now = datetime.now(UTC)
        return replace(self.record(), state=state, result=result, ended_at=now, heard_at=now)
