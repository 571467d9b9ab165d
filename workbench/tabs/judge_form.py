"""The form that adds a judge: one kind at a time, with the fields that this kind takes."""

import json
from collections.abc import Mapping
from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from arena.judgments import JudgeKind, JudgeSpec
from judges.spec import option_names
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.events import QUICK, written
from workbench.tabs.fields import number_box, number_in, whole_in
from workbench.tabs.filters import as_choices

KINDS = [
    ("Compares two", JudgeKind.PAIRWISE.value),
    ("Scores one", JudgeKind.SINGLE.value),
    ("Jury", JudgeKind.JURY.value),
    ("Reward model", JudgeKind.REWARD.value),
    ("Metric", JudgeKind.METRIC.value),
    ("Rule", JudgeKind.RULE.value),
]
_ASKING = (JudgeKind.PAIRWISE, JudgeKind.SINGLE)
_DEFAULTS: Mapping[str, Any] = {
    "orders": "both",
    "structured": True,
    "decide": "majority",
    "ignore_case": False,
}
"""What a field holds before anybody touched it; such an option is not stored."""
_NUMBERS = ("price_in", "price_out", "temperature", "tie_width")
_WHOLE = ("max_tokens", "attempts", "min_jurors", "min_words", "max_words")
_TIES = (JudgeKind.SINGLE, JudgeKind.REWARD, JudgeKind.METRIC)


