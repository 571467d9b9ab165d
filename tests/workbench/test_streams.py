"""A page streams one thing at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from arena.battles import Frame
from workbench.tabs.streams import Streams


class Endless:
    """Frames that stop coming after the first, and know when they were closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def frames(self) -> AsyncIterator[Frame]:
        try:
            yield Frame("a", "b")
            await asyncio.Event().wait()
        finally:
            self.closed.set()


async def listen(streams: Streams, page: str, frames: AsyncIterator[Frame]) -> list[Frame]:
    async with aclosing(streams.run(page, streams.begin(page), frames)) as running:
        return [frame async for frame in running]


async def short() -> AsyncIterator[Frame]:
    yield Frame("1", "1")
    yield Frame("2", "2", done=True)


async def test_a_stream_that_ends_gives_all_its_frames() -> None:
    assert [f.text_a for f in await listen(Streams(), "page", short())] == ["1", "2"]


async def test_a_new_stream_of_the_page_ends_the_one_that_hangs() -> None:
    streams, hanging = Streams(), Endless()
    first = asyncio.create_task(listen(streams, "page", hanging.frames()))
    await asyncio.sleep(0.01)
    assert len(await listen(streams, "page", short())) == 2
    assert len(await first) == 1
    assert hanging.closed.is_set()


async def test_a_stream_replaced_before_its_first_frame_gives_none() -> None:
    streams = Streams()
    end = streams.begin("page")
    assert len(await listen(streams, "page", short())) == 2
    assert [frame async for frame in streams.run("page", end, short())] == []


async def test_pages_do_not_end_each_others_streams() -> None:
    streams, hanging = Streams(), Endless()
    first = asyncio.create_task(listen(streams, "one", hanging.frames()))
    await asyncio.sleep(0.01)
    await listen(streams, "two", short())
    assert not hanging.closed.is_set()
    streams.end("one")
    await first
    assert hanging.closed.is_set()


async def test_a_closed_listener_closes_its_frames() -> None:
    streams, hanging = Streams(), Endless()
    running = streams.run("page", streams.begin("page"), hanging.frames())
    await anext(running)
    await running.aclose()
    assert hanging.closed.is_set()
