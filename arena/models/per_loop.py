"""Things that belong to the event loop they were made in, such as network clients, and are closed together with it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """One thing for each event loop and key, made when first asked for; safe to use from several threads' loops.

    A thing is closed when its loop ends, or when this object is let go of. For the latter it must not be part of a
    cycle of references: `close` knows nothing of whoever owns it.
    """

    def __init__(self, close: Callable[[T], Awaitable[None]]) -> None:
        self._close = close
        self._made: dict[tuple[asyncio.AbstractEventLoop, Hashable], _Made[T]] = {}

    async def get(self, make: Callable[[], T], key: Hashable = None) -> T:
        """Return the running loop's thing for `key`, or the one that `make` makes."""
        loop = asyncio.get_running_loop()
        made = self._made.get((loop, key))
        if made is None:
            for place in [place for place in list(self._made) if place[0].is_closed()]:
                self._made.pop(place, None)
            thing = make()
            made = self._made[loop, key] = _Made(thing, _closing_at_the_end(thing, self._close))
            await anext(made.end)
        return made.thing


@dataclass(frozen=True, slots=True)
class _Made(Generic[T]):
    """A thing, and the generator that closes it: a loop that ends closes its generators first."""

    thing: T
    end: AsyncGenerator[None, None]


async def _closing_at_the_end(thing: T, close: Callable[[T], Awaitable[None]]) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await close(thing)
