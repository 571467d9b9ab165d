"""The review tab: an annotator votes through a prepared queue, one key a battle.

The next battle comes with the answer to each press. Names are never shown here, not even after a vote, because they
would colour the votes to come; the personal page has them. Reasons and comment are given before the vote and go with
it. Where one stands is decided by the verbs alone: the page holds the name of the queue and an opaque battle id.
"""

import uuid
from collections.abc import Callable
from typing import Any

import gradio as gr

from arena.errors import InvalidInput, WorkbenchError
from arena.types import Voter, Winner
from workbench.access.limits import Limited
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.results import ReviewStep
from workbench.tabs.events import BUTTONS, DISPLAY, QUICK, pressed
from workbench.tabs.panes import Panes, Update
from workbench.tabs.review_lead import Lead
from workbench.tabs.stage import as_id, asking
from workbench.tabs.votebar import VOTES, VoteBar, why
from workbench.views import arena as arena_view
from workbench.views import review as view

PREFIX = "review-"


class ReviewTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench, role: Role) -> None:
        self._bench = bench
        self.queue = gr.State(None)
        self.battle_id = gr.State(None)
        with gr.Column(elem_id="review", elem_classes=["stage", "review"]):
            self.head = gr.HTML(elem_id="review-head", **BUTTONS)
            self.asked = gr.HTML(elem_id="review-asked", **DISPLAY)
            self.start = gr.HTML(elem_id="review-start", elem_classes="start-page", **BUTTONS)
            self.lead = Lead(bench, role) if role.covers(Role.ANALYST) else None
            self.panes = Panes(PREFIX)
            self.bar = VoteBar(
                PREFIX, bench.settings.arena.reasons, follow_ups=False, next_label="Skip", back=True
            )
            with gr.Row(elem_id="review-foot-line", elem_classes="line"):
                self.status = gr.HTML(
                    view.between(), elem_id="review-status", elem_classes="stage-status", **DISPLAY
                )
                self.counter = gr.HTML(elem_id="review-counter", elem_classes="stage-count", **DISPLAY)
        self._shown = [
            self.queue, self.battle_id, self.head, self.asked, self.start, *self.panes.parts, *self.bar.parts,
            self.status, self.counter, *(self.lead.shown if self.lead else []),
        ]  # fmt: skip
        self._wire()

    def _wire(self) -> None:
        here = [self.queue, self.battle_id]
        said = [self.bar.reasons, self.bar.comment]
        for (winner, *_), button in zip(VOTES, self.bar.votes, strict=True):
            button.click(guarded(self._vote(winner)), [*here, *said], self._shown, **QUICK)
        self.bar.next.click(guarded(self._next), here, self._shown, **QUICK)
        self.bar.undo.click(guarded(self._undo), here, self._shown, **QUICK)
        assert self.bar.back is not None
        self.bar.back.click(guarded(self._back), here, self._shown, **QUICK)
        gr.on([self.head.click, self.start.click], guarded(self._press), None, self._shown, **QUICK)
        gr.on(
            [self.bar.reasons.input, self.bar.comment.submit, self.bar.comment.blur],
            guarded(self._amend),
            [*here, *said],
            [self.status],
            **QUICK,
        )

        if self.lead is not None:
            self.lead.wire_make(guarded(self._queues), self._shown)

    def wire(self, tab: gr.Tab) -> None:
        """Show the queues each time the tab is opened, or the battle that was left."""
        tab.select(guarded(self._open), [self.queue, self.battle_id], self._shown, **QUICK)

    def _open(self, queue: str | None, battle_id: str | None, request: gr.Request) -> Update:
        voter = asking(request)
        if queue is None or battle_id is None:
            return self._between(voter)
        try:
            return self._at(queue, self._bench.next_in_queue(queue, voter), voter)
        except WorkbenchError:  # closed or removed meanwhile: the page of queues says what there is
            return self._between(voter)

    def _queues(self, request: gr.Request) -> Update:
        return self._between(asking(request))

    def _press(self, event: gr.EventData, request: gr.Request) -> Update:
        action, queue = pressed(event)
        voter = asking(request)
        if action == "start":
            return self._at(queue, self._bench.next_in_queue(queue, voter), voter)
        if action == "look":
            return self._at(queue, self._bench.previous_in_queue(queue, voter), voter)
        return self._between(voter)

    def _vote(self, winner: Winner) -> Callable[..., Update]:
        def vote(
            queue: str | None,
            battle_id: str | None,
            reasons: list[str] | None,
            comment: str | None,
            request: gr.Request,
        ) -> Update:
            voter, (given, said) = asking(request, Limited.VOTE), why(reasons, comment)
            name, battle = _here(queue, battle_id)
            step = self._bench.vote_in_queue(name, battle, winner, voter, reasons=given, comment=said)
            return self._at(name, step, voter)

        return vote

    def _next(self, queue: str | None, battle_id: str | None, request: gr.Request) -> Update:
        voter = asking(request)
        name, battle = _here(queue, battle_id)
        return self._at(name, self._bench.skip_in_queue(name, battle, voter), voter)

    def _undo(self, queue: str | None, battle_id: str | None, request: gr.Request) -> Update:
        voter = asking(request)
        name, battle = _here(queue, battle_id)
        step = self._bench.take_back_in_queue(name, voter, at=battle)
        return self._at(name, step, voter, "Taken back.")

    def _back(self, queue: str | None, battle_id: str | None, request: gr.Request) -> Update:
        voter = asking(request)
        name, battle = _here(queue, battle_id)
        return self._at(name, self._bench.previous_in_queue(name, voter, before=battle), voter)

    def _amend(
        self,
        queue: str | None,
        battle_id: str | None,
        reasons: list[str] | None,
        comment: str | None,
        request: gr.Request,
    ) -> Any:
        """Save reasons and comment where the vote stands already; otherwise they go with the vote."""
        if queue is None or battle_id is None:
            return gr.skip()
        given, said = why(reasons, comment)
        saved = self._bench.amend_in_queue(queue, as_id(battle_id), asking(request), given, said)
        return view.saved() if saved else gr.skip()

    def _between(self, voter: Voter, step: ReviewStep | None = None) -> Update:
        """Show the queues; after the last battle of one, what became of it first."""
        ended = step.progress if step else None
        queues = [q for q in self._bench.open_queues(voter) if ended is None or q.queue != ended.queue]
        return {
            self.queue: None,
            self.battle_id: None,
            self.head: "",
            self.asked: "",
            self.start: view.start(queues, ended, leader=self.lead is not None),
            self.status: view.between(),
            self.counter: self._count(voter),
            **self.panes.waiting(),
            **self.bar.emptied(),
            **self.bar.open(False),
            **(self.lead.fill() if self.lead else {}),
        }

    def _at(self, queue: str, step: ReviewStep, voter: Voter, said: str = "") -> Update:
        """Show the battle of a step, or the page between battles where there is none."""
        item = step.item
        if item is None:
            return self._between(voter, step)
        battle = self._bench.battle(item.battle_id)
        return {
            self.queue: queue,
            self.battle_id: str(item.battle_id),
            self.head: view.head(step.progress, item),
            self.asked: view.asked(item),
            self.start: "",
            **self.panes.state(""),
            **self.panes.answers(battle),
            **{
                button: gr.update(
                    interactive=True, variant="primary" if item.winner is winner else "secondary"
                )
                for (winner, *_), button in zip(VOTES, self.bar.votes, strict=True)
            },
            self.bar.reasons: list(item.reasons),
            self.bar.comment: item.comment or "",
            self.bar.undo: gr.update(interactive=step.progress.done > 0),
            self.bar.back: gr.update(interactive=item.place > 1),
            **self.bar.next_is("Next" if item.dealt else "Skip"),
            self.status: view.status(step.progress, item, said),
            self.counter: self._count(voter),
        }

    def _count(self, voter: Voter) -> str:
        return arena_view.counter(self._bench.vote_count(voter), self._bench.settings.arena.daily_goal)


def _here(queue: str | None, battle_id: str | None) -> tuple[str, uuid.UUID]:
    if queue is None:
        raise InvalidInput("There is no battle here: choose a queue first.")
    return queue, as_id(battle_id)
