"""How many more votes: until the board is as sure as wanted, and until two models are told apart.

It is filled after the board, so that the board never waits for it. Which pairs come next is for analysts and the
command line: people who vote must not know.
"""

from itertools import pairwise
from typing import Any

import gradio as gr

from arena.errors import WorkbenchError
from arena.pairing.plan import PairingPlan
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.chosen import Chosen, of_chosen
from workbench.tabs.events import DISPLAY, FILTER
from workbench.tabs.fields import number_box, number_in
from workbench.tabs.filters import as_choices
from workbench.views import plan as view

POWERS = [("80\u202f%", "0.8"), ("90\u202f%", "0.9"), ("95\u202f%", "0.95")]


class PlanCard:
    """Components and handlers of the card."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Column(elem_id="plan", elem_classes="card", visible=False) as self.card:
            with gr.Row(elem_id="plan-bar", elem_classes="list-bar"):
                gr.HTML(view.title(), elem_classes="position", **DISPLAY)
                self.target = number_box(
                    "Wanted interval, ± points",
                    f"{bench.settings.arena.target_width:g}",
                    elem_id="plan-target",
                )
            self.summary = gr.HTML(elem_id="plan-summary", **DISPLAY)
            with gr.Row(elem_id="plan-two", elem_classes="fields"):
                self.first = _models("Tell", "plan-first")
                self.second = _models("from", "plan-second")
                self.power = gr.Radio(
                    POWERS,
                    value="0.8",
                    label="with a chance of",
                    elem_classes="segments",
                    interactive=True,
                    elem_id="plan-power",
                )
                self.difference = number_box(
                    "if they are so many points apart", "as they look now", elem_id="plan-difference"
                )
            self.told = gr.HTML(elem_id="plan-told", **DISPLAY)
        self.inputs: list[Any] = [self.target, self.first, self.second, self.power, self.difference]
        self.outputs: list[Any] = [self.card, self.summary, self.first, self.second, self.told]

    def wire(self, inputs: list[Any]) -> None:
        """Reckon anew when another target or other models are given; `inputs` are those of `show`."""
        gr.on(
            [self.target.submit, self.target.blur],
            guarded(of_chosen(self._aim)),
            inputs,
            [self.summary],
            **FILTER,
        )
        gr.on(
            [
                self.first.input,
                self.second.input,
                self.power.input,
                self.difference.submit,
                self.difference.blur,
            ],
            guarded(of_chosen(self._tell)),
            inputs,
            [self.told],
            **FILTER,
        )

    def show(
        self,
        chosen: Chosen,
        target: str | None,
        first: str | None,
        second: str | None,
        power: str | None,
        difference: str | None,
    ) -> tuple[Any, ...]:
        """Return the card for a choice of votes; the models chosen before stay while they are there.

        Only models with votes are named: a name that no vote has met hints at who answers next. Until somebody
        chooses, the two are the nearest neighbours that the votes do not tell apart yet.
        """
        if len(self._bench.store.models.list()) < 2:
            return gr.update(visible=False), "", gr.update(), gr.update(), ""
        try:
            plan = self._plan(chosen, None)
        except WorkbenchError as error:
            return gr.update(visible=True), view.refused(str(error)), gr.update(), gr.update(), ""
        names = sorted(model.name for model in plan.models if model.votes)
        if len(names) < 2:
            return gr.update(visible=False), "", gr.update(), gr.update(), ""
        if first not in names or second not in names or first == second:
            first, second = self._nearest(chosen, names)
        return (
            gr.update(visible=plan.votes > 0),
            self._aim(chosen, target),
            gr.update(choices=as_choices(names), value=first),
            gr.update(choices=as_choices(names), value=second),
            self._tell(chosen, target, first, second, power, difference),
        )

    def _aim(self, chosen: Chosen, target: str | None, *rest: Any) -> str:
        try:
            return view.summary(self._plan(chosen, number_in(self.target, target)))
        except WorkbenchError as error:
            return view.refused(str(error))

    def _tell(
        self,
        chosen: Chosen,
        target: str | None,
        first: str | None,
        second: str | None,
        power: str | None,
        difference: str | None,
    ) -> str:
        if not first or not second:
            return ""
        try:
            found = self._bench.votes_needed(
                first,
                second,
                power=float(power or 0.8),
                difference=number_in(self.difference, difference),
                votes=chosen.votes,
                options=chosen.options,
            )
        except WorkbenchError as error:
            return view.refused(str(error))
        return view.told(found)

    def _nearest(self, chosen: Chosen, names: list[str]) -> tuple[str, str]:
        """Return the neighbours by rating of which the lower could best be the upper, or the first two by name."""
        board = self._bench.leaderboard(chosen.votes, chosen.options)
        rated = [row for row in board.rows if row.rating is not None and row.name in names]
        unclear = [
            (upper, lower)
            for upper, lower in pairwise(rated)
            if None not in (upper.lower, lower.upper) and (lower.upper or 0.0) > (upper.lower or 0.0)
        ]
        if unclear:
            return unclear[0][0].name, unclear[0][1].name
        return (rated[0].name, rated[1].name) if len(rated) > 1 else (names[0], names[1])

    def _plan(self, chosen: Chosen, target: float | None) -> PairingPlan:
        return self._bench.figures.pairing_plan(chosen.votes, chosen.options, target)


def _models(label: str, elem_id: str) -> gr.Dropdown:
    return gr.Dropdown([], value=None, label=label, interactive=True, elem_id=elem_id, min_width=200)
