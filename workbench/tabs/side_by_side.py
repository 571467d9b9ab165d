"""The side by side tab: two models of one's choice answer the same prompt, their names in sight.

The same stage as the arena's, with another way onto it. What is voted here is set aside: it counts in no rating and no
export unless a filter asks for votes with names.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from arena.types import Battle, Prompt, Winner
from workbench.access.limits import Limited
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.results import OpenBattle, Revealed
from workbench.tabs.events import DISPLAY, QUICK, STREAM
from workbench.tabs.filters import as_choices
from workbench.tabs.live import LiveStage
from workbench.tabs.panes import Update
from workbench.tabs.prompt_box import prompt_box, prompt_in
from workbench.tabs.stage import asking
from workbench.views import arena as view

PREFIX = "beside-"


class NamedStage(LiveStage):
    """A stage that shows who answers all the time."""

    next_label = "Next prompt"
    skip_label = "Next prompt"

    def heads(self, text: str, battle: Battle | None) -> Update:
        """Return the headers before the vote, with the names."""
        return self.panes.named(battle.model_a, battle.model_b, text) if battle else super().heads(text, None)

    def voted_heads(self, revealed: Revealed) -> Update:
        """Return the headers after the vote; ratings do not move by it, so none are shown."""
        return self.panes.named(revealed.model_a.name, revealed.model_b.name, picked=revealed.vote.winner)

    def picked(self, winner: Winner) -> str:
        """Return what the line says after the vote."""
        return f"{view.PICKED[winner]} Votes with names in sight count in no rating."


class SideBySideTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Column(elem_id="beside", elem_classes="stage"):
            self._ask()
            self.idle = gr.HTML(elem_id="beside-idle", elem_classes="start-page", **DISPLAY)
            self.stage = NamedStage(bench, PREFIX)
        self._wire()

    def _ask(self) -> None:
        with gr.Row(elem_id="beside-ask", elem_classes="ask"):
            self.prompt = prompt_box("beside-prompt")
            self.draw = gr.Button("Draw a prompt", elem_id="beside-draw")
            self.start = gr.Button("Compare", variant="primary", elem_id="beside-start", elem_classes="start")
        with gr.Row(elem_id="beside-models", elem_classes="two-models"):
            self.model_a = self._model("A")
            self.model_b = self._model("B")

    def _model(self, side: str) -> gr.Dropdown:
        return gr.Dropdown(
            [],
            label=f"Model {side}",
            elem_id=f"beside-model-{side.lower()}",
            elem_classes=["one-model", f"one-model-{side.lower()}"],
            interactive=True,
        )

    def _wire(self) -> None:
        stage = [*self.stage.parts, self.prompt, self.idle]
        chosen = [self.model_a, self.model_b]
        gr.on([self.start.click, self.prompt.submit], self._start, [self.prompt, *chosen], stage, **STREAM)
        gr.on([self.draw.click, self.stage.bar.next.click], self._draw, chosen, stage, **STREAM)
        self.stage.wire()
        self.stage.wire_follow_ups()

    def wire(self, tab: gr.Tab) -> None:
        """Fill the choice of models each time the tab is opened."""
        outputs = [self.model_a, self.model_b, self.idle, self.stage.counter]
        tab.select(guarded(self._open), [self.model_a, self.model_b], outputs, **QUICK)

    async def leave(self, request: gr.Request) -> None:
        """End what a page streams when it is closed."""
        await self.stage.leave(request)

    def _open(self, model_a: str | None, model_b: str | None, request: gr.Request) -> tuple[Any, ...]:
        names = [spec.name for spec in self._bench.list_models()]
        first = model_a if model_a in names else next(iter(names), None)
        second = model_b if model_b in names else next((name for name in names if name != first), None)
        return (
            gr.update(choices=as_choices(names), value=first),
            gr.update(choices=as_choices(names), value=second),
            view.side_by_side(len(names)),
            self.stage.count(asking(request)),
        )

    async def _start(
        self, text: str | None, model_a: str | None, model_b: str | None, request: gr.Request
    ) -> AsyncIterator[Update]:
        async for update in self._battle(prompt_in(text), model_a, model_b, request):
            yield update

    async def _draw(
        self, model_a: str | None, model_b: str | None, request: gr.Request
    ) -> AsyncIterator[Update]:
        async for update in self._battle(self._drawn(model_a, model_b, request), model_a, model_b, request):
            yield update

    async def _drawn(self, model_a: str | None, model_b: str | None, request: gr.Request) -> Prompt:
        return await asyncio.to_thread(self._bench.common_prompt, *_both(model_a, model_b), asking(request))

    async def _battle(
        self, prompt: Awaitable[Prompt], model_a: str | None, model_b: str | None, request: gr.Request
    ) -> AsyncIterator[Update]:
        async def opening() -> OpenBattle:
            asked = await prompt
            return await asyncio.to_thread(
                self._bench.start_named_battle,
                asking(request, Limited.BATTLE),
                asked,
                *_both(model_a, model_b),
            )

        def shown(opened: OpenBattle) -> Update:
            names = self.stage.panes.named(*_both(model_a, model_b), "writing\u2026")
            return {self.prompt: opened.prompt.text} | names

        async for update in self.stage.fight(opening(), request, shown):
            yield update


def _both(model_a: str | None, model_b: str | None) -> tuple[str, str]:
    if not model_a or not model_b:
        raise InvalidInput("Choose both models first.")
    return model_a, model_b
