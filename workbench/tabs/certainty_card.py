"""What is sure on the leaderboard: which models the votes tell apart, and which they do not yet."""

from typing import Any

import gradio as gr

from workbench.bench import Workbench
from workbench.figures import CERTAINTY_ROWS
from workbench.tabs.chosen import Chosen
from workbench.tabs.events import DISPLAY
from workbench.views import certainty as view


class CertaintyCard:
    """The card and what fills it."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.picture = gr.HTML(elem_id="certainty", elem_classes="card", visible=False, **DISPLAY)
        self.inputs: list[Any] = []
        self.outputs: list[Any] = [self.picture]

    def wire(self, inputs: list[Any]) -> None:
        """Attach nothing: the card has no controls of its own."""

    def show(self, chosen: Chosen) -> Any:
        """Return the card for a choice of votes."""
        known = view.card(self._bench.figures.certainty(chosen.votes, chosen.options, CERTAINTY_ROWS))
        return gr.update(value=known, visible=bool(known))
