"""The form that scores answers: which metrics with which options, and which answers.

What a metric takes stands in the registry of metrics, so its options become fields here without being named twice.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from arena.judgments import AnswerCoverage, AnswerFilter
from judges.metrics.base import MetricInfo
from workbench.bench import Workbench
from workbench.tabs.battle_form import ALL_SETS
from workbench.tabs.events import DISPLAY, QUICK, written
from workbench.tabs.filters import as_choices

FIRST = ("rouge", "chrf")
_NEEDED = ("model", "adapter")
"""Options that stand in the open, since the metric is nothing without them."""


class MetricForm:
    """Components of the form, and what they stand for."""

    def __init__(self, bench: Workbench) -> None:
        self._infos = bench.metrics()
        known = bench.settings.metrics
        gr.HTML("<h2>Score answers</h2>", **DISPLAY)
        self.metrics = gr.CheckboxGroup(
            [(info.title, info.name) for info in self._infos],
            value=list(FIRST),
            label="Metrics",
            elem_classes="chips",
            interactive=True,
            elem_id="metric-names",
        )
        self.fields: dict[tuple[str, str], gr.Textbox] = {}
        self._groups: list[tuple[str, gr.Column]] = []
        for info in self._infos:
            if info.needs_model:
                self._group(info, [name for name in info.options if name in _NEEDED], known)
        self.models = gr.Dropdown(
            [],
            multiselect=True,
            label="Answers of these models (none: all)",
            interactive=True,
            elem_id="metric-models",
        )
        self.prompt_set = gr.Dropdown(
            [ALL_SETS], value=ALL_SETS, label="Prompt set", interactive=True, filterable=False
        )
        self.shared = gr.Checkbox(
            False,
            label="Compare on shared prompts only",
            container=False,
            interactive=True,
            elem_id="metric-shared",
        )
        with gr.Accordion("Options", open=False, elem_id="metric-options"):
            for info in self._infos:
                rest = [name for name in info.options if not (info.needs_model and name in _NEEDED)]
                self._group(info, rest, known)
        self.coverage = gr.HTML(elem_id="coverage", **DISPLAY)
        self.start = gr.Button("Score", variant="primary", elem_id="score-start")
        self.metrics.input(self._visible, [self.metrics], [group for _, group in self._groups], **QUICK)

    def _group(self, info: MetricInfo, names: Sequence[str], known: Mapping[str, Mapping[str, Any]]) -> None:
        with gr.Column(elem_classes="fields", visible=info.name in FIRST) as group:
            for name in names:
                default = known.get(info.name, {}).get(name)
                self.fields[info.name, name] = gr.Textbox(
                    label=f"{info.title}: {name.replace('_', ' ')}",
                    info=info.options[name].replace("`", ""),
                    placeholder=str(default) if default is not None else None,
                    max_lines=1,
                    interactive=True,
                )
        self._groups.append((info.name, group))

    def _visible(self, chosen: list[str]) -> tuple[Any, ...]:
        return tuple(gr.update(visible=name in chosen) for name, _ in self._groups)

    @property
    def lists(self) -> list[Any]:
        """The components that `choices` fills."""
        return [self.models, self.prompt_set]

    def choices(self, bench: Workbench) -> tuple[Any, ...]:
        """Return what can be chosen now, for the components of `lists`."""
        sets = [ALL_SETS, *bench.prompt_sets()]
        models = [spec.name for spec in bench.list_models()]
        return gr.update(choices=as_choices(models)), gr.update(
            choices=as_choices(sets), visible=len(sets) > 2
        )

    def options(self, metrics: Sequence[str], values: Sequence[str | None]) -> dict[str, dict[str, Any]]:
        """Return the options that were written for the chosen metrics; a field left empty gives none."""
        found: dict[str, dict[str, Any]] = {}
        for (metric, name), value in zip(self.fields, values, strict=True):
            if metric in metrics and written(value):
                found.setdefault(metric, {})[name] = _value(written(value))
        return found


def answer_filter(models: list[str] | None, prompt_set: str | None) -> AnswerFilter:
    """Return the filter that the controls stand for; nothing chosen means all."""
    return AnswerFilter(
        models=tuple(models) if models else None,
        prompt_sets=(prompt_set,) if prompt_set and prompt_set != ALL_SETS else None,
    )


def totals(coverage: Sequence[AnswerCoverage]) -> tuple[int, int]:
    """Return how many answers there are, and how many of them have a reference."""
    return sum(one.answers for one in coverage), sum(one.with_reference for one in coverage)


def _value(text: str) -> Any:
    """Return the value as JSON where it is JSON (a number, true) and as text where not."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
