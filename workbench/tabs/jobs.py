"""What a page must know of the jobs it shows: whether to go on asking, and when its other parts are worth redrawing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.jobs import JobView

TICK_S = 1.5
REDRAW_S = 12.0
"""While a job works, tables that count its results are redrawn so often."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The active jobs when the page was last drawn, and when its tables were."""

    active: frozenset[str] = frozenset()
    drawn: float = 0.0

    def now(self, jobs: Sequence[JobView], *, redraw: bool) -> "Pulse":
        """Return the pulse after drawing."""
        active = frozenset(job.id for job in jobs if job.state.active)
        return Pulse(active, time.monotonic() if redraw else self.drawn)

    def stale(self, jobs: Sequence[JobView]) -> bool:
        """Return whether a job has ended since, or enough time has gone by while one works."""
        active = frozenset(job.id for job in jobs if job.state.active)
        return bool(self.active - active) or time.monotonic() - self.drawn > REDRAW_S
