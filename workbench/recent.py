"""Figures that take long, kept with the state of the store that they are of.

A figure of the state as it is now is shown at once. Where the state has moved on, a figure that took little time is
counted again before it is shown; one that took long is shown as it was, and counted again in the background, so that
whoever opens a screen never waits for a million votes. Only screens use this: commands and the API count afresh.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

T = TypeVar("T")

PATIENCE_S = 0.3
"""A figure that took no more CPU time than this (a busy machine makes none slow) is counted before it is shown."""


@dataclass(frozen=True, slots=True)
class _Figure:
    state: Hashable
    value: Any
    seconds: float


class Recent:
    """The figures last counted, by key; every method may be called from any thread."""

    def __init__(self, limit: int = 24, patience_s: float = PATIENCE_S) -> None:
        """Keep up to `limit` figures."""
        self._limit = limit
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, _Figure] = OrderedDict()
        self._turns: dict[Hashable, threading.Lock] = {}
        self._threads: dict[Hashable, threading.Thread] = {}
        self._closed = False

    def get(self, key: Hashable, state: Hashable, count: Callable[[], T]) -> T:
        """Return the figure `key` of `state`, or of a state before if counting takes long and is going on.

        Raises:
            Exception: whatever `count` raised, when it was called here.
        """
        known = self._look(key)
        if known is None or (known.state != state and known.seconds <= self._patience_s):
            return cast(T, self._counted(key, state, count).value)
        if known.state != state:
            self._count_behind(key, state, count)
        return cast(T, known.value)

    def behind(self, names: Collection[str]) -> bool:
        """Whether a figure whose key begins with one of `names` is counted again, and `get` gives the one before."""
        with self._lock:
            return any(isinstance(key, tuple) and key[0] in names for key in self._threads)

    def wait(self) -> None:
        """Return when nothing is being counted in the background."""
        for thread in self._running():
            thread.join()

    def close(self) -> None:
        """Begin nothing more in the background, and wait a moment for what is going on."""
        with self._lock:
            self._closed = True
        for thread in self._running():
            thread.join(5)

    def _running(self) -> list[threading.Thread]:
        with self._lock:
            return list(self._threads.values())

    def _look(self, key: Hashable) -> _Figure | None:
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def _counted(self, key: Hashable, state: Hashable, count: Callable[[], Any]) -> _Figure:
        """Count, one thread at a time for each key; who waited takes what the other has counted."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            known = self._look(key)
            if known is not None and known.state == state:
                return known
            begun = time.thread_time()
            value = count()
            figure = _Figure(state, value, time.thread_time() - begun)
            with self._lock:
                self._known[key] = figure
                self._known.move_to_end(key)
                while len(self._known) > self._limit:
                    gone, _ = self._known.popitem(last=False)
                    self._turns.pop(gone, None)
            return figure

    def _count_behind(self, key: Hashable, state: Hashable, count: Callable[[], Any]) -> None:
        with self._lock:
            if self._closed or key in self._threads:
                return
            thread = threading.Thread(
                target=self._behind, args=(key, state, count), daemon=True, name="recent"
            )
            self._threads[key] = thread
        thread.start()

    def _behind(self, key: Hashable, state: Hashable, count: Callable[[], Any]) -> None:
        try:
            self._counted(key, state, count)
        except Exception:
            with self._lock:
                self._known.pop(key, None)  # whoever asks next counts it themselves, and is told
        finally:
            with self._lock:
                self._threads.pop(key, None)
