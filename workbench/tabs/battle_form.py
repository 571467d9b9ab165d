"""The form that starts a judging run: which judge, which battles, and how much it may take."""

from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from arena.judgments import BattleFilter
from workbench.bench import Workbench
from workbench.tabs.events import DISPLAY
from workbench.tabs.fields import number_box, number_in, whole_in
from workbench.tabs.filters import ALL_CATEGORIES, as_choices

ALL_SETS = "All prompt sets"


class BattleForm:
    """Components of the form, and what they stand for."""

    def __init__(self) -> None:
        gr.HTML("<h2>Judge battles</h2>", **DISPLAY)
        self.judge = gr.Dropdown([], label="Judge", interactive=True, elem_id="run-judge")
        self.models = gr.Dropdown(
            [],
            multiselect=True,
            label="Between these models (none: all)",
            interactive=True,
            elem_id="run-models",
        )
        self.prompt_set = gr.Dropdown(
            [ALL_SETS], value=ALL_SETS, label="Prompt set", interactive=True, filterable=False
        )
        self.category = gr.Dropdown(
            [ALL_CATEGORIES], value=ALL_CATEGORIES, label="Category", interactive=True, filterable=False
        )
        self.criterion = gr.Dropdown([], label="Criterion", interactive=True, filterable=False, visible=False)
        self.voted = gr.Checkbox(
            False,
            label="Only battles that people voted on",
            container=False,
            interactive=True,
            elem_id="run-voted",
        )
        self.limit = number_box("Battles, at most", "all", elem_id="run-limit")
        with gr.Accordion("Limits", open=False):
            self.slots = number_box("Requests at once", "the judge\u2019s own")
            self.max_cost = number_box("Stop at a cost of", "no ceiling")
            self.max_tokens = number_box("Stop at so many tokens", "no ceiling")
            self.retry = gr.Checkbox(
                False, label="Ask again where it failed", container=False, interactive=True
            )
        self.estimate = gr.HTML(elem_id="estimate", **DISPLAY)
        self.start = gr.Button("Judge", variant="primary", elem_id="judge-start")
        self.chosen = [
            self.judge,
            self.models,
            self.prompt_set,
            self.category,
            self.criterion,
            self.voted,
            self.limit,
            self.retry,
        ]
        self.limits = [self.slots, self.max_cost, self.max_tokens]
        self.lists = [self.judge, self.models, self.prompt_set, self.category, self.criterion]

    def choices(self, bench: Workbench, judge: str | None, criterion: str | None) -> tuple[Any, ...]:
        """Return what can be chosen now, for the components of `lists`."""
        judges = [spec.name for spec in bench.list_judges()]
        models = [spec.name for spec in bench.list_models()]
        sets = [ALL_SETS, *bench.prompt_sets()]
        categories = [ALL_CATEGORIES, *bench.categories()]
        criteria = list(bench.settings.criteria)
        return (
            gr.update(
                choices=as_choices(judges), value=judge if judge in judges else next(iter(judges), None)
            ),
            gr.update(choices=as_choices(models)),
            gr.update(choices=as_choices(sets), visible=len(sets) > 2),
            gr.update(choices=as_choices(categories), visible=len(categories) > 2),
            gr.update(
                choices=as_choices(criteria),
                value=criterion if criterion in criteria else criteria[0],
                visible=len(criteria) > 1,
            ),
        )

    def battles(
        self,
        models: list[str] | None,
        prompt_set: str | None,
        category: str | None,
        voted: bool,
        limit: str | None,
    ) -> BattleFilter:
        """Return the battles that the controls stand for.

        Raises:
            InvalidInput: one model is chosen, which meets nobody, or the limit is no whole number.
        """
        if models and len(models) == 1:
            raise InvalidInput(
                f"Only {models[0]} is chosen, and it takes two to meet: choose another, or none for all."
            )
        return BattleFilter(
            models=tuple(models) if models else None,
            prompt_sets=(prompt_set,) if prompt_set and prompt_set != ALL_SETS else None,
            category=category if category and category != ALL_CATEGORIES else None,
            voted_by_people=voted,
            limit=whole_in(self.limit, limit),
        )

    def ceilings(self, slots: str | None, max_cost: str | None, max_tokens: str | None) -> dict[str, Any]:
        """Return how much the run may take, as a `JudgeJob` has it.

        Raises:
            InvalidInput: one of them is no number.
        """
        return {
            "slots": whole_in(self.slots, slots),
            "max_cost": number_in(self.max_cost, max_cost),
            "max_tokens": whole_in(self.max_tokens, max_tokens),
        }
