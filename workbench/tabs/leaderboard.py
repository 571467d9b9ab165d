"""The leaderboard tab: filters, the forest plot, the heat map, and the same as CSV."""

from typing import Any

import gradio as gr

from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.events import DISPLAY, FILTER, QUICK
from workbench.tabs.filters import ALL_CATEGORIES, as_choices, first_choice, kind_choices, vote_filter
from workbench.tabs.history import HistoryCard
from workbench.views import leaderboard as view

METHODS = [("Bradley\u2013Terry", "bt"), ("Elo", "elo")]


class LeaderboardTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Row(elem_id="board-filters", elem_classes="filters"):
            self.voters = gr.CheckboxGroup([], label="Voters", elem_classes="chips", interactive=True)
            self.method = gr.Radio(
                METHODS, value="bt", label="Method", elem_classes="segments", interactive=True
            )
            self.category = gr.Dropdown(
                [ALL_CATEGORIES],
                value=ALL_CATEGORIES,
                label="Category",
                interactive=True,
                filterable=False,
                min_width=180,
            )
            self.csv = gr.HTML(elem_id="board-csv", **DISPLAY)
        self.totals = gr.HTML(elem_id="board-totals", **DISPLAY)
        self.table = gr.HTML(elem_id="board", elem_classes="card", **DISPLAY)
        self.history = HistoryCard(bench)
        self.matrix = gr.HTML(elem_id="matrix", elem_classes="card", **DISPLAY)
        self._shown = [self.totals, self.table, self.matrix, self.csv]
        self._history_inputs = [self.voters, self.method, self.category, *self.history.inputs]
        gr.on(
            [self.voters.input, self.method.input, self.category.input],
            guarded(self._show),
            [self.voters, self.method, self.category],
            self._shown,
            **FILTER,
        ).then(guarded(self.history.show), self._history_inputs, self.history.outputs, **FILTER)
        self.history.wire(self._history_inputs)

    def wire(self, tab: gr.Tab, others: list[gr.Tab]) -> None:
        """Fill the tab each time it is opened."""
        inputs = [self.voters, self.method, self.category]
        tab.select(guarded(self._open), inputs, [self.voters, self.category, *self._shown], **QUICK).then(
            guarded(self.history.show), self._history_inputs, self.history.outputs, **QUICK
        )

    def _open(self, voters: list[str], method: str, category: str) -> tuple[Any, ...]:
        counts = self._bench.voter_kinds()
        voters = voters or first_choice(counts)
        categories = [ALL_CATEGORIES, *self._bench.categories()]
        category = category if category in categories else ALL_CATEGORIES
        return (
            gr.update(choices=kind_choices(counts), value=voters),
            gr.update(choices=as_choices(categories), value=category, visible=len(categories) > 1),
            *self._show(voters, method, category),
        )

    def _show(self, voters: list[str], method: str, category: str) -> tuple[str, str, str, str]:
        votes = vote_filter(voters, category)
        board = self._bench.leaderboard(votes, "elo" if method == "elo" else "bt")
        names = [row.name for row in board.rows if row.votes]
        return (
            view.totals(board, self._bench.figures.voters(votes)),
            view.table(board),
            view.matrix(self._bench.win_matrix(votes, names)),
            view.download(voters, method, votes.category),
        )
