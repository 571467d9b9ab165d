"""Work done by several threads that begin at the same moment."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def at_once(work: Callable[[int], T], threads: int = 8) -> dict[int, T]:
    """Call `work` with each thread's number and return what it gave; a thread that raised has no entry."""
    found: dict[int, T] = {}
    start = threading.Barrier(threads)

    def run(number: int) -> None:
        start.wait()
        found[number] = work(number)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return found
