"""Models whose weights are here: the asyncio side of an engine's thread."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Sequence

from arena.errors import ModelFailed
from arena.models.base import Delta, Finish
from arena.models.engine import Engine
from arena.models.loading import BaseKey, adapter_key, base_key
from arena.models.options import local_options
from arena.models.rows import Request
from arena.types import Message, ModelSpec, Sampling


class LocalModel:
    """A base, or a base with an adapter, that answers through the engine its base shares."""

    def __init__(self, spec: ModelSpec, engine_of: Callable[[BaseKey], Engine]) -> None:
        self.spec = spec
        self._options = local_options(spec)
        self._engine_of = engine_of

    @property
    def engine(self) -> Engine:
        """The engine of this model's base."""
        options = self._options
        return self._engine_of(
            base_key(options.path, four_bit=options.four_bit, dtype=options.dtype, device=options.device)
        )

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[Delta | Finish, None]:
        """Stream the model's answer; see `Model.stream`."""
        mailbox = _Mailbox()
        cancelled = threading.Event()
        try:
            adapter = adapter_key(self._options.adapter) if self._options.adapter else None
            self.engine.submit(Request(messages, sampling, adapter, mailbox.put, cancelled))
            while True:
                for event in await mailbox.take():
                    if isinstance(event, ModelFailed):
                        raise event
                    yield event
                    if isinstance(event, Finish):
                        return
        except ModelFailed as failure:
            raise ModelFailed(f"{self.spec.name}: {failure}") from failure
        finally:
            cancelled.set()


class _Mailbox:
    """Carries events from an engine's thread to the event loop it was made in; what piles up arrives together."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._lock = threading.Lock()
        self._events: list[Delta | Finish | ModelFailed] = []

    def put(self, event: Delta | Finish | ModelFailed) -> None:
        with self._lock:
            self._events.append(event)
            first = len(self._events) == 1
        if first and not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._arrived.set)
            except RuntimeError:
                # The loop was closed between the question and the call: nobody is left to read.
                return

    async def take(self) -> list[Delta | Finish | ModelFailed]:
        await self._arrived.wait()
        with self._lock:
            self._arrived.clear()
            events, self._events = self._events, []
        return events
