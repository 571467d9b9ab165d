"""A job as it is looked at, and what somebody who follows one holds; both are the same here and over the network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from arena.jobs import JobProgress, JobRecord, JobState

RESUMABLE = (JobState.INTERRUPTED, JobState.STOPPED, JobState.FAILED)
"""States after which a job can go on."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job at one moment, in plain values that JSON can hold.

    `spec` is what was asked and `result` what came of it, as `workbench.jobs.results.result_of` reads it. `error` is
    one sentence, `error_kind` the class of the error. `lines` is the log. `attempts` counts how often the job was
    begun; `resumable` says whether it can go on from where it ended. In a list `lines` holds the newest only, and
    `result` is left out where it is large.
    """

    id: str
    kind: str
    title: str
    state: JobState
    progress: JobProgress
    lines: tuple[str, ...]
    spec: Mapping[str, Any]
    result: Any
    error: str | None
    error_kind: str | None
    error_detail: Any
    started_by: str | None
    attempts: int
    resumable: bool
    created_at: datetime
    started_at: datetime
    ended_at: datetime | None


class JobHandle(Protocol):
    """A job that can be followed and ended."""

    @property
    def id(self) -> str:
        """The job's id."""
        ...

    def view(self) -> JobView:
        """Return the job as it is now."""
        ...

    def stop(self) -> None:
        """Ask the work to finish what it has begun and end; a second call changes nothing."""

    def cancel(self) -> None:
        """End the work where it stands; what it has kept by then is kept."""

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the job has ended, at most `seconds`; return whether it has."""
        ...

    def result(self) -> Any:
        """Return what came of an ended job, as the type of its kind.

        Raises:
            WorkbenchError: the error that it failed with; `JobStoppedError` where it ended without a result.
        """


def view_of(record: JobRecord) -> JobView:
    """Return a stored job as it is looked at."""
    return JobView(
        id=record.job_id,
        kind=record.kind,
        title=record.title,
        state=record.state,
        progress=record.progress,
        lines=record.lines,
        spec=record.spec,
        result=record.result,
        error=record.error,
        error_kind=record.error_kind,
        error_detail=record.error_detail,
        started_by=record.started_by,
        attempts=record.attempts,
        resumable=record.state in RESUMABLE or _left_over(record),
        created_at=record.created_at,
        started_at=record.started_at,
        ended_at=record.ended_at,
    )


def _left_over(record: JobRecord) -> bool:
    """Whether a job that is done left something undone: a ceiling, a server that was gone, a run stopped elsewhere."""
    if record.state is not JobState.DONE or not isinstance(record.result, Mapping):
        return False
    result = record.result
    if record.kind == "train":
        return result.get("state") != "finished"
    return bool(result.get("not_asked") or result.get("stopped"))
