"""A battle on a screen: two panes, the vote bar and the line under them, with vote, undo and reasons wired.

The arena, side by side and review stand on this; each adds how a battle comes onto the stage and what Next does. What
the page holds of a battle is an opaque id in the session's state on the server. Whether a vote may be cast is decided
in the verb; a disabled button is manners, not protection.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from arena.types import Battle, Voter, Winner
from workbench.access.access import count, voter_of
from workbench.access.limits import Limited
from workbench.bench import Workbench
from workbench.criteria import question
from workbench.notices import guarded
from workbench.results import Revealed
from workbench.tabs.events import DISPLAY, QUICK
from workbench.tabs.own_answer import OwnAnswer
from workbench.tabs.panes import Panes, Update
from workbench.tabs.votebar import PREFERRED, VOTES, VoteBar, why
from workbench.views import arena as view

QUESTION = "Which answer is better?"


def nothing_more(voter: Voter) -> Update:
    """Change nothing else; what a stage does after a vote unless told otherwise."""
    return {}


class Stage:
    """Components of one battle and the handlers that need no more than them."""

    next_label = "Next battle"
    skip_label = "Skip"

    def __init__(
        self, bench: Workbench, prefix: str = "", *, follow_ups: bool = True, additions: bool = False
    ) -> None:
        """Build panes, bar and line where they shall stand: inside a column of class `stage`.

        With `additions` the further criteria of the settings are asked after the vote, and the voter may write an
        answer of their own.
        """
        self.bench = bench
        self.battle_id = gr.State(None)
        self.panes = Panes(prefix)
        self.own = OwnAnswer(bench, prefix) if additions else None
        self.bar = VoteBar(
            prefix,
            bench.settings.arena.reasons,
            follow_ups=follow_ups,
            next_label=self.next_label,
            criteria=bench.further_criteria if additions else (),
            own_answers=additions,
        )
        with gr.Row(elem_id=f"{prefix}line", elem_classes="line"):
            self.status = gr.HTML(
                view.status("idle", ""), elem_id=f"{prefix}status", elem_classes="stage-status", **DISPLAY
            )
            self.counter = gr.HTML(elem_id=f"{prefix}counter", elem_classes="stage-count", **DISPLAY)

    @property
    def parts(self) -> list[Any]:
        """Return every component of the stage, as the outputs of a handler that puts a battle on it."""
        return [self.battle_id, *self.panes.parts, *self._said, self.status, self.counter]

    @property
    def _said(self) -> list[Any]:
        """Return what stands in the bar and in the editor."""
        return [*self.bar.parts, *(self.own.parts if self.own else ())]

    def wire(self, changed: Callable[[Voter], Update] = nothing_more, more: Sequence[Any] = ()) -> None:
        """Attach vote, undo, reasons and comment; after a vote or an undo `changed` gives new values of `more`."""
        outputs = [*self.panes.heads, *self._said, self.status, self.counter, *more]
        for (winner, *_), button in zip(VOTES, self.bar.votes, strict=True):
            button.click(guarded(self._vote(winner, changed)), [self.battle_id], outputs, **QUICK)
        self.bar.undo.click(guarded(self._undo(changed)), [self.battle_id], outputs, **QUICK)
        gr.on(
            [self.bar.reasons.input, self.bar.comment.submit, self.bar.comment.blur],
            guarded(self._amend),
            [self.bar.reasons, self.bar.comment, self.battle_id],
            [self.status],
            **QUICK,
        )
        for criterion, radio in self.bar.criteria.items():
            radio.input(guarded(self._prefer(criterion)), [radio, self.battle_id], [self.status], **QUICK)
        if self.own is not None and self.bar.own is not None:
            self.own.wire(self.battle_id, self.bar.own, self.status, _asked)

    # What a screen may do in its own way.

    def cast(self, battle_id: uuid.UUID, winner: Winner, voter: Voter) -> Revealed:
        """Store a vote and return who answered."""
        return self.bench.vote(battle_id, winner, voter, criterion=self.bench.main_criterion)

    def take_back(self, battle_id: uuid.UUID, voter: Voter) -> None:
        """Take the voter's votes back."""
        self.bench.take_back(battle_id, voter)

    def heads(self, text: str, battle: Battle | None) -> Update:
        """Return the headers before the vote: blind here, so nothing of `battle` is in them."""
        return self.panes.state(text)

    def voted_heads(self, revealed: Revealed) -> Update:
        """Return the headers after the vote."""
        return self.panes.revealed(revealed)

    def picked(self, winner: Winner) -> str:
        """Return what the line says after the vote."""
        return view.PICKED[winner]

    def count(self, voter: Voter) -> str:
        """Return what stands at the right of the line."""
        return view.counter(self.bench.vote_count(voter), self.bench.settings.arena.daily_goal)

    # The states of a stage, as updates.

    def writing(self, battle: Battle | None = None) -> Update:
        """Both models write, in a new battle or on with `battle`."""
        state = self._state("writing", "Both are writing.", self.skip_label, votes=False)
        return state | self.heads("writing\u2026", battle)

    def cleared(self) -> Update:
        """Both models are about to write: nothing of an earlier battle is left."""
        follow: Update = {} if self.bar.follow is None else {self.bar.follow: ""}
        return {self.battle_id: None} | self.writing() | self.panes.waiting() | follow

    def finished(self, battle: Battle) -> Update:
        """Both answers are there: the battle can be voted on, or says who failed."""
        failed = view.failed_sides(battle)
        shown = {self.battle_id: None if failed else str(battle.battle_id)} | self.panes.answers(battle)
        shown |= self.heads("finished", battle)
        if failed:
            text = f"{failed} {view.FAILED}. This battle takes no vote."
            return shown | self._state("failed", text, self.next_label, votes=False)
        return shown | self._state("ready", QUESTION, self.skip_label, votes=True)

    def idle(self, text: str = "") -> Update:
        """No battle is on the stage."""
        return self._state("idle", text, self.next_label, votes=False)

    def voted(self, revealed: Revealed, voter: Voter) -> Update:
        """The vote is durable: the names, and what may be said about it."""
        winner = revealed.vote.winner
        said = self.picked(winner) if winner is not None else ""
        return (
            self._state("voted", said, self.next_label, votes=False)
            | self.voted_heads(revealed)
            | self.bar.emptied()
            | self._own_answer(revealed.vote.battle_id, voter)
            | {self.counter: self.count(voter)}
        )

    def unvoted(self, battle_id: uuid.UUID, voter: Voter) -> Update:
        """The vote was taken back: the battle can be voted on again."""
        return (
            self._state("ready", f"Vote taken back. {QUESTION}", self.skip_label, votes=True)
            | self.heads("finished", self.bench.battle(battle_id))
            | {self.counter: self.count(voter)}
        )

    def _state(self, state: view.State, text: str, next_label: str, *, votes: bool) -> Update:
        return {
            self.status: view.status(state, text),
            **self.bar.next_is(next_label),
            **self.bar.open(votes),
        }

    def _own_answer(self, battle_id: uuid.UUID, voter: Voter) -> Update:
        """Return the editor with what the voter wrote on this battle before, if anything."""
        if self.own is None or self.bar.own is None:
            return {}
        written = self.bench.written_answer(battle_id, voter)
        return self.own.filled(written.text if written else None, self.bar.own)

    def _vote(self, winner: Winner, changed: Callable[[Voter], Update]) -> Callable[..., Update]:
        def vote(battle_id: str | None, request: gr.Request) -> Update:
            voter = asking(request, Limited.VOTE)
            revealed = self.cast(as_id(battle_id), winner, voter)
            return self.voted(revealed, voter) | changed(voter)

        return vote

    def _undo(self, changed: Callable[[Voter], Update]) -> Callable[..., Update]:
        def undo(battle_id: str | None, request: gr.Request) -> Update:
            voter = asking(request)
            self.take_back(as_id(battle_id), voter)
            return self.unvoted(as_id(battle_id), voter) | changed(voter)

        return undo

    def _amend(
        self, reasons: list[str] | None, comment: str | None, battle_id: str | None, request: gr.Request
    ) -> Any:
        given, said = why(reasons, comment)
        if battle_id is None or not (given or said):
            return gr.skip()
        self.bench.amend(as_id(battle_id), asking(request), given, said, criterion=self.bench.main_criterion)
        return view.status("voted", "Saved.")

    def _prefer(self, criterion: str) -> Callable[..., str]:
        def prefer(choice: str | None, battle_id: str | None, request: gr.Request) -> str:
            winner = PREFERRED.get(choice or "")
            self.bench.vote_on(as_id(battle_id), criterion, winner, asking(request, Limited.VOTE))
            return view.status("voted", f"Saved: {question(criterion).lower()}, {_put(winner)}.")

        return prefer


def _asked(battle_id: str | None, request: gr.Request) -> tuple[uuid.UUID, Voter]:
    return as_id(battle_id), asking(request)


def _put(winner: Winner | None) -> str:
    if winner is None:
        return "not said"
    return {Winner.MODEL_A: "A", Winner.MODEL_B: "B"}.get(winner, "both the same")


def asking(request: gr.Request, what: Limited | None = None) -> Voter:
    """Return who sent a request, counted as one more of `what`.

    Raises:
        TooMany: that is more than the limits allow.
    """
    scope = request.request.scope
    if what is not None:
        count(scope, what)
    return voter_of(scope)


def page_of(request: gr.Request) -> str:
    """Return the page a request came from."""
    return str(request.session_hash)


def as_id(battle_id: str | None) -> uuid.UUID:
    """Return the battle on the stage.

    Raises:
        InvalidInput: none is.
    """
    if battle_id is None:
        raise InvalidInput("There is no finished battle here: start one and wait for both answers.")
    return uuid.UUID(battle_id)
