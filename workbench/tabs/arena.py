"""The arena tab: a prompt, a blind battle, a vote, then the names.

The browser holds nothing that tells who answers: names are the return value of the vote handler only.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import gradio as gr

from arena.types import Prompt
from workbench.access.limits import Limited
from workbench.bench import Workbench
from workbench.results import OpenBattle
from workbench.tabs.events import DISPLAY, STREAM
from workbench.tabs.filters import as_choices
from workbench.tabs.live import LiveStage
from workbench.tabs.panes import Update
from workbench.tabs.prompt_box import prompt_box, prompt_in
from workbench.tabs.stage import asking
from workbench.views import arena as view

ALL_SETS = "All prompt sets"
EXAMPLES = 4


class ArenaTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        with gr.Column(elem_id="arena", elem_classes="stage"):
            self._ask()
            self.idle = gr.HTML(elem_id="idle", elem_classes="start-page", **DISPLAY)
            self.stage = LiveStage(bench)
        self._wire()

    def _ask(self) -> None:
        with gr.Row(elem_id="ask", elem_classes="ask"):
            self.prompt = prompt_box("prompt")
            self.sets = gr.Dropdown(
                [ALL_SETS],
                value=ALL_SETS,
                show_label=False,
                container=False,
                label="Prompt set",
                visible=False,
                elem_id="prompt-set",
                elem_classes="pick-one",
                interactive=True,
                filterable=False,
            )
            self.surprise = gr.Button("Surprise me", elem_id="surprise")
            self.start = gr.Button("Start battle", variant="primary", elem_id="start", elem_classes="start")

    def _wire(self) -> None:
        stage = [*self.stage.parts, self.prompt, self.idle]
        gr.on([self.start.click, self.prompt.submit], self._start, [self.prompt], stage, **STREAM)
        self.surprise.click(self._surprise, [self.sets], stage, **STREAM)
        self.stage.bar.next.click(self._next, [self.sets], stage, **STREAM)
        self.stage.wire()
        self.stage.wire_follow_ups()

    @property
    def on_load(self) -> list[Any]:
        """Return the components that `load` fills."""
        return [*self.stage.parts, self.prompt, self.idle, self.sets]

    def load(self, request: gr.Request) -> Update:
        """Give the voter their open battle back, or the idle page."""
        voter = asking(request)
        sets = self._bench.prompt_sets()
        shown = {
            self.stage.counter: self.stage.count(voter),
            self.idle: self._idle(),
            self.sets: gr.update(
                choices=as_choices([ALL_SETS, *sets]), value=ALL_SETS, visible=len(sets) > 1
            ),
        }
        battle = self._bench.open_battle(voter)
        if battle is None:
            return shown | {self.stage.status: view.status("idle", "")}
        return (
            shown | self.stage.finished(battle) | {self.prompt: battle.prompt.text if battle.prompt else ""}
        )

    async def leave(self, request: gr.Request) -> None:
        """End what a page streams when it is closed."""
        await self.stage.leave(request)

    async def _start(self, text: str | None, request: gr.Request) -> AsyncIterator[Update]:
        async for update in self._battle(prompt_in(text), request):
            yield update

    async def _surprise(self, set_name: str, request: gr.Request) -> AsyncIterator[Update]:
        name = None if set_name == ALL_SETS else set_name
        drawn = asyncio.to_thread(self._bench.surprise, name, asking(request))
        async for update in self._battle(drawn, request):
            yield update

    async def _next(self, set_name: str, request: gr.Request) -> AsyncIterator[Update]:
        if self._bench.prompt_sets():
            async for update in self._surprise(set_name, request):
                yield update
        else:
            self.stage.end(request)
            yield self.stage.cleared() | {
                self.prompt: "",
                self.stage.status: view.status("idle", "Write the next prompt."),
            }

    async def _battle(self, prompt: Awaitable[Prompt], request: gr.Request) -> AsyncIterator[Update]:
        async def opening() -> OpenBattle:
            return await asyncio.to_thread(
                self._bench.start_battle, asking(request, Limited.BATTLE), await prompt
            )

        def shown(opened: OpenBattle) -> Update:
            return {self.prompt: opened.prompt.text}

        async for update in self.stage.fight(opening(), request, shown):
            yield update

    def _idle(self) -> str:
        single = [prompt for prompt in self._bench.examples(3 * EXAMPLES) if len(prompt.messages) == 1]
        return view.idle(single[:EXAMPLES], len(self._bench.list_models()))
