"""What is sure on the leaderboard: which models the votes tell apart, and which they do not yet."""

from typing import Any

import gradio as gr

from workbench.bench import Workbench
from workbench.tabs.chosen import Chosen
from workbench.tabs.events import DISPLAY
from workbench.views import certainty as view

SHOWN = 30
"""So many models are drawn, the highest."""

_KEPT = 8
"""So many cards are kept for whoever asks next."""


class CertaintyCard:
    """The card and what fills it."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._known: dict[tuple[object, ...], str] = {}
        self.picture = gr.HTML(elem_id="certainty", elem_classes="card", visible=False, **DISPLAY)
        self.inputs: list[Any] = []
        self.outputs: list[Any] = [self.picture]

    def wire(self, inputs: list[Any]) -> None:
        """Attach nothing: the card has no controls of its own."""

    def show(self, chosen: Chosen) -> Any:
        """Return the card for a choice of votes, counted again only when votes have come in."""
        key = (self._bench.store.agreement.state(), chosen)
        known = self._known.get(key)
        if known is None:
            known = view.card(self._bench.certainty(chosen.votes, chosen.options, limit=SHOWN))
            for old in list(self._known)[: 1 - _KEPT]:
                self._known.pop(old, None)
            self._known[key] = known
        return gr.update(value=known, visible=bool(known))
