"""People held against each other: how far they agree, how far each can be relied on, and what divides them.

It is filled after the rest of its tab, so that nothing waits for it. The votes that are shown are kept with the page,
so that every further press is about the same ones.
"""

from dataclasses import replace
from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from arena.types import VoteFilter, VoterKind
from workbench.bench import Workbench
from workbench.figures import CONTESTED_ROWS
from workbench.html import join
from workbench.notices import guarded
from workbench.tabs.events import BUTTONS, DISPLAY, FILTER, QUICK, WORK, pressed, written
from workbench.tabs.fields import number_box, whole_in
from workbench.tabs.jobs import late
from workbench.views import people as view

MORE = 2


class PeopleCard:
    """Components and handlers; `show` gives what stands in `outputs`."""

    def __init__(self, bench: Workbench) -> None:
        """Build them where they shall stand."""
        self._bench = bench
        self.votes = gr.State(VoteFilter())
        self.summary = gr.HTML(elem_id="people-agreement", elem_classes="card", **DISPLAY)
        self.reliability = gr.HTML(elem_id="people-reliability", elem_classes="card", **BUTTONS)
        self.pairs = gr.HTML(elem_id="people-pairs", elem_classes="card", **DISPLAY)
        with gr.Column(elem_id="people-contested", elem_classes="card", visible=False) as self.disputed:
            self.list = gr.HTML(elem_id="people-list", **BUTTONS)
            self._form()
        self.battle = gr.HTML(elem_id="people-battle", elem_classes="card", **BUTTONS)
        self.inputs: list[Any] = []
        self.outputs: list[Any] = [
            self.votes,
            self.summary,
            self.reliability,
            self.pairs,
            self.disputed,
            self.list,
            self.battle,
        ]
        self._wire()

    def _form(self) -> None:
        with gr.Accordion("Let others vote on them", open=False, elem_id="people-form"):
            gr.HTML(
                "<p class='muted'>A review queue of the battles above and those that follow them, for people who have "
                "not voted on them yet.</p>",
                **DISPLAY,
            )
            with gr.Row(elem_classes="fields"):
                self.name = gr.Textbox(label="Name of the queue", max_lines=1, interactive=True)
                self.limit = number_box("Battles, at most", "50")
                self.more = number_box("More votes a battle", str(MORE))
                self.opposed = gr.Checkbox(
                    label="Only where some chose A and some B", interactive=True, elem_id="people-opposed"
                )
            self.make = gr.Button("Make a review queue", variant="primary", elem_id="people-make")
        self.made = gr.HTML(elem_id="people-made", **DISPLAY)

    def _wire(self) -> None:
        gr.on(
            [self.list.click, self.battle.click],
            guarded(self._press),
            [self.votes, self.opposed],
            [self.list, self.battle],
            **QUICK,
        )
        self.reliability.click(guarded(self._all), [self.votes], [self.reliability], **QUICK)
        self.opposed.input(guarded(self._list), [self.votes, self.opposed], [self.list], **FILTER)
        self.make.click(
            guarded(self._make),
            [self.votes, self.name, self.limit, self.more, self.opposed],
            [self.name, self.made],
            **WORK,
        )

    def show(self, votes: VoteFilter) -> tuple[Any, ...]:
        """Return what stands in `outputs` for a choice of votes; no kind of voter chosen means all."""
        votes = replace(votes, voter_kinds=votes.voter_kinds or tuple(VoterKind))
        agreement = self._bench.figures.people_agreement(votes)
        reliability = self._bench.figures.voter_reliability(votes)
        return (
            votes,
            join(late(self._bench, "people", "reliability"), view.summary(agreement)),
            view.reliability(reliability) if agreement.battles else "",
            view.pairs(agreement),
            gr.update(visible=agreement.battles > 0),
            self._list(votes, False),
            "",
        )

    def _list(self, votes: VoteFilter, opposed: bool | None) -> str:
        return view.contested(self._bench.figures.contested(votes, CONTESTED_ROWS, opposed=bool(opposed)))

    def _all(self, votes: VoteFilter) -> str:
        return view.reliability(self._bench.figures.voter_reliability(votes), all_voters=True)

    def _press(self, votes: VoteFilter, opposed: bool | None, event: gr.EventData) -> tuple[str, str]:
        action, battle_id = pressed(event)
        rows = self._bench.figures.contested(votes, CONTESTED_ROWS, opposed=bool(opposed))
        if action != "read":
            return view.contested(rows), ""
        row = next((one for one in rows if str(one.battle_id) == battle_id), None)
        if row is None:
            raise InvalidInput("There is no such battle in this list any more: open the tab again.")
        return view.contested(rows, battle_id), view.battle(self._bench.battle(row.battle_id), row)

    def _make(
        self,
        votes: VoteFilter,
        name: str | None,
        limit: str | None,
        more: str | None,
        opposed: bool | None,
    ) -> tuple[Any, ...]:
        most, further = whole_in(self.limit, limit), whole_in(self.more, more)
        made = self._bench.queue_contested(
            written(name),
            votes,
            limit=50 if most is None else most,
            more=MORE if further is None else further,
            opposed=bool(opposed),
        )
        return "", view.made(made)
