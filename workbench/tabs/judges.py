"""The judges tab: add a judge, let it judge, and see whether its votes may count and why.

Analysts let judges work; only administrators set them up and remove them.

A run is a job of the home, so it goes on when the page is closed. The page asks for news only while a job works and
the tab is open; the tables behind it are redrawn seldom, since measuring agreement reads every vote.
"""

import time
from typing import Any

import gradio as gr

from arena.errors import InvalidInput, NotAllowed, WorkbenchError
from arena.ratings.worth import Worth
from arena.store.verdicts import VerdictFilter
from arena.types import DEFAULT_CRITERION
from judges.agreement import Agreement
from judges.licence import licence
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.html import join
from workbench.jobs import JobView
from workbench.jobs.specs import AttackJob, JudgeJob
from workbench.notices import guarded
from workbench.tabs.battle_form import BattleForm
from workbench.tabs.events import BUTTONS, DISPLAY, FILTER, QUICK, WORK, pressed
from workbench.tabs.filters import as_choices
from workbench.tabs.jobs import News, Pulse, asked_by, job_for, late, latest
from workbench.tabs.judge_form import JudgeForm
from workbench.tabs.templates import Templates
from workbench.tabs.verdicts import Verdicts
from workbench.views import jobs as jobs_view
from workbench.views import judge as judge_view
from workbench.views import judges as view
from workbench.views import raters as rater_view


class JudgesTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench, role: Role = Role.ADMIN) -> None:
        self._bench = bench
        self._role = role
        self.shown = gr.State(None)
        self.pulse = gr.State(Pulse())
        self.news = News("judges")
        self.timer = self.news.timer
        with gr.Row(elem_id="judges", elem_classes="split"):
            with gr.Column(elem_classes="side-form", min_width=0):
                with gr.Column(elem_classes="card", elem_id="run-judge-form"):
                    self.run = BattleForm()
                self.form: JudgeForm | None = None
                if role.covers(Role.ADMIN):
                    with gr.Accordion("Add a judge", open=False, elem_id="judge-form", elem_classes="card"):
                        self.form = JudgeForm()
                with gr.Accordion("Templates", open=False, elem_id="template-form", elem_classes="card"):
                    self.templates = Templates(bench, role)
            with gr.Column(elem_classes="result", min_width=0):
                self.jobs = gr.HTML(elem_id="judge-jobs", elem_classes="card", **BUTTONS)
                self.text = gr.HTML(elem_id="template-text", elem_classes="card", **BUTTONS)
                self.table = gr.HTML(elem_id="judge-table", elem_classes="card", **BUTTONS)
                self.raters = gr.HTML(elem_id="judge-raters", elem_classes="card", **DISPLAY)
                self.details = gr.HTML(elem_id="judge", elem_classes="card", **BUTTONS)
                self.verdicts = Verdicts(bench, self.shown, self.run.criterion)
        self._wire()

    def _wire(self) -> None:
        run, verdicts = self.run, self.verdicts
        self._overview = [self.jobs, self.table, self.raters, self.details, self.pulse, self.timer]
        self._estimated = [run.estimate, run.start]
        verdicts.wire()
        self.templates.wire(self.text)
        gr.on(
            [*(box.input for box in run.chosen if box is not run.limit), run.limit.change],
            guarded(self._estimate),
            run.chosen,
            self._estimated,
            **FILTER,
        )
        run.criterion.input(
            guarded(self._all), [self.shown, run.criterion], [*self._overview, *verdicts.outputs], **QUICK
        )
        run.start.click(
            guarded(self._start),
            [*run.chosen, *run.limits],
            [self.shown, *self._overview, *verdicts.outputs],
            **WORK,
        )
        if self.form is not None:
            self._wire_form(self.form)
        for part in (self.jobs, self.table, self.details):
            part.click(
                guarded(self._act),
                [self.shown, run.criterion],
                [self.shown, *self._overview, *verdicts.outputs],
                **WORK,
            )
        self.news.on_tick(
            self._tick, [self.shown, self.pulse, *run.chosen], [*self._overview, *self._estimated]
        )

    def _wire_form(self, form: JudgeForm) -> None:
        run = self.run
        form.wire(self._bench)
        form.add.click(
            guarded(self._add),
            [run.criterion, form.kind, form.name, *form.inputs.values()],
            [form.name, run.judge, self.shown, *self._overview, *self.verdicts.outputs],
            **WORK,
        ).success(guarded(self._estimate), run.chosen, self._estimated, **QUICK)

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""
        run, form = self.run, self.form
        lists, kinds = (form.lists, [form.kind]) if form is not None else ([], [])
        filled = [*run.lists, *lists, self.templates.name, self.shown, *self._overview]
        tab.select(
            guarded(self._open),
            [run.judge, run.criterion, self.templates.name, self.shown, *kinds],
            [*filled, *self.verdicts.outputs],
            **QUICK,
        ).then(guarded(self._estimate), run.chosen, self._estimated, **QUICK)

    def _open(
        self, judge: str | None, criterion: str | None, template: str | None, shown: str | None, *kind: str
    ) -> tuple[Any, ...]:
        criterion = criterion or self._bench.settings.criteria[0]
        if shown is None:
            shown = next((s.name for s in self._standings(criterion)), None)
        return (
            *self.run.choices(self._bench, judge, criterion),
            *(self.form.choices(*kind) if self.form is not None else ()),
            self.templates.choices(template),
            shown,
            *self._all(shown, criterion),
        )

    def _estimate(self, judge: str | None, *chosen: Any) -> tuple[Any, Any]:
        if judge is None:
            return view.no_judge(), gr.update(value="Judge", interactive=False)
        try:
            models, prompt_set, category, criterion, voted, limit, retry = chosen
            battles = self.run.battles(models, prompt_set, category, voted, limit)
            found = self._bench.judge_estimate(judge, battles, criterion=criterion, retry_failed=retry)
        except WorkbenchError as error:
            return view.cannot(error), gr.update(value="Judge", interactive=False)
        label, possible = view.start_label(found)
        return view.estimate(found), gr.update(value=label, interactive=possible)

    def _start(self, request: gr.Request, judge: str | None, *asked: Any) -> tuple[Any, ...]:
        if judge is None:
            raise InvalidInput("There is no judge yet: add one below first.")
        models, prompt_set, category, criterion, voted, limit, retry, slots, max_cost, max_tokens = asked
        spec = JudgeJob(
            judge=judge,
            battles=self.run.battles(models, prompt_set, category, voted, limit),
            criterion=criterion,
            retry_failed=retry,
            **self.run.ceilings(slots, max_cost, max_tokens),
        )
        self._bench.start_job(spec, by=asked_by(request))
        return judge, *self._all(judge, criterion)

    def _add(self, criterion: str, kind: str, name: str | None, *values: Any) -> tuple[Any, ...]:
        assert self.form is not None
        spec = self._bench.add_judge(self.form.spec(kind, name, *values))
        names = [known.name for known in self._bench.list_judges()]
        chosen = gr.update(choices=as_choices(names), value=spec.name)
        return "", chosen, spec.name, *self._all(spec.name, criterion)

    def _act(
        self, shown: str | None, criterion: str, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        action, name = pressed(event)
        if action == "show":
            shown = name
        elif action == "stop":
            self._bench.stop_job(job_for(self._bench, name, self._role))
        elif action == "resume":
            self._bench.resume_job(job_for(self._bench, name, self._role), by=asked_by(request))
        elif action == "attack":
            self._bench.start_job(AttackJob(judge=name), by=asked_by(request))
        elif action == "remove":
            if not self._role.covers(Role.ADMIN):
                raise NotAllowed("To remove a judge takes the role admin: ask one.")
            self._bench.remove_judge(name)
        else:
            raise InvalidInput(f"There is no action {action!r} on a judge.")
        return shown, *self._all(shown, criterion)

    def _tick(self, shown: str | None, pulse: Pulse, *chosen: Any) -> tuple[Any, ...]:
        jobs = self._jobs()
        active = any(job.state.active for job in jobs)
        if not pulse.stale(jobs):
            skipped = (gr.skip(), gr.skip(), gr.skip(), pulse.now(jobs), gr.update(active=active))
            return self._job_card(jobs), *skipped, gr.skip(), gr.skip()
        return *self._overview_of(shown, chosen[4]), *self._estimate(*chosen)

    def _all(self, shown: str | None, criterion: str | None) -> tuple[Any, ...]:
        criterion = criterion or DEFAULT_CRITERION
        return *self._overview_of(shown, criterion), *self.verdicts.show(shown, criterion)

    def _overview_of(self, shown: str | None, criterion: str) -> tuple[Any, ...]:
        jobs, begun = self._jobs(), time.monotonic()
        standings = self._standings(criterion)
        chosen = next((standing for standing in standings if standing.name == shown), None)
        return (
            self._job_card(jobs),
            join(view.table(standings, self._bench.bar(), shown), late(self._bench, "agreements")),
            self._raters(criterion),
            self._details(chosen, criterion) if chosen else "",
            Pulse().now(jobs, begun=begun),
            gr.update(active=any(job.state.active for job in jobs)),
        )

    def _standings(self, criterion: str) -> list[view.Standing]:
        """Return every judge that is set up or has votes: the licensed first, then by their agreement."""
        found = {agreement.judge.name: agreement for agreement in self._agreements(criterion)}
        specs = {spec.name: spec for spec in self._bench.list_judges()}
        bar = self._bench.bar()
        standings = [
            view.Standing(
                name, specs.get(name), found.get(name), licence(found[name], bar) if name in found else None
            )
            for name in dict.fromkeys([*specs, *found])
        ]
        return sorted(standings, key=view.order)

    def _agreements(self, criterion: str) -> list[Agreement]:
        return self._bench.figures.agreements(criterion)

    def _raters(self, criterion: str) -> str:
        return rater_view.raters(self._agreements(criterion), self._bench.figures.judges_between(criterion))

    def _details(self, standing: view.Standing, criterion: str) -> str:
        counts = self._bench.verdict_counts(VerdictFilter(judge=standing.name, criterion=criterion))
        matrix = (
            self._bench.figures.agreement_matrix(standing.name, criterion) if standing.agreement else None
        )
        try:
            fingerprint = self._bench.judge_fingerprint(standing.name) if standing.spec else None
        except WorkbenchError:
            fingerprint = None
        removable = self._role.covers(Role.ADMIN)
        return judge_view.details(
            standing,
            self._bench.bar(),
            counts,
            matrix,
            fingerprint,
            self._worth(standing, criterion),
            removable=removable,
        )

    def _worth(self, standing: view.Standing, criterion: str) -> Worth | None:
        """Return what the judge is worth in people's votes, where they share a battle that counts."""
        if standing.agreement is None or not standing.agreement.overall.battles:
            return None
        try:
            return self._bench.figures.judge_worth(standing.name, criterion)
        except InvalidInput:
            return None

    def _jobs(self) -> list[JobView]:
        return latest(self._bench, "judge", "attack")

    def _job_card(self, jobs: list[JobView]) -> str:
        """Return the jobs; of a judge's jobs only the newest can go on, since that one judges what the others left."""
        newest: dict[str, JobView] = {}
        for job in jobs:
            if job.kind == "judge":
                newest.setdefault(job.spec["judge"], job)
        again = {job.id for job in newest.values() if job.resumable}
        return jobs_view.card(jobs, "battle", again, view.report)
