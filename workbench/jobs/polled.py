"""A job held by its id alone, through verbs: how one is followed that somebody else started, here or elsewhere."""

import time
from typing import Any, Protocol

from workbench.jobs.results import result_of
from workbench.jobs.view import JobView

LOOK_SECONDS = 0.3
"""A job is looked at so often while somebody waits for it."""


class Verbs(Protocol):
    """The two verbs that a job is followed by."""

    def job(self, job_id: str) -> JobView:
        """Return a job as it is now."""
        ...

    def stop_job(self, job_id: str, *, now: bool = False) -> JobView:
        """Ask a job to end."""
        ...


class PolledJob:
    """A `JobHandle` that asks for news."""

    def __init__(self, verbs: Verbs, job_id: str) -> None:
        self.id = job_id
        self._verbs = verbs
        self._last: JobView | None = None

    def view(self) -> JobView:
        """Return the job as it is now; an ended one is not asked for again."""
        if self._last is None or self._last.state.active:
            self._last = self._verbs.job(self.id)
        return self._last

    def stop(self) -> None:
        """Ask the work to finish what it has begun and end."""
        self._verbs.stop_job(self.id)

    def cancel(self) -> None:
        """End the work where it stands."""
        self._verbs.stop_job(self.id, now=True)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the job has ended, at most `seconds`; return whether it has."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self.view().state.active:
            left = LOOK_SECONDS if deadline is None else min(LOOK_SECONDS, deadline - time.monotonic())
            if left <= 0:
                return False
            time.sleep(left)
        return True

    def result(self) -> Any:
        """Return what came of it, see `JobHandle`."""
        return result_of(self.view())
