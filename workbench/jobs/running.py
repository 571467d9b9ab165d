"""Long work beside the screens: each job runs in a thread of its own, with its own event loop, and can be stopped.

A job belongs to the open home and not to a page, so a closed tab ends nothing and every page sees the same jobs. Its
work is told to stop by an event and finishes what it has begun; what it has done by then is kept by the work itself.
"""

import asyncio
import itertools
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from arena.errors import Conflict, NotFound, WorkbenchError
from arena.jobs import JobProgress, JobState

KEPT_LINES = 500
"""So many lines of a job's log are kept, the newest."""
KEPT_JOBS = 100
"""So many ended jobs are remembered, the newest."""
STOP_SECONDS = 20.0
"""So long a closing home waits for jobs that were told to stop, before it ends them where they stand."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job at one moment, as screens show it; `result` is what the work returned, `error` one sentence."""

    id: str
    kind: str
    title: str
    state: JobState
    progress: JobProgress
    lines: tuple[str, ...]
    result: Any
    error: str | None
    started_at: datetime
    ended_at: datetime | None


class JobControl:
    """What work is given: the wish to stop, and where to tell of progress; safe in every thread."""

    def __init__(self, job: "Job") -> None:
        self._job = job
        self.stop = job.stopping

    def report(self, progress: JobProgress) -> None:
        """Make `progress` what is shown."""
        self._job.progress = progress

    def log(self, line: str) -> None:
        """Add a line to the job's log."""
        self._job.add_line(line)


Work = Callable[[JobControl], Awaitable[Any]]


class Job:
    """One piece of long work; made by `Jobs.start`."""

    def __init__(
        self, id: str, kind: str, title: str, work: Work, on_end: Callable[[], None] | None = None
    ) -> None:
        self.id = id
        self.kind = kind
        self.title = title
        self.progress = JobProgress()
        self.stopping = threading.Event()
        self.started_at = datetime.now(UTC)
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._work = work
        self._on_end = on_end
        self._ended = threading.Event()
        self._ended_at: datetime | None = None
        self._result: Any = None
        self._error: str | None = None
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Future[Any] | None = None
        self._cancelled = False
        self._thread = threading.Thread(target=self._run, name=f"job-{id}", daemon=True)

    @property
    def state(self) -> JobState:
        """Where the job stands now."""
        if not self._ended.is_set():
            return JobState.STOPPING if self.stopping.is_set() else JobState.RUNNING
        if self._error is not None:
            return JobState.FAILED
        return JobState.STOPPED if self.stopping.is_set() else JobState.DONE

    def view(self) -> JobView:
        """Return the job as it is now."""
        with self._lock:
            lines = tuple(self._lines)
        return JobView(
            self.id, self.kind, self.title, self.state, self.progress, lines, self._result, self._error,
            self.started_at, self._ended_at,
        )  # fmt: skip

    def stop(self) -> None:
        """Ask the work to finish what it has begun and end; a second call changes nothing."""
        self.stopping.set()

    def cancel(self) -> None:
        """End the work where it stands; what it has kept by then is kept."""
        self.stopping.set()
        with self._lock:
            self._cancelled = True
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the job has ended, at most `seconds`; return whether it has."""
        return self._ended.wait(seconds)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def add_line(self, line: str) -> None:
        """Keep a line of the log."""
        with self._lock:
            self._lines.append(line)

    def _run(self) -> None:
        try:
            self._result = asyncio.run(self._main())
        except asyncio.CancelledError:
            self.add_line("Ended before everything in hand was finished.")
        except WorkbenchError as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"The job ended by a fault of the workbench itself: {type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._loop = self._task = None
            if self._on_end is not None:
                self._on_end()
            self._ended_at = datetime.now(UTC)
            self._ended.set()

    async def _main(self) -> Any:
        task = asyncio.ensure_future(self._work(JobControl(self)))
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), task
            if self._cancelled:
                task.cancel()
        return await task

    def _fail(self, sentence: str) -> None:
        self._error = sentence
        self.add_line(sentence)


class Jobs:
    """The jobs of an open home; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)
        self._claimed: set[tuple[str, str]] = set()

    def start(self, kind: str, title: str, work: Work, *, on_end: Callable[[], None] | None = None) -> Job:
        """Begin `work` in a thread of its own and return its job at once; `on_end` is called however it ends."""
        with self._lock:
            job = Job(f"{kind}-{next(self._numbers)}", kind, title, work, on_end)
            self._jobs[job.id] = job
            ended = [known.id for known in self._jobs.values() if not known.state.active]
            for old in ended[: max(0, len(ended) - KEPT_JOBS)]:
                del self._jobs[old]
        job.start()
        return job

    def list(self, kind: str | None = None) -> "list[JobView]":
        """Return the jobs of this home since it was opened, newest first, or those of one kind."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if kind in (None, job.kind)]
        return [job.view() for job in reversed(jobs)]

    def get(self, id: str) -> Job:
        """Return a job.

        Raises:
            NotFound: there is none of that id since the home was opened.
        """
        with self._lock:
            job = self._jobs.get(id)
        if job is None:
            raise NotFound(f"There is no job {id!r}: it ended before the home was opened, or never began.")
        return job

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
        """Stop every job and return when they have ended; those still at work after `seconds` are ended at once."""
        with self._lock:
            active = [job for job in self._jobs.values() if job.state.active]
        for job in active:
            job.stop()
        deadline = time.monotonic() + seconds
        for job in active:
            if not job.wait(max(0.0, deadline - time.monotonic())):
                job.cancel()
        for job in active:
            job.wait(seconds)
