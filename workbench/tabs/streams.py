"""One stream a page: a new battle, a skip or the closed page ends the one before, and with it the models that write.

A model that says nothing would never notice that nobody listens, so the wait for its next word is raced against the
page's own end.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from arena.battles import Frame


class Streams:
    """What the pages stream at present, by their session."""

    def __init__(self) -> None:
        self._ends: dict[str, asyncio.Event] = {}

    def end(self, page: str) -> None:
        """End what a page streams, if it does."""
        if (end := self._ends.pop(page, None)) is not None:
            end.set()

    def begin(self, page: str) -> asyncio.Event:
        """End what the page streams and return what will end its next stream, to be handed to `run`."""
        self.end(page)
        self._ends[page] = end = asyncio.Event()
        return end

    async def run(
        self, page: str, end: asyncio.Event, frames: AsyncIterator[Frame]
    ) -> AsyncGenerator[Frame, None]:
        """Yield frames until they are over or `end` is set; then close them."""
        ended = asyncio.create_task(end.wait())
        coming: asyncio.Future[Frame] | None = None
        try:
            while True:
                coming = asyncio.ensure_future(anext(frames))
                await asyncio.wait({coming, ended}, return_when=asyncio.FIRST_COMPLETED)
                if end.is_set():
                    return
                try:
                    frame = coming.result()
                except StopAsyncIteration:
                    return
                yield frame
        finally:
            if self._ends.get(page) is end:
                del self._ends[page]
            for task in (coming, ended):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
            await frames.aclose()  # type: ignore[attr-defined]
