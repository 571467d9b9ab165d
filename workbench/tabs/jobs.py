"""What a page must know of the jobs it shows: whether to go on asking, and when its other parts are worth redrawing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from arena.errors import NotAllowed
from workbench.access.access import person_of
from workbench.access.roles import Role, role_of_job
from workbench.bench import Workbench
from workbench.html import Html, tag
from workbench.jobs import JobView
from workbench.notices import guarded
from workbench.tabs.events import QUICK

TICK_S = 1.5
"""While a job works and its tab is open, news are asked for so often."""
REDRAW_S = 12.0
"""While a job works, tables that count its results are redrawn so often, or less where drawing them takes long."""
PATIENCE = 10
"""The pause between two drawings is at least so many times as long as one takes."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The active jobs when the page was last drawn; when its tables were, and how long that took, in seconds."""

    active: frozenset[str] = frozenset()
    drawn: float = 0.0
    took: float = 0.0

    def now(self, jobs: Sequence[JobView], *, begun: float | None = None) -> "Pulse":
        """Return the pulse after drawing the jobs, and the tables too where `begun` is when that began."""
        active = frozenset(job.id for job in jobs if job.state.active)
        if begun is None:
            return Pulse(active, self.drawn, self.took)
        ended = time.monotonic()
        return Pulse(active, ended, ended - begun)

    def stale(self, jobs: Sequence[JobView]) -> bool:
        """Return whether a job has ended since, or enough time has gone by while one works."""
        active = frozenset(job.id for job in jobs if job.state.active)
        pause = max(REDRAW_S, PATIENCE * self.took)
        return bool(self.active - active) or time.monotonic() - self.drawn > pause


def job_for(bench: Workbench, job_id: str, role: Role) -> str:
    """Return the id of a job that somebody of this role may stop and resume; the id comes from the browser.

    Raises:
        NotFound: there is no such job.
        NotAllowed: it takes another role.
    """
    kind = bench.job(job_id).kind
    if not role.covers(role_of_job(kind)):
        raise NotAllowed(
            f"A job of kind {kind} is for the role {role_of_job(kind)}: ask somebody who has it."
        )
    return job_id


def asked_by(request: gr.Request) -> str:
    """Return the name of the person behind a request of the page."""
    return person_of(request.request.scope).name


def late(bench: Workbench, *figures: str) -> Html | None:
    """Return what is to be said where figures that take long are shown as they were before the latest change."""
    if not bench.figures.late(*figures):
        return None
    return tag(
        "p", "Counted before the latest change; the newer figures are on their way.", class_="muted late"
    )


def latest(bench: Workbench, *kinds: str, limit: int = 20) -> list[JobView]:
    """Return the latest jobs of some kinds, the one created last first."""
    found = [job for kind in kinds for job in bench.list_jobs(kind, limit=limit)]
    return sorted(found, key=lambda job: job.created_at, reverse=True)[:limit]


class News:
    """A timer that ticks only while its tab is open.

    Each tick tells whether the tab is; the first one that finds it left stops the timer, which starts again with
    whatever fills the tab when it is opened.
    """

    def __init__(self, root: str) -> None:
        """`root` is the element id of what the tab holds."""
        self.timer = gr.Timer(TICK_S, active=False)
        self._open = gr.Checkbox(visible=False)
        self._look = (
            f"(_, ...given) => [document.getElementById('{root}')?.checkVisibility() ?? false, ...given]"
        )

    def on_tick(self, handler: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Let `handler` fill `outputs`, the timer among them, at each tick."""
        rest = tuple(gr.update(active=False) if part is self.timer else gr.skip() for part in outputs)

        def tick(opened: bool, *given: Any) -> Any:
            return handler(*given) if opened else rest

        self.timer.tick(guarded(tick), [self._open, *inputs], list(outputs), js=self._look, **QUICK)
