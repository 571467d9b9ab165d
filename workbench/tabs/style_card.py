"""What style is worth on the leaderboard, and the board of each category, language, criterion or kind of voter.

Both are filled after the board; where the votes have not changed they come as they were counted last.
"""

from dataclasses import replace
from typing import Any, get_args

import gradio as gr

from arena.boards import Sorting
from arena.errors import InvalidInput
from arena.ratings.options import RatingOptions
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.chosen import Chosen, of_chosen
from workbench.tabs.events import DISPLAY, FILTER
from workbench.views import boards as boards_view
from workbench.views import style as view

SORTINGS = [
    ("Category", "category"),
    ("Language", "language"),
    ("Criterion", "criterion"),
    ("Voters", "voter_kind"),
]


class StyleCard:
    """The weights of style, and whose ratings they move."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.picture = gr.HTML(elem_id="style", elem_classes="card", visible=False, **DISPLAY)
        self.inputs: list[Any] = []
        self.outputs: list[Any] = [self.picture]

    def wire(self, inputs: list[Any]) -> None:
        """Attach nothing: the card has no controls of its own."""

    def show(self, chosen: Chosen) -> Any:
        """Return the card for a choice of votes; it is Bradley-Terry's whatever the method of the board."""
        asked = RatingOptions(cluster=chosen.options.cluster, anchor=chosen.anchor, style=True)
        figures = self._bench.figures
        try:
            level = figures.leaderboard(chosen.votes, asked)
            known = view.card(figures.leaderboard(chosen.votes, replace(asked, style=False)), level)
        except InvalidInput as error:
            known = view.refused(str(error)) if self._bench.voters(chosen.votes) else ""
        return gr.update(value=known, visible=bool(known))


class BoardsCard:
    """Boards beside one another, sorted as the reader likes."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Column(elem_id="boards", elem_classes="card", visible=False) as self.card:
            with gr.Row(elem_id="boards-bar", elem_classes="list-bar"):
                gr.HTML(boards_view.title(), elem_classes="position", **DISPLAY)
                self.sorting = gr.Radio(
                    SORTINGS,
                    value="category",
                    label="One board for each",
                    show_label=False,
                    elem_classes="segments",
                    interactive=True,
                    elem_id="boards-by",
                )
            self.picture = gr.HTML(elem_id="boards-table", **DISPLAY)
        self.inputs: list[Any] = [self.sorting]
        self.outputs: list[Any] = [self.card, self.picture]

    def wire(self, inputs: list[Any]) -> None:
        """Draw the table again when it is sorted otherwise."""
        self.sorting.input(guarded(of_chosen(self._table)), inputs, [self.picture], **FILTER)

    def show(self, chosen: Chosen, sorting: str | None) -> tuple[Any, ...]:
        """Return the card for a choice of votes; nothing while there is none."""
        there = bool(self._bench.voters(chosen.votes))
        return gr.update(visible=there), self._table(chosen, sorting) if there else ""

    def _table(self, chosen: Chosen, sorting: str | None) -> str:
        asked: Sorting = next((one for one in get_args(Sorting) if one == sorting), "category")
        return boards_view.card(self._bench.figures.boards_by(chosen.votes, asked, chosen.options))
