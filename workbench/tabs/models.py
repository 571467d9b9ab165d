"""The models tab: who competes, whether they answer, and adding one."""

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from arena.errors import InvalidInput, WorkbenchError
from arena.types import ModelKind, ModelSpec
from workbench.bench import Workbench
from workbench.notices import guarded, refusal
from workbench.tabs.events import BUTTONS, DISPLAY, QUICK, STREAM, WORK, pressed, written
from workbench.tabs.fields import number_box, number_in, whole_in
from workbench.tabs.filters import as_choices
from workbench.views import models as view

NO_PARENT = "None"
Checks = dict[str, tuple[bool | None, str]]


class ModelsTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.checks = gr.State({})
        with gr.Row(elem_id="models", elem_classes="split"):
            with (
                gr.Column(elem_classes="side-form", min_width=0),
                gr.Column(elem_classes="card", elem_id="model-form"),
            ):
                self._form()
            with gr.Column(elem_classes="result", min_width=0):
                self.table = gr.HTML(elem_id="model-table", elem_classes="card", **BUTTONS)
        self.kind.input(self._fields, [self.kind], [self.endpoint, self.local], **QUICK)
        self.add.click(guarded(self._add), self._inputs, [self.table, self.name, self.parent], **WORK)
        self.table.click(self._act, [self.checks], [self.checks, self.table], **STREAM)

    def _form(self) -> None:
        gr.HTML("<h2>Add a model</h2>", **DISPLAY)
        self.kind = gr.Radio(
            [("Endpoint", "endpoint"), ("Local weights", "local")],
            value="endpoint",
            label="Kind",
            elem_classes="segments",
            interactive=True,
        )
        self.name = gr.Textbox(
            label="Name", max_lines=1, placeholder="how it is called on the leaderboard", interactive=True
        )
        with gr.Column(elem_classes="fields") as self.endpoint:
            self.url = gr.Textbox(
                label="Base URL", max_lines=1, placeholder="http://127.0.0.1:8000/v1", interactive=True
            )
            self.remote = gr.Textbox(label="Model at that server", max_lines=1, interactive=True)
            self.key = gr.Textbox(
                label="Variable that holds the key",
                max_lines=1,
                placeholder="OPENAI_API_KEY",
                interactive=True,
                info="The name of an environment variable, never the key itself. Empty: no key.",
            )
        with gr.Column(elem_classes="fields", visible=False) as self.local:
            self.path = gr.Textbox(label="Folder of the weights", max_lines=1, interactive=True)
            self.adapter = gr.Textbox(
                label="Folder of a LoRA adapter", max_lines=1, placeholder="none", interactive=True
            )
            self.four_bit = gr.Checkbox(False, label="Load in 4 bits", container=False, interactive=True)
        with gr.Accordion("Advanced", open=False):
            self.system = gr.Textbox(label="System message", lines=2, max_lines=6, interactive=True)
            self.temperature = number_box("Temperature", "the arena\u2019s")
            self.max_tokens = number_box("Tokens, at most", "the arena\u2019s")
            self.parent = gr.Dropdown(
                as_choices([NO_PARENT]), value=NO_PARENT, label="Tuned from", interactive=True
            )
        self.add = gr.Button("Add model", variant="primary", elem_id="model-add")
        self._inputs = [
            self.kind,
            self.name,
            self.url,
            self.remote,
            self.key,
            self.path,
            self.adapter,
            self.four_bit,
            self.system,
            self.temperature,
            self.max_tokens,
            self.parent,
        ]

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""
        tab.select(guarded(self._open), [self.checks], [self.table, self.parent], **QUICK)

    def _open(self, checks: Checks) -> tuple[str, Any]:
        names = [spec.name for spec in self._bench.list_models()]
        return self._table(checks), gr.update(choices=as_choices([NO_PARENT, *names]))

    def _table(self, checks: Checks) -> str:
        return view.table(self._bench.list_models(), self._bench.figures.board(), checks)

    def _fields(self, kind: str) -> tuple[Any, Any]:
        return gr.update(visible=kind == "endpoint"), gr.update(visible=kind == "local")

    def _add(self, kind: str, name: str | None, *values: Any) -> tuple[str, Any, Any]:
        url, remote, key, path, adapter, four_bit, system, temperature, max_tokens, parent = values
        if kind == "endpoint":
            options: dict[str, Any] = {
                "base_url": written(url),
                "model": written(remote),
                "api_key_env": written(key),
            }
        else:
            options = {"path": written(path), "adapter": written(adapter), "four_bit": four_bit}
        options |= {
            "system": written(system),
            "temperature": number_in(self.temperature, temperature),
            "max_tokens": whole_in(self.max_tokens, max_tokens),
        }
        given = {option: value for option, value in options.items() if value not in ("", None)}
        spec = ModelSpec(written(name), ModelKind(kind), given, None if parent == NO_PARENT else parent)
        self._bench.add_model(spec)
        gr.Success("Added. It takes part in battles from now on; check that it answers.", duration=5)
        table, parents = self._open({})
        return table, "", parents

    async def _act(self, checks: Checks, event: gr.EventData) -> AsyncIterator[tuple[Any, str]]:
        action, name = pressed(event)
        if action == "check":
            yield checks, self._table({**checks, name: (None, "Checking \u2026")})
            checks = {**checks, name: await self._check(name)}
        elif action == "remove":
            try:
                self._bench.remove_model(name)
            except WorkbenchError as error:
                raise refusal(error) from error
        else:
            raise refusal(InvalidInput(f"There is no action {action!r} on a model."))
        yield checks, self._table(checks)

    async def _check(self, name: str) -> tuple[bool, str]:
        try:
            return True, await self._bench.check_model(name)
        except WorkbenchError as error:
            return False, str(error)
