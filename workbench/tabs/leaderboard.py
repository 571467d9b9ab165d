"""The leaderboard tab: controls, the board, and one card below the other for whoever wants to know more.

Cards below the board are filled after it, so that the board never waits for them.
"""

from functools import partial
from itertools import islice
from typing import Any, Protocol

import gradio as gr

from arena.errors import WorkbenchError
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.notices import guarded, warn
from workbench.tabs.board_filters import BoardFilters
from workbench.tabs.certainty_card import CertaintyCard
from workbench.tabs.chosen import Chosen, of_chosen
from workbench.tabs.events import DISPLAY, FILTER, QUICK
from workbench.tabs.history import HistoryCard
from workbench.tabs.jobs import late
from workbench.tabs.plan_card import PlanCard
from workbench.tabs.style_card import BoardsCard, StyleCard
from workbench.views import leaderboard as view


class Card(Protocol):
    """Something below the board that is shown for what is chosen.

    `inputs` are its own controls, whose values `show` and handlers of its own get after the chosen.
    """

    inputs: list[Any]
    outputs: list[Any]

    def show(self, chosen: Chosen, *own: Any) -> Any:
        """Return what stands in `outputs`."""

    def wire(self, inputs: list[Any]) -> None:
        """Attach handlers of its own; `inputs` are all that `of_chosen(...)` needs: the controls', then its own."""


class LateLine:
    """The line above the cards where they are of votes before the board's; it is filled after them."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.line = gr.HTML(elem_id="board-late", visible=False, **DISPLAY)
        self.inputs: list[Any] = []
        self.outputs: list[Any] = [self.line]

    def wire(self, inputs: list[Any]) -> None:
        """Attach nothing: the line has no controls of its own."""

    def show(self, chosen: Chosen) -> Any:
        """Return the line; nothing where all cards are of the votes as they are."""
        said = late(self._bench, "certainty", "history", "boards", "leaderboard", "plan")
        return gr.update(value=said or "", visible=said is not None)


class LeaderboardTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench, role: Role = Role.ADMIN) -> None:
        self._bench = bench
        self._idle = role.covers(Role.ANALYST)
        self.filters = BoardFilters(bench)
        self.totals = gr.HTML(elem_id="board-totals", **DISPLAY)
        self.table = gr.HTML(elem_id="board", elem_classes="card", **DISPLAY)
        late_line = LateLine(bench)
        self.cards: list[Card] = [CertaintyCard(bench), HistoryCard(bench)]
        self.matrix = gr.HTML(elem_id="matrix", elem_classes="card", **DISPLAY)
        self.cards += [BoardsCard(bench), StyleCard(bench), PlanCard(bench), late_line]
        self._shown = [self.totals, self.table, self.matrix, self.filters.link]
        chosen = gr.on(
            self.filters.changed, guarded(of_chosen(self._show)), self.filters.inputs, self._shown, **FILTER
        )
        self._fill_cards(chosen, FILTER)
        for card in self.cards:
            card.wire([*self.filters.inputs, *card.inputs])

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""
        opened = tab.select(
            guarded(self._open), self.filters.inputs, [*self.filters.outputs, *self._shown], **QUICK
        )
        self._fill_cards(opened, QUICK)

    def _fill_cards(self, after: Any, settings: dict[str, Any]) -> None:
        """Fill the cards in two goes once the board is there; a board that is refused leaves them."""
        following = after.success
        for cards in (self.cards[:2], self.cards[2:]):
            inputs = [*self.filters.inputs, *(part for card in cards for part in card.inputs)]
            outputs = [part for card in cards for part in card.outputs]
            fill = guarded(of_chosen(partial(_filled, cards)))
            following = following(fill, inputs, outputs, **settings).then

    def _open(self, *values: Any) -> tuple[Any, ...]:
        filled, now = self.filters.filled(*values)
        return (*filled, *self._show(Chosen.of(*now)))

    def _show(self, chosen: Chosen) -> tuple[str, str, str, str]:
        votes = chosen.votes
        board = self._bench.leaderboard(votes, chosen.options, idle=self._idle)
        names = [row.name for row in board.rows if row.votes]
        return (
            view.totals(board, self._bench.figures.voters(votes), chosen.refined),
            view.table(board),
            view.matrix(self._bench.win_matrix(votes, names)),
            view.download(chosen.query),
        )


def _filled(cards: list[Card], chosen: Chosen, *own: Any) -> list[Any]:
    """Return what stands in the outputs of `cards`; one that is refused leaves its own, and the reason is told."""
    values = iter(own)
    filled: list[Any] = []
    for card in cards:
        try:
            shown = card.show(chosen, *islice(values, len(card.inputs)))
            filled += shown if isinstance(shown, tuple) else (shown,)
        except WorkbenchError as error:
            warn(error)
            filled += [gr.skip()] * len(card.outputs)
    return filled
