"""The verdicts of one judge, page by page, and the transcript of the one that is opened."""

import uuid
from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from arena.store.verdicts import VerdictFilter
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.events import BUTTONS, DISPLAY, FILTER, QUICK, pressed
from workbench.views import verdicts as view

PAGE = 20
KINDS = [
    ("All", "all"),
    ("Failed", "failed"),
    ("Orders differ", "inconsistent"),
    ("Against people", "against"),
]


class Verdicts:
    """Components and handlers of the list."""

    def __init__(self, bench: Workbench, shown: gr.State, criterion: gr.Dropdown) -> None:
        self._bench = bench
        self._shown = shown
        self._criterion = criterion
        self.place = gr.State(0)
        self.opened = gr.State(None)
        with gr.Column(elem_id="verdict-card", elem_classes="card", visible=False) as self.card:
            with gr.Row(elem_id="verdict-bar", elem_classes="list-bar"):
                self.position = gr.HTML(elem_id="verdict-position", elem_classes="position", **DISPLAY)
                self.kind = gr.Radio(
                    KINDS,
                    value="all",
                    label="Verdicts",
                    show_label=False,
                    elem_classes="segments",
                    interactive=True,
                    elem_id="verdict-kind",
                )
                self.previous = gr.Button("Newer", elem_id="verdict-previous", size="sm")
                self.next = gr.Button("Older", elem_id="verdict-next", size="sm")
            self.list = gr.HTML(elem_id="verdict-list", **BUTTONS)
        self.transcript = gr.HTML(elem_id="transcript", elem_classes="card", **BUTTONS)

    @property
    def outputs(self) -> list[Any]:
        """The components that `show` fills."""
        return [
            self.place,
            self.opened,
            self.card,
            self.position,
            self.list,
            self.transcript,
            self.previous,
            self.next,
        ]

    def wire(self) -> None:
        """Attach the handlers."""
        inputs = [self._shown, self._criterion, self.kind, self.place, self.opened]
        self.kind.input(guarded(self._first), inputs[:3], self.outputs, **FILTER)
        for button, step in ((self.previous, -PAGE), (self.next, PAGE)):
            button.click(guarded(self._step(step)), inputs, self.outputs, **QUICK)
        for part in (self.list, self.transcript):
            part.click(guarded(self._act), inputs, self.outputs, **QUICK)

    def show(
        self, judge: str | None, criterion: str, kind: str = "all", place: int = 0, opened: str | None = None
    ) -> tuple[Any, ...]:
        """Return the list of a judge from a place on, for the components of `outputs`."""
        if judge is None:
            return 0, None, gr.update(visible=False), "", "", "", gr.update(), gr.update()
        which = _filter(judge, criterion, kind)
        found = self._bench.verdicts(which, offset=place, limit=PAGE)
        if place and not found.lines:
            place = max(0, (found.total - 1) // PAGE * PAGE)
            found = self._bench.verdicts(which, offset=place, limit=PAGE)
        there = kind != "all" or found.total > 0
        return (
            place,
            opened,
            gr.update(visible=there),
            view.position(place, len(found.lines), found.total),
            view.listing(found, opened),
            self._transcript(judge, criterion, opened),
            gr.update(interactive=place > 0),
            gr.update(interactive=place + len(found.lines) < found.total),
        )

    def _first(self, judge: str | None, criterion: str, kind: str) -> tuple[Any, ...]:
        return self.show(judge, criterion, kind)

    def _step(self, step: int) -> Any:
        def go(
            judge: str | None, criterion: str, kind: str, place: int, opened: str | None
        ) -> tuple[Any, ...]:
            return self.show(judge, criterion, kind, max(0, place + step), opened)

        return go

    def _act(
        self,
        judge: str | None,
        criterion: str,
        kind: str,
        place: int,
        opened: str | None,
        event: gr.EventData,
    ) -> tuple[Any, ...]:
        action, name = pressed(event)
        if action == "open":
            opened = name
        elif action == "close":
            opened = None
        return self.show(judge, criterion, kind, place, opened)

    def _transcript(self, judge: str, criterion: str, opened: str | None) -> str:
        if opened is None:
            return ""
        try:
            battle_id = uuid.UUID(opened)
        except ValueError:
            raise InvalidInput(f"{opened!r} is not the id of a battle.") from None
        return view.transcript(self._bench.transcript(battle_id, judge, criterion))


def _filter(judge: str, criterion: str, kind: str) -> VerdictFilter:
    return VerdictFilter(
        judge=judge,
        criterion=criterion,
        failed=True if kind == "failed" else None,
        inconsistent=True if kind == "inconsistent" else None,
        against_people=kind == "against",
    )
