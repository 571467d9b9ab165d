"""The tab of one's own votes: what one chose, how far others agree, and one's own leaderboard.

Everything here is asked for the voter behind the request; the page sends no name of a voter, and a battle is shown with
its names only where that voter has voted on it.
"""

import uuid
from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from arena.types import OwnVote, Voter
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.events import BUTTONS, DISPLAY, QUICK, pressed
from workbench.tabs.stage import asking
from workbench.views import mine as view

PAGE = 20
Cursors = tuple[int, ...]
"""The numbers that the pages turned so far end at; the list shows what is older than the last of them."""


class MineTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench, role: Role) -> None:
        self._bench = bench
        self.cursors = gr.State(())
        self.reading = gr.State(None)
        self.figures = gr.HTML(elem_id="mine-figures", **DISPLAY)
        self.battle = gr.HTML(elem_id="mine-battle", elem_classes="card", **BUTTONS)
        self.list = gr.HTML(elem_id="mine-votes", elem_classes="card", **BUTTONS)
        self.board = gr.HTML(elem_id="mine-board", elem_classes="card", **DISPLAY)
        turned = [self.cursors, self.reading, self.battle, self.list]
        gr.on(
            [self.list.click, self.battle.click],
            guarded(self._press),
            [self.cursors, self.reading],
            turned,
            **QUICK,
        )
        self._all = [self.figures, self.board, *turned]

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened, from the newest vote on."""
        tab.select(guarded(self._open), None, self._all, **QUICK)

    def _open(self, request: gr.Request) -> dict[Any, Any]:
        voter = asking(request)
        rows, more = self._page(voter, ())
        shown = {self.cursors: (), self.reading: None, self.battle: ""}
        if not rows:
            return shown | {self.figures: view.nothing(), self.board: "", self.list: ""}
        found = self._bench.own_figures(voter)
        return shown | {
            self.figures: view.figures(found),
            self.board: view.board(found.board),
            self.list: view.votes(rows, first=True, more=more),
        }

    def _press(
        self, cursors: Cursors, reading: str | None, event: gr.EventData, request: gr.Request
    ) -> dict[Any, Any]:
        action, battle_id = pressed(event)
        voter, cursors = asking(request), tuple(cursors)
        shown: dict[Any, Any] = {}
        if action == "older":
            rows, _ = self._page(voter, cursors)
            cursors = (*cursors, rows[-1].number) if rows else cursors
        elif action == "newer":
            cursors = cursors[:-1]
        elif action == "read":
            reading = battle_id
            shown = {self.battle: self._read(battle_id, voter, cursors)}
        else:
            reading, shown = None, {self.battle: ""}
        rows, more = self._page(voter, cursors)
        listed = view.votes(rows, first=not cursors, more=more, reading=reading)
        return {self.cursors: cursors, self.reading: reading, self.list: listed, **shown}

    def _read(self, battle_id: str, voter: Voter, cursors: Cursors) -> str:
        try:
            wanted = uuid.UUID(battle_id)
        except ValueError as error:
            raise InvalidInput("There is no such battle in this list: open the tab again.") from error
        found = self._bench.own_battle(wanted, voter)
        rows, _ = self._page(voter, cursors)
        return view.battle(found, [row for row in rows if row.vote.battle_id == wanted])

    def _page(self, voter: Voter, cursors: Cursors) -> tuple[list[OwnVote], bool]:
        """Return a page of the list, and whether there are older votes."""
        rows = self._bench.own_votes(voter, limit=PAGE + 1, before=cursors[-1] if cursors else None)
        return rows[:PAGE], len(rows) > PAGE
