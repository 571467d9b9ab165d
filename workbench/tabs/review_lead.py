"""What those who lead a review see under the queues: figures, a report, and a form for a new queue."""

from typing import Any

import gradio as gr

from arena.judgments import BattleFilter
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.events import BUTTONS, DISPLAY, QUICK, WORK, pressed, written
from workbench.tabs.fields import number_box, number_in, whole_in
from workbench.tabs.filters import as_choices
from workbench.tabs.panes import Update
from workbench.views import review_lead as view


class Lead:
    """Components and handlers; stands within the review tab, where the role is analyst or more."""

    def __init__(self, bench: Workbench, role: Role) -> None:
        """Build them where they shall stand."""
        self._bench = bench
        self._admin = role.covers(Role.ADMIN)
        with gr.Column(elem_id="review-lead", elem_classes="lead"):
            self.queues = gr.HTML(elem_id="review-queues", elem_classes="card", **BUTTONS)
            self.report = gr.HTML(elem_id="review-report", elem_classes="card", **BUTTONS)
            with gr.Accordion("New queue", open=False, elem_id="review-form", elem_classes="card"):
                self._form()
        self.shown = [self.queues, self.report, self.models, self.sets]
        self._wire()

    def _form(self) -> None:
        gr.HTML(
            "<p class='muted'>Of battles that are stored already. New ones are fought by "
            "<code>workbench review create NAME --models A,B --prompts SET</code>.</p>",
            **DISPLAY,
        )
        with gr.Row(elem_classes="fields"):
            self.name = gr.Textbox(label="Name", max_lines=1, interactive=True, elem_id="queue-name")
            self.overlap = number_box("People a battle", "1", elem_id="queue-overlap")
            self.attention = number_box("Attention pairs, %", "5", elem_id="queue-attention")
            self.limit = number_box("Battles, at most", "all", elem_id="queue-limit")
        with gr.Row(elem_classes="fields"):
            self.models = gr.Dropdown(
                [], multiselect=True, label="Between these models (none: all)", interactive=True
            )
            self.sets = gr.Dropdown([], multiselect=True, label="Prompt sets (none: all)", interactive=True)
        self.instructions = gr.Textbox(
            label="Instructions", lines=3, max_lines=10, interactive=True, elem_id="queue-instructions"
        )
        self.make = gr.Button("Make the queue", variant="primary", elem_id="queue-make")

    def _wire(self) -> None:
        gr.on(
            [self.queues.click, self.report.click],
            guarded(self._press),
            None,
            [self.queues, self.report],
            **QUICK,
        )

    def wire_make(self, after: Any, outputs: list[Any]) -> None:
        """Attach the form; `after` gives the values of `outputs` once a queue is made."""
        self.make.click(
            guarded(self._make),
            [self.name, self.overlap, self.attention, self.limit, self.models, self.sets, self.instructions],
            [self.name, self.instructions, *self.shown],
            **WORK,
        ).success(after, None, outputs, **QUICK)

    def fill(self) -> Update:
        """Return what stands here now, no report open."""
        return {
            self.queues: view.queues(self._bench.queues(), admin=self._admin),
            self.report: "",
            self.models: gr.update(choices=as_choices(spec.name for spec in self._bench.list_models())),
            self.sets: gr.update(choices=as_choices(self._bench.prompt_sets())),
        }

    def _press(self, event: gr.EventData) -> Update:
        action, name = pressed(event)
        shown: Update = {}
        if action == "report":
            return {self.report: view.report(name, self._bench.queue_report(name))}
        if action == "close":
            self._bench.close_queue(name)
        elif action == "reopen":
            self._bench.reopen_queue(name)
        elif action == "remove" and self._admin:
            self._bench.remove_queue(name)
            shown = {self.report: ""}
        else:
            return {self.report: ""}
        return shown | {self.queues: view.queues(self._bench.queues(), admin=self._admin)}

    def _make(
        self,
        name: str | None,
        overlap: str | None,
        attention: str | None,
        limit: str | None,
        models: list[str] | None,
        sets: list[str] | None,
        instructions: str | None,
    ) -> Update:
        share = number_in(self.attention, attention)
        people = whole_in(self.overlap, overlap)
        self._bench.create_queue(
            written(name),
            battles=BattleFilter(
                models=tuple(models) if models else None,
                prompt_sets=tuple(sets) if sets else None,
                limit=whole_in(self.limit, limit),
            ),
            overlap=1 if people is None else people,
            attention=0.05 if share is None else share / 100,
            instructions=written(instructions),
        )
        return {self.name: "", self.instructions: "", **self.fill()}
