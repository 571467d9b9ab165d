"""The jobs tab: all long work in one list, what is at work first; stop it, go on with it, forget it.

The page asks for news only while a job works and the tab is open, and then for what is at work alone; the list of ended
jobs is read again once one of them has ended.
"""

from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from workbench.access.roles import Role, role_of_job
from workbench.bench import Workbench
from workbench.jobs import JobView
from workbench.jobs.words import LABELS
from workbench.notices import guarded
from workbench.tabs.events import BUTTONS, DISPLAY, FILTER, QUICK, WORK, pressed
from workbench.tabs.jobs import News, asked_by, job_for
from workbench.views import job_list as view

ALL = "All kinds"
PAGE = 20
"""So many ended jobs are shown, and so many more at each press."""
MOST_ACTIVE = 200


class JobsTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench, role: Role) -> None:
        self._bench = bench
        self._role = role
        self.count = gr.State(PAGE)
        self.active = gr.State(frozenset())
        self.news = News("jobs")
        self.timer = self.news.timer
        with gr.Column(elem_id="jobs", elem_classes="result"):
            with gr.Row(elem_id="job-filters", elem_classes="filters"):
                self.kind = gr.Dropdown(
                    [ALL, *((label, kind) for kind, label in LABELS.items())],
                    value=ALL,
                    label="Kind",
                    interactive=True,
                    filterable=False,
                    min_width=180,
                )
                self.unfinished = gr.Checkbox(
                    False, label="Only what can go on", container=False, interactive=True
                )
            self.working = gr.HTML(elem_id="jobs-working", elem_classes="card", **BUTTONS)
            self.ended = gr.HTML(elem_id="jobs-ended", elem_classes="card", **BUTTONS)
            self.older = gr.Button("Show older ones", elem_id="jobs-older", visible=False)
            self.empty = gr.HTML(elem_id="jobs-empty", **DISPLAY)
        self._chosen = [self.kind, self.unfinished, self.count]
        self._shown = [self.working, self.ended, self.older, self.empty, self.active, self.timer]
        self._wire()

    def _wire(self) -> None:
        gr.on(
            [self.kind.input, self.unfinished.input],
            guarded(self._filter),
            [self.kind, self.unfinished],
            [self.count, *self._shown],
            **FILTER,
        )
        self.older.click(guarded(self._more), self._chosen, [self.count, *self._shown], **QUICK)
        for part in (self.working, self.ended):
            part.click(guarded(self._act), self._chosen, self._shown, **WORK)
        self.news.on_tick(self._tick, [*self._chosen, self.active], self._shown)

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""
        tab.select(guarded(self._show), self._chosen, self._shown, **QUICK)

    def _filter(self, kind: str, unfinished: bool) -> tuple[Any, ...]:
        return PAGE, *self._show(kind, unfinished, PAGE)

    def _more(self, kind: str, unfinished: bool, count: int) -> tuple[Any, ...]:
        return count + PAGE, *self._show(kind, unfinished, count + PAGE)

    def _act(
        self, kind: str, unfinished: bool, count: int, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        action, job_id = pressed(event)
        if action == "stop":
            self._bench.stop_job(job_for(self._bench, job_id, self._role))
        elif action == "resume":
            self._bench.resume_job(job_for(self._bench, job_id, self._role), by=asked_by(request))
        elif action == "remove":
            self._bench.remove_job(job_for(self._bench, job_id, self._role))
        else:
            raise InvalidInput(f"There is no action {action!r} on a job.")
        return self._show(kind, unfinished, count)

    def _tick(self, kind: str, unfinished: bool, count: int, before: frozenset[str]) -> tuple[Any, ...]:
        working = self._working(kind)
        now = frozenset(job.id for job in working)
        if before - now:
            return self._show(kind, unfinished, count)
        skipped = (gr.skip(), gr.skip(), gr.skip())
        mine = {job.id for job in working if self._may(job)}
        return view.working(working, mine), *skipped, now, gr.update(active=bool(now))

    def _show(self, kind: str, unfinished: bool, count: int) -> tuple[Any, ...]:
        working = self._working(kind)
        ended, more = self._ended(kind, unfinished, count)
        if not working and not ended and kind == ALL and not unfinished:
            return "", "", gr.update(visible=False), view.none_yet(), frozenset(), gr.update(active=False)
        mine = [job for job in ended if self._may(job)]
        return (
            view.working(working, {job.id for job in working if self._may(job)}),
            view.ended(
                ended,
                {job.id for job in mine if job.resumable},
                {job.id for job in mine},
                filtered=kind != ALL or unfinished,
            ),
            gr.update(visible=more),
            "",
            frozenset(job.id for job in working),
            gr.update(active=bool(working)),
        )

    def _may(self, job: JobView) -> bool:
        return self._role.covers(role_of_job(job.kind))

    def _working(self, kind: str) -> list[JobView]:
        return self._bench.list_jobs(_kind(kind), active=True, limit=MOST_ACTIVE)

    def _ended(self, kind: str, unfinished: bool, count: int) -> tuple[list[JobView], bool]:
        """Return up to `count` ended jobs, and whether there are more."""
        found: list[JobView] = []
        before: str | None = None
        while len(found) <= count:
            page = self._bench.list_jobs(_kind(kind), active=False, limit=count + 1, before=before)
            found += [job for job in page if job.resumable or not unfinished]
            if len(page) <= count:
                break
            before = page[-1].id
        return found[:count], len(found) > count


def _kind(chosen: str) -> str | None:
    return None if chosen == ALL else chosen
