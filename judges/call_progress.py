"""How far a run of calls is: what a progress bar and a final report show."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from arena.judgments import Failure

RATE_SECONDS = 20.0
"""The rate is that of the last so many seconds."""


@dataclass(frozen=True, slots=True)
class CallProgress:
    """Calls by what became of them; `requests` counts attempts, which is what is paid for.

    `total` is `None` while nobody knows it. `rate` is settled calls a second, `seconds_left` follows from it. Tokens
    and cost count what the server told; `cost` is `None` without prices.
    """

    total: int | None = None
    done: int = 0
    """Calls with a reading, asked in this run."""
    cached: int = 0
    """Calls that had their reading already, or share it with another call of this run."""
    failed: int = 0
    failures: Mapping[Failure, int] = field(default_factory=dict)
    not_asked: int = 0
    in_flight: int = 0
    waiting: int = 0
    """Calls that will be asked again after a pause."""
    requests: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    @property
    def settled(self) -> int:
        """Return how many calls have an outcome."""
        return self.done + self.cached + self.failed


class Pace:
    """The rate of something, and what it means for the rest."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._seen: deque[tuple[float, int]] = deque()
        self._count = 0

    def add(self, how_many: int) -> None:
        """Count `how_many` that happened now."""
        now = time.monotonic()
        self._count += how_many
        self._seen.append((now, how_many))
        while self._seen[0][0] < now - RATE_SECONDS:
            self._count -= self._seen.popleft()[1]

    def rate(self) -> float | None:
        """Return how many a second lately, `None` before the first."""
        if not self._seen:
            return None
        seconds = min(RATE_SECONDS, time.monotonic() - self._started)
        return self._count / max(seconds, 1e-3)
