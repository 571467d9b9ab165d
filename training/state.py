"""Where a run stands, told truthfully to every process that asks.

`state.json` is what the run's process last said of itself. Whether that process still lives is asked of the operating
system each time: its id, and the moment it was created, so that a reused id is never taken for it. A run that says
`running` without a living process was `interrupted`. Who may write is settled by a file lock held for the moment of
a start, so that two starts of one run cannot both win.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import psutil

from training.files import read_json, write_json

STATE = "state.json"
STOP = "stop"
_LOCK = "lock"
_SAME_MOMENT = 2.0
"""Seconds by which two readings of one process's creation may differ (the clock it is derived from is adjusted)."""


class RunState(StrEnum):
    """Where a run stands."""

    CREATED = "created"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def active(self) -> bool:
        """Whether a process is at work on it."""
        return self in (RunState.RUNNING, RunState.STOPPING)

    @property
    def resumable(self) -> bool:
        """Whether `resume` may go on with it."""
        return self in (RunState.STOPPED, RunState.INTERRUPTED, RunState.FAILED)


@dataclass(frozen=True, slots=True)
class Status:
    """What a run says of itself.

    `step` of `total` optimizer steps are done; this process began at `first_step` and has trained for `seconds`.
    `stage` is what it is doing in words, `message` why it stopped or failed.
    """

    state: RunState = RunState.CREATED
    created_at: str = ""
    updated_at: str = ""
    pid: int | None = None
    process_created: float | None = None
    stage: str = ""
    step: int = 0
    total: int | None = None
    first_step: int = 0
    seconds: float = 0.0
    message: str | None = None

    @property
    def seconds_left(self) -> float | None:
        """Seconds of training still to come at this process's pace; `None` before its first step."""
        done = self.step - self.first_step
        if self.total is None or done <= 0:
            return None
        return self.seconds / done * (self.total - self.step)


def now() -> str:
    """Return the moment in UTC, as stored."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def process_alive(pid: int | None, created: float | None) -> bool:
    """Whether the process `pid` that was created at `created` (seconds since 1970) still runs."""
    if pid is None or created is None:
        return False
    try:
        process = psutil.Process(pid)
        return (
            abs(process.create_time() - created) < _SAME_MOMENT and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return False


def read_stored(folder: Path) -> Status:
    """Return what `state.json` says; a run never started when there is none."""
    stored = read_json(folder / STATE)
    if stored is None:
        return Status()
    return Status(**{**stored, "state": RunState(stored["state"])})


def read_status(folder: Path) -> Status:
    """Return where the run in `folder` stands now, dead processes and stop requests taken into account."""
    status = read_stored(folder)
    if status.state is not RunState.RUNNING:
        return status
    if not process_alive(status.pid, status.process_created):
        again = read_stored(folder)  # it may have finished between the two looks
        if again.state is not RunState.RUNNING or again.pid != status.pid:
            return read_status(folder)
        return _changed(status, state=RunState.INTERRUPTED, message=_INTERRUPTED)
    if (folder / STOP).exists():
        return _changed(status, state=RunState.STOPPING)
    return status


_INTERRUPTED = (
    "The run's process ended without a word (killed, or the machine went down); resume it to go on."
)


def write_status(folder: Path, status: Status, **changes: object) -> Status:
    """Store `status` with `changes` and the moment, and return it."""
    changed = _changed(status, updated_at=now(), **changes)
    write_json(folder / STATE, asdict(changed))
    return changed


def _changed(status: Status, **changes: object) -> Status:
    return Status(**{**asdict(status), **changes})


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the run's lock; it frees itself when its holder dies."""
    with (folder / _LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
