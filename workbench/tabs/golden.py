"""Golden sets on the metrics tab: freeze one, check a model on it, accept what it came to.

Analysts check models; only administrators freeze and remove sets and accept results.
"""

from typing import Any
from uuid import UUID

import gradio as gr

from arena.errors import InvalidInput, NotAllowed
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.jobs.specs import GoldenJob
from workbench.notices import guarded
from workbench.tabs.events import BUTTONS, QUICK, WORK, pressed, written
from workbench.tabs.filters import as_choices
from workbench.tabs.jobs import asked_by
from workbench.views import golden as view


class Golden:
    """Components and handlers: two forms at the side and a card in the wide column."""

    def __init__(self, bench: Workbench, role: Role = Role.ADMIN) -> None:
        self._bench = bench
        self._sets_up = role.covers(Role.ADMIN)
        self.opened = gr.State(None)

    def form(self) -> None:
        """Lay out what stands at the side."""
        self.name = gr.Dropdown([], label="Golden set", interactive=True, elem_id="golden-name")
        self.model = gr.Dropdown([], label="Model", interactive=True, elem_id="golden-model")
        self.fresh = gr.Checkbox(False, label="Ask for new answers", container=False, interactive=True)
        self.check = gr.Button("Check the model", elem_id="golden-check")
        if self._sets_up:
            self._freeze_form()

    def _freeze_form(self) -> None:
        with gr.Accordion("Freeze a set", open=False):
            self.new_name = gr.Textbox(label="Name", max_lines=1, interactive=True, elem_id="golden-new")
            self.prompt_set = gr.Dropdown([], label="Prompt set", interactive=True, filterable=False)
            self.checks = gr.Textbox(
                label="Checks",
                lines=3,
                max_lines=8,
                interactive=True,
                placeholder="rougeL>=0.3\nchrf>=40",
                info="One a line: a metric or a judge, and what its mean must reach.",
                elem_id="golden-checks",
            )
            self.freeze = gr.Button("Freeze", elem_id="golden-freeze")

    def card(self) -> None:
        """Lay out what stands in the wide column."""
        self.table = gr.HTML(elem_id="golden", elem_classes="card", **BUTTONS)

    @property
    def outputs(self) -> list[Any]:
        """The components that `show` fills."""
        return [self.name, self.model, *([self.prompt_set] if self._sets_up else []), self.table]

    def wire(self, job_outputs: list[Any], jobs: Any) -> None:
        """Attach the handlers; `jobs` returns what `job_outputs` show, after a check was started."""
        self._jobs = jobs
        self.check.click(guarded(self._check), [self.name, self.model, self.fresh], job_outputs, **WORK)
        if self._sets_up:
            self.freeze.click(
                guarded(self._freeze),
                [self.new_name, self.prompt_set, self.checks],
                [self.new_name, self.checks, *self.outputs],
                **WORK,
            )
        self.table.click(guarded(self._act), [self.opened], [self.opened, self.table], **QUICK)

    def show(self, opened: str | None = None, chosen: str | None = None) -> tuple[Any, ...]:
        """Return the golden sets and what can be chosen, for the components of `outputs`."""
        names = [golden.name for golden in self._bench.golden_sets()]
        models = [spec.name for spec in self._bench.list_models()]
        sets = list(self._bench.prompt_sets())
        return (
            gr.update(choices=as_choices(names), **({"value": chosen} if chosen else _first(names))),
            gr.update(choices=as_choices(models), **_first(models)),
            *([gr.update(choices=as_choices(sets), **_first(sets))] if self._sets_up else []),
            self._table(opened),
        )

    def _table(self, opened: str | None) -> str:
        sets = [
            (golden, view.latest(golden, self._bench.golden_results(golden.name)))
            for golden in self._bench.golden_sets()
        ]
        shown = view.table(sets, opened, changeable=self._sets_up)
        if opened is None:
            return shown
        result = next(
            (one.last for _, found in sets for one in found if str(one.last.result_id) == opened), None
        )
        if result is None:
            return shown
        return view.join(shown, view.rows(self._bench.golden_rows(UUID(opened)), result.model, result.golden))

    def _check(
        self, name: str | None, model: str | None, fresh: bool, request: gr.Request
    ) -> tuple[Any, ...]:
        if not name:
            raise InvalidInput("There is no golden set yet: freeze one below first.")
        if not model:
            raise InvalidInput("Choose the model to check.")
        self._bench.start_job(GoldenJob(golden=name, model=model, fresh=fresh), by=asked_by(request))
        return tuple(self._jobs())

    def _freeze(self, name: str | None, prompt_set: str | None, checks: str | None) -> tuple[Any, ...]:
        asked = [line.strip() for line in (checks or "").splitlines() if line.strip()]
        made = self._bench.add_golden(written(name), prompt_set=prompt_set, checks=asked)
        gr.Success(
            f"Frozen with {len(made.prompts)} prompts. Check a model on it, then accept the result.",
            duration=5,
        )
        return "", "", *self.show(chosen=made.name)

    def _act(self, opened: str | None, event: gr.EventData) -> tuple[Any, ...]:
        action, name = pressed(event)
        if action == "rows":
            opened = None if name == opened else name
        elif action == "close":
            opened = None
        elif action in ("accept", "remove") and not self._sets_up:
            raise NotAllowed(f"To {action} this takes the role admin: ask one.")
        elif action == "accept":
            golden, _, model = name.partition("\n")
            self._bench.accept_golden(golden, model)
        elif action == "remove":
            self._bench.remove_golden(name)
            opened = None
        else:
            raise InvalidInput(f"There is no action {action!r} on a golden set.")
        return opened, self._table(opened)


def _first(names: list[str]) -> dict[str, str]:
    return {"value": names[0]} if len(names) == 1 else {}
