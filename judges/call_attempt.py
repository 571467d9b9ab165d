"""One attempt at a call, and whether there is to be another."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arena.judgments import Failure
from arena.models import CallFailed, Completion, Model, complete
from arena.types import Sampling
from judges.reading import Unreadable

if TYPE_CHECKING:
    from judges.calls import CallRequest, CallSettings


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one request brought: a reading, or a failure with its detail; `completion` is what came, if anything."""

    reading: Mapping[str, Any] | None
    failure: Failure | None
    detail: str | None
    completion: Completion | None
    seconds: float
    fault: CallFailed | None = None

    @property
    def replied(self) -> bool:
        """Whether the model was heard, readable or not."""
        return self.failure is not Failure.NO_REPLY

    @property
    def busy(self) -> bool:
        """Whether the server only had no room."""
        return self.fault is not None and self.fault.busy

    @property
    def charged(self) -> bool:
        """Whether the attempt may have to be paid for."""
        return self.fault is None or self.fault.charged


async def attempt(model: Model, request: "CallRequest", sampling: Sampling) -> Attempt:
    """Send one request and read its reply."""
    started = time.monotonic()
    try:
        completion = await complete(
            model,
            request.messages,
            sampling,
            json_schema=request.json_schema,
            top_logprobs=request.top_logprobs,
        )
    except CallFailed as fault:
        seconds = time.monotonic() - started
        return Attempt(None, fault.failure, str(fault), fault.completion, seconds, fault)
    seconds = time.monotonic() - started
    try:
        return Attempt(request.read(completion), None, None, completion, seconds)
    except Unreadable as unread:
        return Attempt(None, unread.failure, unread.detail, completion, seconds)


@dataclass(slots=True)
class Tries:
    """The attempts at one call in one run."""

    counted: int = 0
    unreadable: int = 0
    busy: int = 0

    def pause_after(self, tried: Attempt, settings: "CallSettings", jitter: random.Random) -> float | None:
        """Count an attempt; return the seconds until the next one, `None` when it was the last.

        A reply that nobody can read, and the first that is lost on its way, is asked for again at once: the server is
        well. A server that names its wait is waited for; otherwise pauses double.
        """
        if tried.failure is None:
            return None
        if tried.busy:
            self.busy += 1
            left = self.busy < settings.busy_attempts
        else:
            self.counted += 1
            left = self.counted < settings.attempts
        fault = tried.fault
        if tried.replied or fault is None:
            self.unreadable += 1
            return 0.0 if left and self.unreadable < settings.unreadable_attempts else None
        if not left or not fault.transient:
            return None
        if fault.retry_after is not None:
            asked = fault.retry_after
            return asked * jitter.uniform(1.0, 1.1) if asked <= settings.longest_pause else None
        if fault.charged and self.counted == 1:
            return 0.0
        doubled = settings.first_pause * 2.0 ** (self.counted + self.busy - 1)
        return min(settings.longest_pause, doubled) * jitter.uniform(0.75, 1.25)
