"""A stage on which models write: one stream a page, of a new battle or of a follow-up."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import gradio as gr

from arena.battles import Frame
from arena.errors import WorkbenchError
from arena.types import Battle
from workbench.access.limits import Limited
from workbench.bench import Workbench
from workbench.notices import refusal
from workbench.results import OpenBattle
from workbench.tabs.events import STREAM, written
from workbench.tabs.panes import Update
from workbench.tabs.stage import Stage, as_id, asking, page_of
from workbench.tabs.streams import Streams
from workbench.views import arena as view

Writers = tuple[view.PaneText, view.PaneText]


class LiveStage(Stage):
    """A stage whose battles are fought before the reader's eyes."""

    def __init__(self, bench: Workbench, prefix: str = "") -> None:
        super().__init__(bench, prefix, follow_ups=True, additions=True)
        self.streams = Streams()

    def wire_follow_ups(self) -> None:
        """Attach asking both models one more thing."""
        follow, ask = self.bar.follow, self.bar.ask
        if follow is None or ask is None:
            return
        gr.on(
            [ask.click, follow.submit],
            self._follow_up,
            [follow, self.battle_id],
            self.parts,
            **STREAM,
        )

    async def leave(self, request: gr.Request) -> None:
        """End what a page streams when it is closed."""
        self.streams.end(page_of(request))

    def end(self, request: gr.Request) -> None:
        """End what a page streams, because something else shall stand there."""
        self.streams.end(page_of(request))

    async def fight(
        self, opening: Awaitable[OpenBattle], request: gr.Request, shown: Callable[[OpenBattle], Update]
    ) -> AsyncIterator[Update]:
        """Stream one battle, its first update with what is `shown` of it.

        One that this page still streams ends only if this one can begin.
        """
        try:
            opened = await opening
        except WorkbenchError as error:
            raise refusal(error) from error
        earlier = view.before(opened.prompt)
        writers = (view.PaneText(earlier), view.PaneText(earlier))
        first = self.cleared() | shown(opened)
        async for update in self._stream(request, first, opened.frames, writers):
            yield update

    async def _follow_up(
        self, text: str | None, battle_id: str | None, request: gr.Request
    ) -> AsyncIterator[Update]:
        asked = written(text)
        try:
            frames, battle = await asyncio.to_thread(self._asked, as_id(battle_id), asked, request)
        except WorkbenchError as error:
            raise refusal(error) from error
        writers = (
            view.PaneText(view.conversation(battle, "a"), asked),
            view.PaneText(view.conversation(battle, "b"), asked),
        )
        first = self.writing(battle) | {self.bar.follow: ""}
        async for update in self._stream(request, first, frames, writers):
            yield update

    def _asked(
        self, battle_id: uuid.UUID, text: str, request: gr.Request
    ) -> tuple[AsyncIterator[Frame], Battle]:
        voter = asking(request, Limited.BATTLE)
        return self.bench.follow_up(battle_id, text, voter), self.bench.battle(battle_id)

    async def _stream(
        self, request: gr.Request, first: Update, frames: AsyncIterator[Frame], writers: Writers
    ) -> AsyncIterator[Update]:
        """Yield `first` and then the frames as they come, ending whatever this page streamed before."""
        end = self.streams.begin(page_of(request))
        yield first
        try:
            async with aclosing(self.streams.run(page_of(request), end, frames)) as running:
                async for frame in running:
                    if frame.battle is not None:
                        yield await asyncio.to_thread(self.finished, frame.battle)
                    else:
                        yield {
                            self.panes.body_a: writers[0].blocks(frame.text_a),
                            self.panes.body_b: writers[1].blocks(frame.text_b),
                        }
        except WorkbenchError as error:
            raise refusal(error) from error
