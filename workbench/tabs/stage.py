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
from workbench.bench import Workbench
from workbench.identity import voter_of
from workbench.notices import guarded
from workbench.results import Revealed
from workbench.tabs.events import DISPLAY, QUICK
from workbench.tabs.panes import Panes, Update
from workbench.tabs.votebar import VOTES, VoteBar, why
from workbench.views import arena as view

QUESTION = "Which answer is better?"


def nothing_more(voter: Voter) -> Update:
    """Change nothing else; what a stage does after a vote unless told otherwise."""
    return {}


class Stage:
    """Components of one battle and the handlers that need no more than them."""

    next_label = "Next battle"
    skip_label = "Skip"

    def __init__(self, bench: Workbench, prefix: str = "", *, follow_ups: bool = True) -> None:
        """Build panes, bar and line where they shall stand: inside a column of class `stage`."""
        self.bench = bench
        self.battle_id = gr.State(None)
        self.panes = Panes(prefix)
        self.bar = VoteBar(
            prefix, bench.settings.arena.reasons, follow_ups=follow_ups, next_label=self.next_label
        )
        with gr.Row(elem_id=f"{prefix}line", elem_classes="line"):
            self.status = gr.HTML(
                view.status("idle", ""), elem_id=f"{prefix}status", elem_classes="said", **DISPLAY
            )
            self.counter = gr.HTML(elem_id=f"{prefix}counter", elem_classes="tally", **DISPLAY)

    @property
    def parts(self) -> list[Any]:
        """Return every component of the stage, as the outputs of a handler that puts a battle on it."""
        return [self.battle_id, *self.panes.parts, *self.bar.parts, self.status, self.counter]

    def wire(self, changed: Callable[[Voter], Update] = nothing_more, more: Sequence[Any] = ()) -> None:
        """Attach vote, undo, reasons and comment; after a vote or an undo `changed` gives new values of `more`."""
        outputs = [*self.panes.heads, *self.bar.parts, self.status, self.counter, *more]
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

    # What a screen may do in its own way.

    def cast(self, battle_id: uuid.UUID, winner: Winner, voter: Voter) -> Revealed:
        """Store a vote and return who answered."""
        return self.bench.vote(battle_id, winner, voter)

    def take_back(self, battle_id: uuid.UUID, voter: Voter) -> None:
        """Take the voter's vote back."""
        self.bench.undo(battle_id, voter)

    def unvoted_heads(self, battle_id: uuid.UUID) -> Update:
        """Return the headers of a finished battle without a vote."""
        return self.panes.state("finished")

    def count(self, voter: Voter) -> str:
        """Return what stands at the right of the line."""
        return view.counter(self.bench.vote_count(voter), self.bench.settings.arena.daily_goal)

    # The states of a stage, as updates.

    def writing(self) -> Update:
        """Both models write."""
        return self._state("writing", "Both are writing.", self.skip_label, votes=False) | self.panes.state(
            "writing\u2026"
        )

    def cleared(self) -> Update:
        """Both models are about to write: nothing of an earlier battle is left."""
        follow: Update = {} if self.bar.follow is None else {self.bar.follow: ""}
        return {self.battle_id: None} | self.writing() | self.panes.waiting() | follow

    def finished(self, battle: Battle) -> Update:
        """Both answers are there: the battle can be voted on, or says who failed."""
        failed = view.failed_sides(battle)
        shown = {self.battle_id: None if failed else str(battle.battle_id)} | self.panes.answers(battle)
        shown |= self.unvoted_heads(battle.battle_id)
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
        said = view.PICKED[winner] if winner is not None else ""
        return (
            self._state("voted", said, self.next_label, votes=False)
            | self.panes.revealed(revealed)
            | self.bar.emptied()
            | {self.counter: self.count(voter)}
        )

    def unvoted(self, battle_id: uuid.UUID, voter: Voter) -> Update:
        """The vote was taken back: the battle can be voted on again."""
        return (
            self._state("ready", f"Vote taken back. {QUESTION}", self.skip_label, votes=True)
            | self.unvoted_heads(battle_id)
            | {self.counter: self.count(voter)}
        )

    def _state(self, state: view.State, text: str, next_label: str, *, votes: bool) -> Update:
        return {
            self.status: view.status(state, text),
            **self.bar.next_is(next_label),
            **self.bar.open(votes),
        }

    def _vote(self, winner: Winner, changed: Callable[[Voter], Update]) -> Callable[..., Update]:
        def vote(battle_id: str | None, request: gr.Request) -> Update:
            voter = asking(request)
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
        self.bench.amend(as_id(battle_id), asking(request), given, said)
        return view.status("voted", "Saved.")


def asking(request: gr.Request) -> Voter:
    """Return who sent a request."""
    return voter_of(request.request.scope)


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
