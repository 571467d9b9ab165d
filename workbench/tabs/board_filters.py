"""The leaderboard's controls: who voted, how to rate, and behind "More" everything that few people need.

Their values come in the order of the fields of `Chosen`. A control that the chosen method has no use for is hidden.
"""

from typing import Any

import gradio as gr

from arena.ratings.rate import COUNTED
from arena.types import VoterKind
from workbench.bench import Workbench
from workbench.criteria import main_criterion
from workbench.tabs.chosen import ALL_LANGUAGES, CENTRED, MOST_HELP
from workbench.tabs.events import DISPLAY, QUICK
from workbench.tabs.filters import ALL_CATEGORIES, as_choices, first_choice, kind_choices
from workbench.views import leaderboard as view

METHODS = [
    ("Bradley\u2013Terry", "bt"),
    ("Elo", "elo"),
    ("Rao\u2013Kupper", "rao_kupper"),
    ("Davidson", "davidson"),
]
HELPED = ("With a judge\u2019s help", "ppi")
"""Offered where judges have voted."""
CLUSTERS = [("Vote", "none"), ("Prompt", "prompt"), ("Voter", "voter")]
STRATA = [("Its pair", "pair"), ("Its pair and category", "category"), ("All it judged", "all")]
WEIGHTS = [("All alike", "equal"), ("By reliability", "reliability")]
PRIORS = [("No", 0.0), ("1 tie", 1.0), ("3 ties", 3.0)]


class BoardFilters:
    """Components that choose; `inputs` in the order of `Chosen`, `outputs` in that of what `filled` returns."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Row(elem_id="board-filters", elem_classes="filters"):
            self.voters = gr.CheckboxGroup([], label="Voters", elem_classes="chips", interactive=True)
            self.method = _segments(METHODS, "Method")
            self.category = _dropdown(ALL_CATEGORIES, "Category")
            self.link = gr.HTML(elem_id="board-csv", **DISPLAY)
        with gr.Accordion("More choices", open=False, elem_id="board-more"):
            with gr.Row(elem_classes="filters"):
                self.language = _dropdown(ALL_LANGUAGES, "Language")
                self.criterion = _dropdown(None, "Criterion")
                self.as_of = gr.Textbox(
                    "",
                    label="As of (day, UTC)",
                    placeholder="now, or 2026-01-31",
                    max_lines=1,
                    interactive=True,
                    min_width=150,
                )
                self.per_prompt = gr.Checkbox(
                    False, label="One vote a prompt", interactive=True, elem_classes="tick"
                )
                self.self_named = gr.Checkbox(
                    False,
                    label="No answers that name their model",
                    interactive=True,
                    elem_classes="tick",
                )
            with gr.Row(elem_classes="filters"):
                self.cluster = _segments(CLUSTERS, "Intervals take as one")
                self.weighting = _segments(WEIGHTS, "Voters weigh")
                self.prior = _segments(PRIORS, "Prior for each model")
                self.k = gr.Textbox(
                    "4", label="K, points a vote", max_lines=1, interactive=True, visible=False, min_width=110
                )
                self.judge = _dropdown(MOST_HELP, "The judge that helps", visible=False)
                self.strata = _segments(STRATA, "Compare a battle with", visible=False)
                self.anchor = _dropdown(CENTRED, "At 1000 stands", searched=True)
                self.style = gr.Checkbox(False, label="At equal style", interactive=True, elem_classes="tick")
            gr.HTML(view.explained(), **DISPLAY)
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
            self.weighting,
            self.prior,
            self.k,
            self.judge,
            self.strata,
        ]
        self.outputs: list[Any] = [
            self.voters,
            self.method,
            self.category,
            self.language,
            self.criterion,
            self.anchor,
            self.judge,
            self.as_of,
        ]
        texts = (self.as_of, self.k)
        self.changed = [event for part in self.inputs if part not in texts for event in (part.input,)]
        self.changed += [event for part in texts for event in (part.submit, part.blur)]
        used = [self.cluster, self.weighting, self.prior, self.style, self.k, self.judge, self.strata]
        self.method.input(_useful, [self.method], used, **QUICK)

    def filled(self, *values: Any) -> tuple[tuple[Any, ...], list[Any]]:
        """Return the controls with what there is to choose now, and the values that stand then.

        `values` are those of `inputs`; what was chosen stays while it is there.
        """
        now = dict(zip(self.inputs, values, strict=True))
        counts = self._bench.voter_kinds()
        methods = [*METHODS, HELPED] if counts.get(VoterKind.JUDGE) else METHODS
        now[self.voters] = now[self.voters] or first_choice(counts)
        now[self.method] = now[self.method] if now[self.method] in dict(methods).values() else "bt"
        offered = {
            self.category: [ALL_CATEGORIES, *self._bench.categories()],
            self.language: [ALL_LANGUAGES, *self._bench.languages()],
            self.criterion: [main_criterion(self._bench.settings), *self._bench.settings.criteria],
            self.anchor: [CENTRED, *self._bench.voted_models()],
        }
        updates: dict[Any, Any] = {self.as_of: gr.skip()}
        for control, names in offered.items():
            choices = list(dict.fromkeys(names))
            now[control] = now[control] if now[control] in choices else choices[0]
            updates[control] = gr.update(
                choices=as_choices(choices), value=now[control], visible=len(choices) > 1
            )
        judges = self._judges(now[self.criterion])
        now[self.judge] = now[self.judge] if now[self.judge] in judges else MOST_HELP
        updates[self.judge] = gr.update(choices=as_choices([MOST_HELP, *judges]), value=now[self.judge])
        updates[self.voters] = gr.update(choices=kind_choices(counts), value=now[self.voters])
        updates[self.method] = gr.update(choices=methods, value=now[self.method])
        return tuple(updates[control] for control in self.outputs), list(now.values())

    def _judges(self, criterion: str) -> list[str]:
        found = self._bench.figures.agreements(criterion)
        return [one.judge.name for one in found if one.judge.kind is VoterKind.JUDGE]


def _useful(method: str) -> tuple[Any, ...]:
    """Show the controls that a method has a use for: cluster, weighting, prior, style, K, judge, strata."""
    counted, helped = gr.update(visible=method in COUNTED), gr.update(visible=method == "ppi")
    equal, step = gr.update(visible=method == "bt"), gr.update(visible=method == "elo")
    return counted, counted, counted, equal, step, helped, helped


def _segments(choices: list[tuple[str, Any]], label: str, *, visible: bool = True) -> gr.Radio:
    return gr.Radio(
        choices,
        value=choices[0][1],
        label=label,
        elem_classes="segments",
        interactive=True,
        min_width=60,
        visible=visible,
    )


def _dropdown(first: str | None, label: str, *, searched: bool = False, visible: bool = True) -> gr.Dropdown:
    return gr.Dropdown(
        as_choices([first] if first else []),
        value=first,
        label=label,
        interactive=True,
        filterable=searched,
        min_width=180,
        visible=visible,
    )
