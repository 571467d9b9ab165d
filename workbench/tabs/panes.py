"""Two answers side by side and the line under them: what every screen with a battle shows.

A screen is a *stage*: a column of class `stage` in which all ids begin with the screen's own prefix, so that the arena,
side by side and review can stand on one page. Style sheet and script find the parts by class within the stage that is
shown; what it waits for stands in its status line (`data-state`) and decides which rows are seen.
"""

from typing import Any, Literal

import gradio as gr

from arena.types import Battle, Winner
from workbench.results import Revealed
from workbench.tabs.events import DISPLAY
from workbench.views import arena as view

Update = dict[Any, Any]
"""What a handler changes: new values by component."""

SIDES: tuple[Literal["a", "b"], ...] = ("a", "b")


class Panes:
    """The two panes with their headers, and on narrow screens the switch between them."""

    def __init__(self, prefix: str = "") -> None:
        """Build them where they shall stand; ids begin with `prefix`."""
        self._prefix = prefix
        gr.HTML(view.switch(), elem_id=f"{prefix}switch", elem_classes="switch", **DISPLAY)
        with gr.Row(elem_id=f"{prefix}panes", elem_classes="panes"):
            (self.head_a, self.body_a), (self.head_b, self.body_b) = (self._pane(side) for side in SIDES)

    def _pane(self, side: str) -> tuple[gr.HTML, gr.HTML]:
        with gr.Column(elem_id=f"{self._prefix}pane-{side}", elem_classes=["pane", f"pane-{side}"]):
            head = gr.HTML(view.pane_head(side.upper()), elem_classes="head", **DISPLAY)
            body = gr.HTML([], html_template="${value.join('')}", elem_classes="answer", **DISPLAY)
        return head, body

    @property
    def heads(self) -> list[Any]:
        """Return both headers."""
        return [self.head_a, self.head_b]

    @property
    def parts(self) -> list[Any]:
        """Return headers and bodies."""
        return [self.head_a, self.head_b, self.body_a, self.body_b]

    def state(self, text: str) -> Update:
        """Say the same neutral words over both answers."""
        return {self.head_a: view.pane_head("A", text), self.head_b: view.pane_head("B", text)}

    def named(self, model_a: str, model_b: str, text: str = "", picked: Winner | None = None) -> Update:
        """Show both names over the answers, where they are no secret."""
        return {
            self.head_a: view.named_head("A", model_a, text, picked is Winner.MODEL_A),
            self.head_b: view.named_head("B", model_b, text, picked is Winner.MODEL_B),
        }

    def waiting(self) -> Update:
        """Show that nothing has been said yet."""
        return {self.body_a: view.waiting(), self.body_b: view.waiting()}

    def answers(self, battle: Battle) -> Update:
        """Show both sides of a battle whole."""
        return {
            self.body_a: view.conversation(battle, "a"),
            self.body_b: view.conversation(battle, "b"),
        }

    def revealed(self, revealed: Revealed) -> Update:
        """Show who answered, once the vote is durable."""
        picked = revealed.vote.winner
        return {
            self.head_a: view.pane_head("A", model=revealed.model_a, picked=picked is Winner.MODEL_A),
            self.head_b: view.pane_head("B", model=revealed.model_b, picked=picked is Winner.MODEL_B),
        }
