"""Long work as it is stored: what was asked, how far it is, and how it ended.

What a job does stands in the workbench; the store keeps `spec` and `result` as JSON and asks nothing about them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    STOPPING = "stopping"
    """Told to stop; what has begun is being finished."""
    DONE = "done"
    STOPPED = "stopped"
    """Ended early, because somebody stopped it."""
    INTERRUPTED = "interrupted"
    """Its process ended before it did; it can be resumed."""
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """Whether the job still works."""
        return self in (JobState.RUNNING, JobState.STOPPING)


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is; what a kind of work does not know stays `None` or empty.

    `rate` counts steps a second, `failures` steps that gave nothing by reason; `tokens` and `cost` are spent so far.
    """

    done: int = 0
    total: int | None = None
    failed: int = 0
    cached: int = 0
    in_flight: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    tokens: int | None = None
    cost: float | None = None
    failures: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    """What is being done just now, in a few words."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as a row: `attempts` counts how often it was begun, `error` is one sentence.

    `error_kind` is the class of the error and `error_detail` what it carries beside its sentence, as JSON. `heard_at`
    is when the row was last written: of an interrupted job the last sign of life.
    """

    job_id: str
    kind: str
    title: str
    spec: Mapping[str, Any]
    state: JobState
    progress: JobProgress
    lines: tuple[str, ...]
    result: Any
    error: str | None
    started_by: str | None
    attempts: int
    created_at: datetime
    started_at: datetime
    ended_at: datetime | None
    error_kind: str | None = None
    error_detail: Any = None
    heard_at: datetime | None = None
