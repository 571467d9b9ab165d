"""How many requests may be in flight: as many as were asked for, fewer while the server turns many away.

Single refusals are met by every large run and mean nothing. When more than a quarter of the latest requests were
turned away for lack of room, the number is halved and nothing starts for as long as the server asked; each full round
of good replies then raises it by a quarter. Requests in flight count as not turned away, because a refusal comes at
once and a reply later: of the first replies of any run most are refusals.
"""

import time
from collections import deque

FEWEST = 8
"""So many replies are needed to judge by."""
REFUSED_SHARE = 0.25


class Slots:
    """The bound on requests in flight; for one event loop."""

    def __init__(self, most: int) -> None:
        self.limit = most
        self._most = most
        self._latest: deque[bool] = deque(maxlen=max(32, most))
        self._good = 0
        self._closed_until = 0.0

    def free(self, in_flight: int) -> bool:
        """Whether another request may start beside so many."""
        return in_flight < self.limit and (not self._closed_until or time.monotonic() >= self._closed_until)

    def answered(self, in_flight: int, *, busy: bool, pause: float | None = None) -> None:
        """Take note of a reply, beside so many in flight: had the server no room, and how long is the wait then."""
        self._latest.append(busy)
        if not busy:
            self._good += 1
            if self.limit < self._most and self._good >= self.limit:
                self.limit, self._good = min(self._most, self.limit + max(1, self.limit // 4)), 0
            return
        asked = len(self._latest) + in_flight
        if len(self._latest) >= FEWEST and sum(self._latest) > REFUSED_SHARE * asked:
            self.limit, self._good = max(1, self.limit // 2), 0
            self._closed_until = max(self._closed_until, time.monotonic() + (pause or 0.0))
            self._latest.clear()
