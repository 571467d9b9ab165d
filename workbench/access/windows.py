"""Moving windows: how often something happened under a key in the last minute, at the cost of a few list steps.

The library `limits` keeps such windows in memory too, but starts a thread every hundredth of a second to walk over all
keys, which a crowd of voters feels. Here a key that has been quiet for a minute is dropped when another is counted.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

_DROPPED = 2
"""At most so many quiet keys are dropped a count: more than come in, so that none are left over."""


class Windows:
    """Events of the last `seconds` by key; every method may be called from any thread."""

    def __init__(self, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing counted; `clock` tells seconds."""
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._events: OrderedDict[str, deque[float]] = OrderedDict()

    def hit(self, key: str, amount: int) -> float | None:
        """Count one more under `key` unless `amount` were counted already; then return the seconds until one may be."""
        with self._lock:
            now = self._clock()
            events = self._events.get(key)
            if events is None:
                events = self._events[key] = deque()
            while events and events[0] <= now - self._seconds:
                events.popleft()
            if len(events) >= amount:
                return events[len(events) - amount] + self._seconds - now
            events.append(now)
            self._events.move_to_end(key)
            self._drop_quiet(now - self._seconds)
            return None

    def __len__(self) -> int:
        return len(self._events)

    def _drop_quiet(self, before: float) -> None:
        for _ in range(_DROPPED):
            key, events = next(iter(self._events.items()))
            if events and events[-1] > before:
                return
            del self._events[key]
