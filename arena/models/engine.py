"""One base in memory, one thread, one batch: whatever asks a base for text shares its forward passes.

The thread takes the requests that wait, makes rows of them and runs rounds (see `arena.models.rounds`) until none is
left. Loading happens here too, so an event loop never waits for it.
"""

import contextlib
import gc
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from arena.errors import ModelFailed
from arena.models.loading import AdapterKey, Base, BaseKey, load_adapter, load_base
from arena.models.rounds import ROUND_STEPS, run_round
from arena.models.rows import NO_ADAPTER, Request, Row

WINDOW = 0.005
"""Seconds an idle engine waits for more requests after the first, so that both sides of a battle share a batch."""

MAX_BATCH = 64
"""Rows of one round; halved whenever the accelerator's memory does not hold as many."""

CLOSING = 10.0
"""Seconds `close` waits for the thread; one that is loading weights ends by itself afterwards."""


@dataclass(slots=True)
class Stats:
    """What an engine has done so far."""

    loads: int = 0
    rounds: int = 0
    largest_batch: int = 0


class Engine:
    """Answers requests to one base from its own thread; the weights load with the first request."""

    def __init__(self, key: BaseKey, *, max_batch: int = MAX_BATCH, window: float = WINDOW) -> None:
        self.key = key
        self.stats = Stats()
        self._limit = max_batch
        self._window = window
        self._base: Base | None = None
        self._adapters: dict[AdapterKey, str] = {}
        self._waiting: deque[Request] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def submit(self, request: Request) -> None:
        """Queue a request; from any thread.

        Raises:
            ModelFailed: the engine was closed.
        """
        with self._changed:
            if self._closed:
                raise ModelFailed(f"The model in {self.key.path} was closed; ask again.")
            self._waiting.append(request)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name=f"engine {self.key.path}", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop: requests under way fail with one sentence, and the weights are let go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(CLOSING)

    def _work(self) -> None:
        rows: list[Row] = []
        while True:
            requests = self._next(idle=not rows)
            if self._closed:
                break
            rows += self._rows_of(requests)
            batch, later = rows[: self._limit], rows[self._limit :]
            if batch:
                self._round(batch, bool(later))
            rows = [row for row in batch if not row.done] + later
        closed = ModelFailed(f"The model in {self.key.path} was closed while it was asked.")
        for request in (*requests, *(row.request for row in rows)):
            request.deliver(closed)
        self._base = None
        self._adapters.clear()
        _free_memory()

    def _next(self, *, idle: bool) -> list[Request]:
        """Take the requests that wait; an idle engine sleeps until there are some."""
        with self._changed:
            if idle:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                self._changed.wait_for(
                    lambda: len(self._waiting) >= self._limit or self._closed, timeout=self._window
                )
            taken = list(self._waiting)
            self._waiting.clear()
            return taken

    def _rows_of(self, requests: Sequence[Request]) -> list[Row]:
        rows = []
        for request in requests:
            if request.cancelled.is_set():
                continue
            try:
                base = self._loaded()
                rows.append(Row(request, base, self._adapter(base, request.adapter)))
            except ModelFailed as failure:
                request.deliver(failure)
            except Exception as error:
                request.deliver(ModelFailed(f"The model in {self.key.path} could not be asked: {error}"))
        return rows

    def _loaded(self) -> Base:
        if self._base is None:
            self._base = load_base(self.key)
            self.stats.loads += 1
        return self._base

    def _adapter(self, base: Base, key: AdapterKey | None) -> str:
        if key is None:
            return NO_ADAPTER
        if key not in self._adapters:
            name = f"adapter_{len(self._adapters)}"
            load_adapter(base, key, name)
            self._adapters[key] = name
        return self._adapters[key]

    def _round(self, rows: Sequence[Row], more_wait: bool) -> None:
        def interrupted(steps: int, writing: int) -> bool:
            waits = more_wait or bool(self._waiting)
            return self._closed or (steps >= ROUND_STEPS and waits and writing < self._limit)

        self.stats.rounds += 1
        self.stats.largest_batch = max(self.stats.largest_batch, len(rows))
        try:
            run_round(self._loaded(), rows, interrupted)
        except Exception as error:
            if len(rows) > 1 and _out_of_memory(error):
                self._limit = len(rows) // 2
                _free_memory()
                return
            failure = ModelFailed(f"The model in {self.key.path} failed while it wrote: {error}")
            for row in rows:
                row.fail(failure)


def _out_of_memory(error: Exception) -> bool:
    import torch

    return isinstance(error, torch.OutOfMemoryError)


def _free_memory() -> None:
    gc.collect()
    with contextlib.suppress(ImportError):
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()