class JudgeForm:
    """Components of the form; `spec` reads what stands in them."""

    def __init__(self) -> None:
        self.kind = gr.Radio(
            KINDS,
            value="pairwise",
            label="Kind",
            elem_classes="segments",
            interactive=True,
            elem_id="judge-kind",
        )
        self.name = gr.Textbox(
            label="Name",
            max_lines=1,
            placeholder="how its votes are signed",
            interactive=True,
            elem_id="judge-name",
        )
        with gr.Column(elem_classes="fields") as self.asking:
            self._asking()
        with gr.Column(elem_classes="fields", visible=False) as self.jury:
            self.members = gr.Dropdown([], multiselect=True, label="Members", interactive=True)
            self.decide = gr.Radio(
                [("Majority", "majority"), ("Mean", "mean")],
                value="majority",
                label="Decides by",
                elem_classes="segments",
                interactive=True,
            )
            self.min_jurors = number_box("Members with a verdict, at least", "more than half")
        with gr.Column(elem_classes="fields", visible=False) as self.reward:
            self.path = gr.Textbox(label="Folder of the model", max_lines=1, interactive=True)
            self.adapter = gr.Textbox(
                label="Folder of a LoRA adapter", max_lines=1, placeholder="none", interactive=True
            )
        with gr.Column(elem_classes="fields", visible=False) as self.by_metric:
            self.metric = gr.Dropdown([], label="Metric", interactive=True, filterable=False)
        with gr.Column(elem_classes="fields", visible=False) as self.ties:
            self.tie_width = number_box("A tie when scores differ by at most", "0")
        with gr.Column(elem_classes="fields", visible=False) as self.rule:
            self._rule()
        self._groups = (self.asking, self.jury, self.reward, self.by_metric, self.ties, self.rule)
        self.add = gr.Button("Add judge", elem_id="judge-add")
        self.inputs: dict[str, Any] = {
            "model": self.model,
            "template": self.template,
            "orders": self.orders,
            "price_in": self.price_in,
            "price_out": self.price_out,
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "attempts": self.attempts,
            "structured": self.structured,
            "members": self.members,
            "decide": self.decide,
            "min_jurors": self.min_jurors,
            "path": self.path,
            "adapter": self.adapter,
            "metric": self.metric,
            "tie_width": self.tie_width,
            "pattern": self.pattern,
            "forbidden": self.forbidden,
            "ignore_case": self.ignore_case,
            "json_schema": self.json_schema,
            "min_words": self.min_words,
            "max_words": self.max_words,
        }

    def wire(self, bench: Workbench) -> None:
        """Let the kind choose the fields and the templates."""
        self._bench = bench
        self.kind.input(
            guarded(self._fields), [self.kind], [*self._groups, self.orders, self.template], **QUICK
        )

    @property
    def lists(self) -> list[Any]:
        """The components that `choices` fills."""
        return [self.model, self.template, self.members, self.metric]

    def choices(self, kind: str) -> tuple[Any, ...]:
        """Return what can be chosen now, for the components of `lists`."""
        models = [spec.name for spec in self._bench.list_models() if spec.live]
        judges = [spec.name for spec in self._bench.list_judges() if spec.kind is not JudgeKind.JURY]
        metrics = [(info.title, info.name) for info in self._bench.metrics()]
        hint = None if models else "Add an endpoint or a local model under Models first."
        return (
            gr.update(choices=as_choices(models), info=hint),
            self._templates(kind),
            gr.update(choices=as_choices(judges)),
            gr.update(choices=metrics),
        )

    def _templates(self, kind: str) -> Any:
        wanted = "single" if kind == JudgeKind.SINGLE.value else "pairwise"
        found = [t for t in self._bench.templates() if t.kind == wanted]
        return gr.update(choices=[(t.title, t.name) for t in found], value=wanted)

    def spec(self, kind: str, name: str | None, *values: Any) -> JudgeSpec:
        """Return the judge that stands in the form; fields left alone give no option.

        Raises:
            InvalidInput: the JSON schema is not JSON, or a number is none.
        """
        known = set(option_names(JudgeKind(kind)))
        given = {
            key: self._read(key, value)
            for key, value in zip(self.inputs, values, strict=True)
            if key in known
        }
        options = {
            key: value
            for key, value in given.items()
            if value not in (None, "", []) and value != _DEFAULTS.get(key)
        }
        if "json_schema" in options:
            options["json_schema"] = _json(options["json_schema"])
        return JudgeSpec(written(name), JudgeKind(kind), options)

    def _read(self, key: str, value: Any) -> Any:
        if key in _WHOLE:
            return whole_in(self.inputs[key], value)
        if key in _NUMBERS:
            return number_in(self.inputs[key], value)
        return written(value) if isinstance(value, str) else value

    def _asking(self) -> None:
        self.model = gr.Dropdown([], label="Model that judges", interactive=True)
        self.template = gr.Dropdown([], label="Template", interactive=True, filterable=False)
        self.orders = gr.Radio(
            [("Both orders", "both"), ("As shown", "one")],
            value="both",
            label="Asked",
            elem_classes="segments",
            interactive=True,
        )
        with gr.Row(elem_classes="pair-fields"):
            self.price_in = number_box("Price of 1 M tokens in", "unknown", min_width=0)
            self.price_out = number_box("out", "unknown", min_width=0)
        with gr.Accordion("Advanced", open=False):
            self.temperature = number_box("Temperature", "0")
            self.max_tokens = number_box("Tokens of a reply, at most", "1,024")
            self.attempts = number_box("Tries a call", "5")
            self.structured = gr.Checkbox(
                True, label="Ask for JSON where the server can", container=False, interactive=True
            )

    def _rule(self) -> None:
        self.pattern = gr.Textbox(label="Pattern that must occur", max_lines=1, interactive=True)
        self.forbidden = gr.Textbox(label="Pattern that must not", max_lines=1, interactive=True)
        self.ignore_case = gr.Checkbox(False, label="Patterns ignore case", container=False, interactive=True)
        self.json_schema = gr.Textbox(
            label="JSON schema that the answer fits", lines=2, max_lines=8, interactive=True
        )
        with gr.Row(elem_classes="pair-fields"):
            self.min_words = number_box("Words, at least", "any", min_width=0)
            self.max_words = number_box("at most", "any", min_width=0)

    def _fields(self, kind: str) -> tuple[Any, ...]:
        shown = (
            kind in {k.value for k in _ASKING},
            kind == JudgeKind.JURY.value,
            kind == JudgeKind.REWARD.value,
            kind == JudgeKind.METRIC.value,
            kind in {k.value for k in _TIES},
            kind == JudgeKind.RULE.value,
        )
        groups = [gr.update(visible=visible) for visible in shown]
        return (*groups, gr.update(visible=kind == JudgeKind.PAIRWISE.value), self._templates(kind))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"The JSON schema is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from error
