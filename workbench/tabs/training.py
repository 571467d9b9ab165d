"""The training tab: start a run, watch it, bring its model into the arena, and see how it stands against its parent.

The page asks for news only while a run is going: the timer is switched on by the state of the runs and off with the
last one.
"""

from typing import Any

import gradio as gr

from arena.errors import InvalidInput, NotFound, WorkbenchError
from arena.types import VoteFilter, VoterKind
from training.run import Run
from workbench.bench import Workbench
from workbench.html import join, plural
from workbench.notices import guarded
from workbench.results import Promotion
from workbench.tabs.events import BUTTONS, DISPLAY, QUICK, WORK, pressed, written
from workbench.tabs.filters import as_choices
from workbench.tabs.jobs import News
from workbench.views import training as view
from workbench.views.leaderboard import empty


class TrainingTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.selected = gr.State(None)
        self.news = News("training")
        with gr.Row(elem_id="training", elem_classes="split"):
            with (
                gr.Column(elem_classes="side-form", min_width=0),
                gr.Column(elem_classes="card", elem_id="run-form"),
            ):
                self._form()
            with gr.Column(elem_classes="result", min_width=0):
                self.header = gr.HTML(elem_id="run-header", elem_classes="card", **BUTTONS)
                self.charts = gr.HTML(elem_id="run-charts", **DISPLAY)
                self.outcome = gr.HTML(elem_id="run-outcome", elem_classes="card", **BUTTONS)
                self.runs = gr.HTML(elem_id="runs", elem_classes="card", **BUTTONS)
        self._wire()

    def _form(self) -> None:
        gr.HTML("<h2>New run</h2>", **DISPLAY)
        self.method = gr.Radio(
            [(label, method) for method, label in view.METHODS.items()],
            value="dpo",
            label="Method",
            elem_classes="segments",
            interactive=True,
        )
        self.data = gr.Dropdown([], label="Data", interactive=True, filterable=False)
        self.base = gr.Dropdown([], label="Start from", interactive=True, filterable=False)
        self.name = gr.Textbox(label="Name", max_lines=1, interactive=True)
        with gr.Accordion("Advanced", open=False, elem_id="advanced"):
            self.epochs = gr.Number(label="Epochs", interactive=True)
            self.learning_rate = gr.Number(label="Learning rate", interactive=True, step=1e-7)
            self.batch_size = gr.Number(label="Batch size", precision=0, interactive=True)
            self.max_length = gr.Number(label="Tokens, at most", precision=0, interactive=True)
            self.beta = gr.Number(label="Beta (DPO)", interactive=True, step=0.01)
            self.lora_r = gr.Number(label="LoRA rank", precision=0, interactive=True)
            self.seed = gr.Number(label="Seed", precision=0, interactive=True)
            self.four_bit = gr.Checkbox(True, label="Base in 4 bits", container=False, interactive=True)
        self._advanced = {
            "epochs": self.epochs,
            "learning_rate": self.learning_rate,
            "batch_size": self.batch_size,
            "max_length": self.max_length,
            "beta": self.beta,
            "lora_r": self.lora_r,
            "seed": self.seed,
            "four_bit": self.four_bit,
        }
        self.start = gr.Button("Start run", variant="primary", elem_id="run-start")

    def _wire(self) -> None:
        self._shown = [self.header, self.charts, self.outcome, self.runs, self.news.timer]
        choices = [self.method, self.data, self.base, self.name]
        self.method.input(
            guarded(self._defaults), [self.method], [*self._advanced.values(), self.name], **QUICK
        )
        self.start.click(
            guarded(self._start),
            [*choices, *self._advanced.values()],
            [self.selected, self.name, *self._shown],
            **WORK,
        )
        for part in (self.header, self.outcome, self.runs):
            part.click(guarded(self._act), [self.selected], [self.selected, *self._shown], **WORK)
        self.news.on_tick(self._show, [self.selected], self._shown)

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""
        tab.select(
            guarded(self._open),
            [self.method, self.data, self.base, self.selected],
            [self.data, self.base, *self._advanced.values(), self.name, self.selected, *self._shown],
            **QUICK,
        )

    def _open(self, method: str, data: str | None, base: str | None, selected: str | None) -> tuple[Any, ...]:
        exports = [(f"{m.name} \u00b7 {plural(m.pairs, 'pair')}", m.name) for m in self._bench.exports()]
        bases = [spec.name for spec in self._bench.training_bases()]
        data = data if data in {name for _, name in exports} else exports[0][1] if exports else None
        base = base if base in bases else bases[0] if bases else None
        hint = None if exports else "There is no export yet: make one under Data."
        runs = self._bench.runs()
        selected = selected or (runs[0].name if runs else None)
        return (
            gr.update(choices=exports, value=data, info=hint),
            gr.update(
                choices=as_choices(bases),
                value=base,
                info=None if bases else "Add a local model under Models.",
            ),
            *self._defaults(method),
            selected,
            *self._show(selected),
        )

    def _defaults(self, method: str) -> tuple[Any, ...]:
        known = self._bench.defaults(method)
        values = [gr.update(value=known.get(key)) for key in self._advanced]
        return (*values, gr.update(placeholder=self._free_name(method)))

    def _start(
        self, method: str, data: str | None, base: str | None, name: str | None, *advanced: Any
    ) -> tuple[Any, ...]:
        if data is None:
            raise InvalidInput("There is no export to train on: make one under Data first.")
        if base is None:
            raise InvalidInput("There is no local model to start from: add one under Models first.")
        overrides = {
            key: value for key, value in zip(self._advanced, advanced, strict=True) if value is not None
        }
        run = self._bench.train(written(name) or self._free_name(method), method, base, data, overrides)
        return run.name, gr.update(value="", placeholder=self._free_name(method)), *self._show(run.name)

    def _act(self, selected: str | None, event: gr.EventData) -> tuple[Any, ...]:
        action, name = pressed(event)
        if action == "show":
            selected = name
        elif action == "stop":
            self._bench.stop_run(name)
        elif action == "resume":
            self._bench.resume_run(name)
        elif action == "deploy":
            self._bench.deploy_run(name)
            gr.Success("Added to the arena; it meets its parent blind from now on.", duration=5)
        elif action == "promote":
            self._bench.promote(name, VoteFilter(voter_kinds=(self._judged(name)[1],)))
        return selected, *self._show(selected)

    def _show(self, selected: str | None) -> tuple[Any, ...]:
        runs = self._bench.runs()
        going = any(run.state.active for run in runs)
        run = next((run for run in runs if run.name == selected), None)
        timer = gr.update(active=going)
        if run is None:
            text = "A run takes an export and a local model, and gives a reward model or a tuned model."
            return (
                empty("No run yet", text, *([] if self._bench.exports() else ["Data"])),
                "",
                "",
                view.table(runs, None),
                timer,
            )
        deployed = self._bench.deployed(run.name)
        return (
            view.header(run, self._lineage(run), self._ratings(), deployed),
            view.charts(run.metrics(), run.status.total),
            join(view.beside(view.outcome(run.result), self._standing(deployed)), view.log(run.log_tail(60))),
            view.table(runs, run.name),
            timer,
        )

    def _lineage(self, run: Run) -> Any:
        try:
            return self._bench.lineage(self._bench.deployed(run.name) or run.config.parent or run.name)
        except NotFound:
            return []

    def _ratings(self) -> dict[str, float | None]:
        return {row.name: row.rating for row in self._bench.figures.board().rows}

    def _standing(self, deployed: str | None) -> Any:
        if deployed is None:
            return None
        try:
            found, votes = self._judged(deployed)
        except WorkbenchError as error:
            return view.no_standing(error)
        marked = bool(self._bench.lineage(deployed)[-1].options.get("promoted"))
        return view.standing(found, votes, 0.5 + self._bench.settings.promotion.margin, marked)

    def _judged(self, model: str) -> tuple[Promotion, VoterKind]:
        """Return how the model stands by people's votes, or by another kind's where no person has voted."""
        for kind in (VoterKind.HUMAN, VoterKind.JUDGE):
            try:
                return self._bench.standing(model, VoteFilter(voter_kinds=(kind,))), kind
            except NotFound:
                continue
        kind = VoterKind.SIMULATED
        return self._bench.standing(model, VoteFilter(voter_kinds=(kind,))), kind

    def _free_name(self, method: str) -> str:
        taken = {run.name for run in self._bench.runs()} | {spec.name for spec in self._bench.list_models()}
        return next(name for i in range(1, len(taken) + 2) if (name := f"{method}-{i}") not in taken)
