"""The leaderboard's controls: who voted, how to rate, and behind "More" everything that few people need.

Their values come in the order of the fields of `Chosen`.
"""

from typing import Any

import gradio as gr

from workbench.bench import Workbench
from workbench.criteria import main_criterion
from workbench.tabs.chosen import ALL_LANGUAGES, CENTRED
from workbench.tabs.filters import ALL_CATEGORIES, as_choices, first_choice, kind_choices

METHODS = [("Bradley\u2013Terry", "bt"), ("Elo", "elo")]
CLUSTERS = [("Each vote", "none"), ("Prompt", "prompt"), ("Voter", "voter")]


class BoardFilters:
    """Components that choose; `inputs` in the order of `Chosen`, `outputs` in that of `filled`."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Row(elem_id="board-filters", elem_classes="filters"):
            self.voters = gr.CheckboxGroup([], label="Voters", elem_classes="chips", interactive=True)
            self.method = gr.Radio(
                METHODS, value="bt", label="Method", elem_classes="segments", interactive=True
            )
            self.category = _dropdown(ALL_CATEGORIES, "Category")
            self.link = gr.HTML(elem_id="board-csv", js_on_load=None, apply_default_css=False)
        with gr.Accordion("More", open=False, elem_id="board-more"), gr.Row(elem_classes="filters"):
            self.language = _dropdown(ALL_LANGUAGES, "Language")
            self.criterion = gr.Dropdown(
                [],
                value=None,
                label="Criterion",
                interactive=True,
                filterable=False,
                min_width=180,
            )
            self.as_of = gr.DateTime(
                None, include_time=False, type="string", label="As of", interactive=True, min_width=180
            )
            self.cluster = gr.Radio(
                CLUSTERS,
                value="none",
                label="Intervals by",
                elem_classes="segments",
                interactive=True,
            )
            self.anchor = _dropdown(CENTRED, "1000 points are")
            self.per_prompt = gr.Checkbox(False, label="One vote a prompt", interactive=True)
            self.self_named = gr.Checkbox(
                False, label="Without answers that name their model", interactive=True
            )
            self.style = gr.Checkbox(False, label="At equal style", interactive=True)
        self.inputs: list[Any] = [
            self.voters,
            self.method,
            self.category,
            self.language,
            self.criterion,
            self.as_of,
            self.per_prompt,
            self.self_named,
            self.cluster,
            self.style,
            self.anchor,
        ]
        self.outputs: list[Any] = [self.voters, self.category, self.language, self.criterion, self.anchor]
        self.changed = [self.as_of.change if part is self.as_of else part.input for part in self.inputs]

    def filled(self, *values: Any) -> tuple[tuple[Any, ...], list[Any]]:
        """Return the controls with what there is to choose now, and the values that stand then.

        `values` are those of `inputs`; what was chosen stays while it is there.
        """
        now = dict(zip(self.inputs, values, strict=True))
        counts, criteria = self._bench.voter_kinds(), self._bench.settings.criteria
        models = [spec.name for spec in self._bench.list_models()]
        now[self.voters] = now[self.voters] or first_choice(counts)
        now[self.criterion] = now[self.criterion] or main_criterion(self._bench.settings)
        offered = {
            self.category: [ALL_CATEGORIES, *self._bench.categories()],
            self.language: [ALL_LANGUAGES],
            self.anchor: [CENTRED, *models],
        }
        for control, choices in offered.items():
            now[control] = now[control] if now[control] in choices else choices[0]
        updates = {
            control: gr.update(choices=as_choices(choices), value=now[control], visible=len(choices) > 1)
            for control, choices in offered.items()
        }
        updates[self.voters] = gr.update(choices=kind_choices(counts), value=now[self.voters])
        updates[self.criterion] = gr.update(
            choices=as_choices(criteria), value=now[self.criterion], visible=len(criteria) > 1
        )
        return tuple(updates[control] for control in self.outputs), list(now.values())


def _dropdown(first: str, label: str) -> gr.Dropdown:
    return gr.Dropdown(
        as_choices([first]), value=first, label=label, interactive=True, filterable=False, min_width=180
    )
