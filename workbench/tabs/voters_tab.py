"""The voters tab: what holds the board up, voter by voter, prompt by prompt, answer by answer."""

from typing import Any

import gradio as gr

from arena.types import DEFAULT_CRITERION, VoteFilter
from workbench.bench import Workbench
from workbench.html import join
from workbench.notices import guarded
from workbench.tabs.events import BUTTONS, DISPLAY, FILTER, QUICK, WORK, pressed
from workbench.tabs.filters import ALL_CATEGORIES, as_choices, first_choice, kind_choices, vote_filter
from workbench.tabs.jobs import late
from workbench.tabs.people_card import PeopleCard
from workbench.views import integrity as view


class VotersTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Row(elem_id="voters-filters", elem_classes="filters"):
            self.voters = gr.CheckboxGroup([], label="Voters", elem_classes="chips", interactive=True)
            self.category = gr.Dropdown(
                [ALL_CATEGORIES],
                value=ALL_CATEGORIES,
                label="Category",
                interactive=True,
                filterable=False,
                min_width=180,
            )
            self.criterion = gr.Dropdown(
                [DEFAULT_CRITERION],
                value=DEFAULT_CRITERION,
                label="Criterion",
                interactive=True,
                filterable=False,
                min_width=160,
            )
        self.totals = gr.HTML(elem_id="voters-totals", **DISPLAY)
        self.first = gr.HTML(elem_id="first-place", elem_classes="card", **DISPLAY)
        self.table = gr.HTML(elem_id="voter-checks", elem_classes="card", **DISPLAY)
        self.people = PeopleCard(bench)
        self.prompts = gr.HTML(elem_id="asked-prompts", elem_classes="card", **DISPLAY)
        self.named = gr.HTML(elem_id="self-named", elem_classes="card", **BUTTONS)
        self._chosen = [self.voters, self.category, self.criterion]
        self._shown = [self.totals, self.first, self.table, self.prompts, self.named]
        gr.on(
            [part.input for part in self._chosen], guarded(self._show), self._chosen, self._shown, **FILTER
        ).then(guarded(self._people), self._chosen, self.people.outputs, **FILTER)
        self.named.click(guarded(self._read), self._chosen, self._shown, **WORK)

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""
        tab.select(guarded(self._open), self._chosen, [*self._chosen, *self._shown], **QUICK).then(
            guarded(self._people), self._chosen, self.people.outputs, **QUICK
        )

    def _open(self, voters: list[str], category: str, criterion: str) -> tuple[Any, ...]:
        counts = self._bench.voter_kinds()
        voters = voters or first_choice(counts)
        categories = [ALL_CATEGORIES, *self._bench.categories()]
        category = category if category in categories else ALL_CATEGORIES
        criteria = list(self._bench.settings.criteria)
        criterion = criterion if criterion in criteria else criteria[0]
        return (
            gr.update(choices=kind_choices(counts), value=voters),
            gr.update(choices=as_choices(categories), value=category, visible=len(categories) > 1),
            gr.update(choices=as_choices(criteria), value=criterion, visible=len(criteria) > 1),
            *self._show(voters, category, criterion),
        )

    def _show(self, voters: list[str], category: str, criterion: str) -> tuple[Any, ...]:
        found = self._bench.figures.integrity(_votes(voters, category, criterion))
        return (
            join(view.totals(found), late(self._bench, "integrity")),
            view.first_place(found),
            view.voters(found),
            view.prompts(found.prompts),
            view.self_named(found) if found.votes or found.self_named or found.unread else "",
        )

    def _people(self, voters: list[str], category: str, criterion: str) -> tuple[Any, ...]:
        return self.people.show(_votes(voters, category, criterion))

    def _read(self, voters: list[str], category: str, criterion: str, event: gr.EventData) -> tuple[Any, ...]:
        action, _ = pressed(event)
        if action == "read":
            self._bench.read_answers()
        return self._show(voters, category, criterion)


def _votes(voters: list[str], category: str, criterion: str | None) -> VoteFilter:
    chosen = vote_filter(voters, category)
    return VoteFilter(
        voter_kinds=chosen.voter_kinds, category=chosen.category, criterion=criterion or DEFAULT_CRITERION
    )
