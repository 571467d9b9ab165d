"""Ratings over time on the leaderboard: which two models stand out, and whether time or votes run along the axis.

It is filled after the board, so that the board never waits for it.
"""

from typing import Any

import gradio as gr

from arena.history import METHODS, RatingHistory
from arena.ratings.options import RatingOptions
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.chosen import Chosen, of_chosen
from workbench.tabs.events import DISPLAY, FILTER
from workbench.tabs.filters import as_choices
from workbench.timeline import SIDES, spread_over_time, timeline
from workbench.views import leaderboard as view

ALONG = [("By date", "date"), ("By votes", "votes")]


class HistoryCard:
    """Components and handlers of the card."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Column(elem_id="history", elem_classes="card", visible=False) as self.card:
            with gr.Row(elem_id="history-bar", elem_classes="list-bar"):
                self.title = gr.HTML(view.history_title(), elem_classes="position", **DISPLAY)
                self.models = gr.Dropdown(
                    [],
                    value=[],
                    multiselect=True,
                    max_choices=len(SIDES),
                    label="Models in colour",
                    show_label=False,
                    interactive=True,
                    elem_id="history-models",
                    min_width=260,
                )
                self.along = gr.Radio(
                    ALONG,
                    value=None,
                    label="Along",
                    show_label=False,
                    elem_classes="segments",
                    interactive=True,
                    elem_id="history-along",
                )
            self.picture = gr.HTML(elem_id="history-picture", **DISPLAY)
        self.inputs: list[Any] = [self.models, self.along]
        self.outputs: list[Any] = [self.card, self.models, self.along, self.picture, self.title]

    def wire(self, inputs: list[Any]) -> None:
        """Redraw when other models or the other axis are chosen; `inputs` are those of `show`."""
        gr.on(
            [self.models.input, self.along.input],
            guarded(of_chosen(self._redraw)),
            inputs,
            [self.picture],
            **FILTER,
        )

    def show(self, chosen: Chosen, models: list[str] | None, along: str | None) -> tuple[Any, ...]:
        """Return the card for a choice of votes; the models chosen before stay while they have votes.

        Until somebody chooses, the axis is the one on which the votes are spread better.
        """
        history = self._history(chosen)
        names = [course.name for course in history.courses]
        models = [name for name in models or [] if name in names] or names[: len(SIDES)]
        timed = bool(history.moments) and history.moments[0].at < history.moments[-1].at
        along = along or ("date" if spread_over_time(history) else "votes")
        return (
            gr.update(visible=len(history.moments) > 1),
            gr.update(choices=as_choices(names), value=models),
            gr.update(value=along, visible=timed),
            timeline(history, models, by_date=along == "date") if len(history.moments) > 1 else "",
            view.history_title(plain=not _has_history(chosen)),
        )

    def _redraw(self, chosen: Chosen, models: list[str] | None, along: str | None) -> str:
        history = self._history(chosen)
        if len(history.moments) < 2:
            return ""
        return timeline(history, models or [], by_date=along == "date")

    def _history(self, chosen: Chosen) -> RatingHistory:
        return self._bench.figures.rating_history(chosen.votes, _options(chosen))


def _options(chosen: Chosen) -> RatingOptions:
    """Return how the board rates, by Bradley-Terry where its own method has no history."""
    return chosen.options if _has_history(chosen) else RatingOptions(anchor=chosen.anchor)


def _has_history(chosen: Chosen) -> bool:
    """Whether the board's own way of rating can be followed over time."""
    return chosen.method in METHODS and chosen.weighting == "equal"
