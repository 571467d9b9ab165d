"""The metrics tab: score stored answers, compare models by their means, and hold models to golden sets.

What is chosen at the side is both what a start scores and what the tables show. Scoring is a job of the home; the
page asks for news only while one works and the tab is open.
"""

import time
from typing import Any

import gradio as gr

from arena.errors import WorkbenchError
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.html import join
from workbench.jobs import JobView
from workbench.jobs.specs import ScoreJob
from workbench.notices import guarded
from workbench.tabs.events import BUTTONS, FILTER, QUICK, WORK, pressed
from workbench.tabs.golden import Golden
from workbench.tabs.jobs import News, Pulse, asked_by, job_for, late, latest
from workbench.tabs.metric_form import MetricForm, answer_filter, totals
from workbench.tabs.scored import Scored
from workbench.views import jobs as jobs_view
from workbench.views import metrics as view


class MetricsTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench, role: Role = Role.ADMIN) -> None:
        self._bench = bench
        self._role = role
        self.pulse = gr.State(Pulse())
        self.news = News("metrics")
        self.timer = self.news.timer
        self.golden = Golden(bench, role)
        with gr.Row(elem_id="metrics", elem_classes="split"):
            with gr.Column(elem_classes="side-form", min_width=0):
                with gr.Column(elem_classes="card", elem_id="score-form"):
                    self.form = MetricForm(bench)
                with gr.Accordion("Golden sets", open=False, elem_id="golden-form", elem_classes="card"):
                    self.golden.form()
            with gr.Column(elem_classes="result", min_width=0):
                self.jobs = gr.HTML(elem_id="score-jobs", elem_classes="card", **BUTTONS)
                self.table = gr.HTML(elem_id="means", elem_classes="card", **BUTTONS)
                self.golden.card()
                self.scored = Scored(bench, self.form)
        self._wire()

    def _wire(self) -> None:
        form = self.form
        self._job_outputs = [self.jobs, self.pulse, self.timer]
        self._shown = [*self._job_outputs, self.table, *self.scored.outputs]
        self._chosen = [form.metrics, form.models, form.prompt_set, form.shared, self.scored.scorer]
        self._counted = [form.coverage, form.start]
        self.scored.wire()
        self.golden.wire(self._job_outputs, lambda: self._job_card())
        gr.on(
            [form.models.input, form.prompt_set.input, form.shared.input],
            guarded(self._show),
            self._chosen,
            [*self._shown, *self._counted],
            **FILTER,
        )
        form.metrics.input(
            guarded(self._count), [form.metrics, form.models, form.prompt_set], self._counted, **FILTER
        )
        form.start.click(
            guarded(self._start),
            [form.metrics, form.models, form.prompt_set, *form.fields.values()],
            self._job_outputs,
            **WORK,
        )
        self.table.click(guarded(self._act), self._chosen, self._shown, **QUICK)
        self.jobs.click(guarded(self._stop), None, self._job_outputs, **QUICK)
        self.news.on_tick(
            self._tick,
            [self.pulse, self.golden.opened, *self._chosen],
            [*self._shown, *self._counted, *self.golden.outputs],
        )

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""
        tab.select(
            guarded(self._open),
            [self.golden.opened, *self._chosen],
            [*self.form.lists, *self._shown, *self._counted, *self.golden.outputs],
            **QUICK,
        )

    def _open(self, opened: str | None, *chosen: Any) -> tuple[Any, ...]:
        return *self.form.choices(self._bench), *self._show(*chosen), *self.golden.show(opened)

    def _show(
        self,
        metrics: list[str],
        models: list[str] | None,
        prompt_set: str | None,
        shared: bool,
        scorer: str | None,
    ) -> tuple[Any, ...]:
        return (
            *self._drawn(models, prompt_set, shared, scorer),
            *self._count(metrics, models, prompt_set),
        )

    def _drawn(
        self, models: list[str] | None, prompt_set: str | None, shared: bool, scorer: str | None
    ) -> tuple[Any, ...]:
        begun = time.monotonic()
        answers = answer_filter(models, prompt_set)
        table = self._bench.figures.score_table(answers, shared_prompts=shared)
        shown = self.scored.show(table, answers, scorer)
        return *self._job_card(begun), join(view.table(table, shown[0]), late(self._bench, "scores")), *shown

    def _count(self, metrics: list[str], models: list[str] | None, prompt_set: str | None) -> tuple[Any, Any]:
        chosen = [info for info in self._bench.metrics() if info.name in metrics]
        try:
            found, with_reference = totals(
                self._bench.figures.score_coverage(answer_filter(models, prompt_set))
            )
        except WorkbenchError as error:
            return view.cannot(error), gr.update(value="Score", interactive=False)
        label = view.start_label(found, len(chosen))
        possible = bool(found and chosen)
        return view.coverage(found, with_reference, chosen), gr.update(value=label, interactive=possible)

    def _start(
        self,
        request: gr.Request,
        metrics: list[str],
        models: list[str] | None,
        prompt_set: str | None,
        *options: Any,
    ) -> tuple[Any, ...]:
        written = self.form.options(metrics, options)
        self._bench.start_job(
            ScoreJob(metrics=tuple(metrics), answers=answer_filter(models, prompt_set), options=written),
            by=asked_by(request),
        )
        return self._job_card(time.monotonic())

    def _act(
        self,
        metrics: list[str],
        models: list[str] | None,
        prompt_set: str | None,
        shared: bool,
        scorer: str | None,
        event: gr.EventData,
    ) -> tuple[Any, ...]:
        action, name = pressed(event)
        return self._drawn(models, prompt_set, shared, name if action == "scorer" else scorer)

    def _stop(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        action, name = pressed(event)
        if action == "stop":
            self._bench.stop_job(job_for(self._bench, name, self._role))
        elif action == "resume":
            self._bench.resume_job(job_for(self._bench, name, self._role), by=asked_by(request))
        return self._job_card()

    def _tick(self, pulse: Pulse, opened: str | None, *chosen: Any) -> tuple[Any, ...]:
        jobs = self._jobs()
        if pulse.stale(jobs):
            return *self._show(*chosen), *self.golden.show(opened)
        skipped = len(self._shown) - len(self._job_outputs) + len(self._counted) + len(self.golden.outputs)
        card, _, timer = self._job_card()
        return card, pulse.now(jobs), timer, *[gr.skip()] * skipped

    def _jobs(self) -> list[JobView]:
        return latest(self._bench, "score", "golden")

    def _job_card(self, begun: float | None = None) -> tuple[Any, Any, Any]:
        jobs = self._jobs()
        active = any(job.state.active for job in jobs)
        pulse = Pulse().now(jobs, begun=begun)
        again = {job.id for job in jobs if job.resumable}
        return jobs_view.card(jobs, "score", again, view.report), pulse, gr.update(active=active)
