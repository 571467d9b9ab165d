"""The bar under two answers: four votes, and after the vote why, undo and next.

The two rows share one place, so nothing moves when a vote is cast. Everything after the vote is optional and saved as
it is changed.
"""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from arena.types import Winner
from workbench.criteria import question
from workbench.tabs.events import written
from workbench.tabs.own_answer import WRITE
from workbench.tabs.panes import Update

VOTES = (
    (Winner.MODEL_A, "A is better", "vote-a"),
    (Winner.TIE, "Tie", "vote-tie"),
    (Winner.BOTH_BAD, "Both bad", "vote-bad"),
    (Winner.MODEL_B, "B is better", "vote-b"),
)
"""The votes from left to right, as the keys 1 to 4 stand on a keyboard."""

PREFERRED = {"A": Winner.MODEL_A, "Same": Winner.TIE, "B": Winner.MODEL_B}
"""What may be said on a further criterion."""

MAX_COMMENT = 2000


class VoteBar:
    """Buttons and fields; what they do is wired by the stage they stand on."""

    def __init__(
        self,
        prefix: str,
        reasons: Sequence[str],
        *,
        follow_ups: bool,
        next_label: str,
        criteria: Sequence[str] = (),
        own_answers: bool = False,
        back: bool = False,
    ) -> None:
        """Build the bar where it shall stand; ids begin with `prefix`.

        `criteria` are asked after the vote; with `own_answers` a button opens the voter's own, with `back` one leads
        to the battle before.
        """
        with gr.Column(elem_id=f"{prefix}foot", elem_classes="foot"):
            self.follow: gr.Textbox | None = None
            self.ask: gr.Button | None = None
            if follow_ups:
                self._follow_ups(prefix)
            self.comment = gr.Textbox(
                show_label=False,
                container=False,
                lines=1,
                max_lines=3,
                elem_id=f"{prefix}comment",
                elem_classes="comment",
                label="Comment",
                placeholder="Comment (optional)",
                max_length=MAX_COMMENT,
            )
            self.own: gr.Button | None = None
            if own_answers:
                self.own = gr.Button(WRITE, elem_id=f"{prefix}own-open", elem_classes="own-open")
            self.back = gr.Button("Back", elem_id=f"{prefix}back", elem_classes="back") if back else None
            self.undo = gr.Button("Undo", elem_id=f"{prefix}undo", elem_classes="undo")
            self.next = gr.Button(next_label, elem_id=f"{prefix}next", elem_classes="next")
            with gr.Row(elem_id=f"{prefix}votes", elem_classes="votes"):
                self.votes = [
                    gr.Button(label, elem_id=prefix + name, elem_classes=name, interactive=False)
                    for _, label, name in VOTES
                ]
            self.reasons = gr.CheckboxGroup(
                list(reasons),
                label="Why? (optional)",
                elem_id=f"{prefix}reasons",
                elem_classes=["chips", "reasons"],
            )
            self.criteria = {
                name: gr.Radio(
                    list(PREFERRED),
                    label=question(name),
                    elem_id=f"{prefix}criterion-{place}",
                    elem_classes=["segments", "criterion"],
                )
                for place, name in enumerate(criteria, start=1)
            }

    def _follow_ups(self, prefix: str) -> None:
        with gr.Row(elem_id=f"{prefix}follow", elem_classes="follow"):
            self.follow = gr.Textbox(
                show_label=False,
                container=False,
                lines=1,
                max_lines=3,
                elem_id=f"{prefix}follow-text",
                label="Follow up",
                placeholder="Follow up",
            )
            self.ask = gr.Button("Ask both", elem_id=f"{prefix}follow-ask")

    @property
    def parts(self) -> list[Any]:
        """Return everything in the bar that a handler may change."""
        follow: list[Any] = [] if self.follow is None else [self.follow]
        own: list[Any] = [one for one in (self.own, self.back) if one is not None]
        said = [self.comment, self.reasons, *self.criteria.values()]
        return [*follow, *own, *said, self.undo, self.next, *self.votes]

    def open(self, on: bool) -> Update:
        """Let votes be cast, or not."""
        return {button: gr.update(interactive=on) for button in self.votes}

    def emptied(self) -> Update:
        """Take out what was written and chosen for an earlier battle."""
        return {self.reasons: [], self.comment: "", **dict.fromkeys(self.criteria.values())}

    def next_is(self, label: str) -> Update:
        """Say what the next button does."""
        return {self.next: gr.update(value=label)}


def why(reasons: list[str] | None, comment: str | None) -> tuple[tuple[str, ...], str | None]:
    """Return reasons and comment as they are stored; both come from the browser."""
    return tuple(str(reason) for reason in reasons or ()), written(comment) or None
