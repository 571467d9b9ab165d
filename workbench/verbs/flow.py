"""Many requests at once, and what they bring kept in small groups as it comes, so that a kill loses moments of work."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST_TOGETHER = 256
"""So many results are kept in one transaction at most."""


async def flow(
    items: Iterable[T],
    slots: int,
    make: Callable[[T], Awaitable[R]],
    keep: Callable[[list[R]], object],
    *,
    stop: threading.Event | None = None,
    on_kept: Callable[[list[R], int], None] = lambda results, in_flight: None,
) -> None:
    """Make something of each of `items`, `slots` at once, and keep the results in groups while others are made.

    `keep` runs in a thread; `on_kept` is told each group that it kept, and how many are being made. Once `stop` is
    set nothing new is begun, and what was begun is kept.

    Raises:
        Exception: the first that `make` or `keep` raised; what was being made then is lost.
    """
    made: asyncio.Queue[R | None] = asyncio.Queue()
    waiting = iter(items)
    working = 0

    async def worker() -> None:
        nonlocal working
        while not (stop is not None and stop.is_set()):
            try:
                item = next(waiting)
            except StopIteration:
                return
            working += 1
            result = await make(item)
            working -= 1
            made.put_nowait(result)

    async def makers() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(slots):
                group.create_task(worker())
        made.put_nowait(None)

    async def keeper() -> None:
        while (first := await made.get()) is not None:
            results, last = [first], False
            while not made.empty() and len(results) < MOST_TOGETHER and not last:
                if (more := made.get_nowait()) is None:
                    last = True
                else:
                    results.append(more)
            await asyncio.to_thread(keep, results)
            on_kept(results, working)
            if last:
                return

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(makers())
            group.create_task(keeper())
    except BaseExceptionGroup as errors:
        raise _first(errors) from errors


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
