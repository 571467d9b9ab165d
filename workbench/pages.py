"""The pages: which tabs there are, who may open each, and one page of Gradio for every role.

A page holds only the tabs of its role, so the functions of the others are not behind it: whatever a voter sends to
Gradio's own endpoints, there is nothing there that would train, import or read other people's votes. Where one tab
serves two roles, it is made with the role and leaves out what that one may not do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import gradio as gr

from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.tabs.arena import ArenaTab
from workbench.tabs.data import DataTab
from workbench.tabs.events import DISPLAY, QUICK, show_progress_on
from workbench.tabs.jobs_tab import JobsTab
from workbench.tabs.judges import JudgesTab
from workbench.tabs.leaderboard import LeaderboardTab
from workbench.tabs.metrics import MetricsTab
from workbench.tabs.mine import MineTab
from workbench.tabs.models import ModelsTab
from workbench.tabs.review import ReviewTab
from workbench.tabs.side_by_side import SideBySideTab
from workbench.tabs.training import TrainingTab
from workbench.tabs.voters_tab import VotersTab
from workbench.views.chrome import brand


@runtime_checkable
class OnSelect(Protocol):
    """A tab that is filled when it is opened."""

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""


@runtime_checkable
class OnLoad(Protocol):
    """A tab that is filled with the page."""

    @property
    def on_load(self) -> Sequence[Any]:
        """Return the components that `load` fills."""

    def load(self, request: gr.Request) -> Any:
        """Return what stands in them."""


@runtime_checkable
class OnLeave(Protocol):
    """A tab that is told when the page is left."""

    def leave(self, request: gr.Request) -> Any:
        """Let go of what the page held."""


@dataclass(frozen=True, slots=True)
class TabEntry:
    """One tab: its id, its label, the least role that sees it, and what makes it.

    `make` is called inside the tab with the role of the page; what it returns is `OnSelect`, `OnLoad` or `OnLeave`.
    """

    id: str
    label: str
    role: Role
    make: Callable[[Workbench, Role], object]


TABS: tuple[TabEntry, ...] = (
    TabEntry("arena", "Arena", Role.VOTER, lambda bench, _: ArenaTab(bench)),
    TabEntry("beside", "Side by side", Role.ANALYST, lambda bench, _: SideBySideTab(bench)),
    TabEntry("review", "Review", Role.VOTER, ReviewTab),
    TabEntry("leaderboard", "Leaderboard", Role.VOTER, LeaderboardTab),
    TabEntry("voters", "Voters", Role.ANALYST, lambda bench, _: VotersTab(bench)),
    TabEntry("mine", "My votes", Role.VOTER, MineTab),
    TabEntry("judges", "Judges", Role.ANALYST, JudgesTab),
    TabEntry("metrics", "Metrics", Role.ANALYST, MetricsTab),
    TabEntry("data", "Data", Role.ANALYST, DataTab),
    TabEntry("training", "Training", Role.ADMIN, lambda bench, _: TrainingTab(bench)),
    TabEntry("models", "Models", Role.ADMIN, lambda bench, _: ModelsTab(bench)),
    TabEntry("jobs", "Jobs", Role.ANALYST, JobsTab),
)
"""Every tab, in the order of the header line."""


def build(bench: Workbench, role: Role, tabs: Sequence[TabEntry] = TABS) -> gr.Blocks:
    """Return the page of a role: the tabs it may open, in their order."""
    with gr.Blocks(
        title="Workbench", analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)
    ) as page:
        header = gr.HTML(brand(), elem_id="brand", **DISPLAY)
        parts: list[tuple[gr.Tab, object]] = []
        with gr.Tabs(elem_id="tabs"):
            for entry in tabs:
                if role.covers(entry.role):
                    with gr.Tab(entry.label, id=entry.id) as tab:
                        parts.append((tab, entry.make(bench, role)))
        for own, part in parts:
            if isinstance(part, OnSelect):
                part.wire(own)
            if isinstance(part, OnLoad):
                page.load(part.load, None, part.on_load, **QUICK)
            if isinstance(part, OnLeave):
                page.unload(part.leave)
        show_progress_on(header, page)
    return page
