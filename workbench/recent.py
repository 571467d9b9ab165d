"""Figures that take long, kept with the state of the store that they are of.

A figure of the state as it is now is shown at once. Where the state has moved on, a figure that took little time is
counted again before it is shown; one that took long is shown as it was, and counted again in the background, so that
whoever opens a screen never waits for a million votes. Only screens use this: commands and the API count afresh.

The background gives way: one figure is counted at a time, once no screen has asked for any for a moment, and none takes
more than a tenth of one core's time however often the state moves on.
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
PAUSE_S = 4.0
"""So long no screen must have asked for a figure before one is counted in the background,"""
LONGEST_S = 30.0
"""unless it has waited for so long."""
_REST = 9.0
"""A figure rests so many times as long as it took before it is counted in the background again."""


@dataclass(frozen=True, slots=True)
class _Figure:
    state: Hashable
    value: Any
    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """A figure to be counted again, not before `first`."""

    state: Hashable
    count: Callable[[], Any]
    first: float


class Recent:
    """The figures last counted, by key; every method may be called from any thread."""

    def __init__(
        self,
        limit: int = 24,
        patience_s: float | Callable[[], float] = PATIENCE_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        """Keep up to `limit` figures; `patience_s` may be another from time to time."""
        self._limit = limit
        self._patience_s = patience_s
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._known: OrderedDict[Hashable, _Figure] = OrderedDict()
        self._turns: dict[Hashable, threading.Lock] = {}
        self._asked: dict[Hashable, _Asked] = {}
        self._counting: Hashable | None = None
        self._worker: threading.Thread | None = None
        self._shown_at = float("-inf")
        self._hurried = False
        self._closed = False

    def get(self, key: Hashable, state: Hashable, count: Callable[[], T], *, at_least_s: float = 0.0) -> T:
        """Return the figure `key` of `state`, or of a state before if counting takes long and is to come.

        A figure that shares what is dear with others may come quickly now and slowly next time: `at_least_s` says how
        long it is to be taken to last.

        Raises:
            Exception: whatever `count` raised, when it was called here.
        """
        known = self._look(key)
        if known is None or (known.state != state and max(known.seconds, at_least_s) <= self._patience()):
            return cast(T, self._counted(key, state, count).value)
        if known.state != state:
            self._ask(key, known, state, count)
        return cast(T, known.value)

    def behind(self, names: Collection[str]) -> bool:
        """Whether `get` gives, of figures whose key begins with one of `names`, some of a state before."""
        with self._lock:
            return any(isinstance(key, tuple) and key[0] in names for key in (*self._asked, self._counting))

    def wait(self) -> None:
        """Count at once all that waits for the background, and return when it is done."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._asked and self._counting is None)
            self._hurried = False

    def close(self) -> None:
        """Begin nothing more in the background, and wait a moment for what is going on."""
        with self._changed:
            self._closed = True
            self._asked.clear()
            self._changed.notify_all()
            worker = self._worker
        if worker is not None:
            worker.join(5)

    def _patience(self) -> float:
        return self._patience_s() if callable(self._patience_s) else self._patience_s

    def _look(self, key: Hashable) -> _Figure | None:
        with self._lock:
            self._shown_at = time.monotonic()
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def _counted(self, key: Hashable, state: Hashable, count: Callable[[], Any]) -> _Figure:
        """Count, one thread at a time for each key; who waited takes what the other has counted."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                known = self._known.get(key)
            if known is not None and known.state == state:
                return known
            begun = time.thread_time()
            value = count()
            figure = _Figure(state, value, time.thread_time() - begun, time.monotonic())
            with self._lock:
                self._known[key] = figure
                self._known.move_to_end(key)
                while len(self._known) > self._limit:
                    gone, _ = self._known.popitem(last=False)
                    self._turns.pop(gone, None)
            return figure

    def _ask(self, key: Hashable, known: _Figure, state: Hashable, count: Callable[[], Any]) -> None:
        now = time.monotonic()
        with self._changed:
            if self._closed:
                return
            before = self._asked.get(key)
            first = max(now, known.at + _REST * known.seconds) if before is None else before.first
            self._asked[key] = _Asked(state, count, first)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, daemon=True, name="recent")
                self._worker.start()
            self._changed.notify_all()

    def _work(self) -> None:
        """Count what is asked for, one at a time, until nothing is left."""
        while True:
            with self._changed:
                key = self._next()
                if key is None:
                    self._worker = None
                    return
                asked, self._counting = self._asked.pop(key), key
            failed = False
            try:
                self._counted(key, asked.state, asked.count)
            except Exception:
                failed = True
            with self._changed:
                if failed:
                    self._known.pop(key, None)  # whoever asks next counts it themselves, and is told
                self._counting = None
                self._changed.notify_all()

    def _next(self) -> Hashable | None:
        """Wait for a figure whose time has come, and return its key; `None` once nothing is asked for."""
        while self._asked:
            now = time.monotonic()
            due = {key: self._due(asked) for key, asked in self._asked.items()}
            key = min(due, key=due.__getitem__)
            if due[key] <= now:
                return key
            self._changed.wait(due[key] - now)
        return None

    def _due(self, asked: _Asked) -> float:
        if self._hurried:
            return 0.0
        return min(max(asked.first, self._shown_at + self._pause_s), asked.first + LONGEST_S)
