"""How many requests may be in flight: as many as were asked for, fewer while the server turns many away.

Single refusals are met by every large run and mean nothing. When more than a quarter of the recent replies are
refusals for lack of room, the number is halved and nothing starts for as long as the server asked; each full round of
good replies then gives one slot back.
"""

import time
from collections import deque

RECENT = 32
FEWEST = 8
"""So many replies are needed to judge by."""
REFUSED_SHARE = 0.25


class Slots:
    """The bound on requests in flight; for one event loop."""

    def __init__(self, most: int) -> None:
        self.limit = most
        self._most = most
        self._recent: deque[bool] = deque(maxlen=RECENT)
        self._good = 0
        self._closed_until = 0.0

    def free(self, in_flight: int) -> bool:
        """Whether another request may start beside so many."""
        return in_flight < self.limit and (not self._closed_until or time.monotonic() >= self._closed_until)

    def answered(self, *, busy: bool, pause: float | None = None) -> None:
        """Take note of a reply: whether the server had no room, and how long the call then waits."""
        self._recent.append(busy)
        if not busy:
            self._good += 1
            if self.limit < self._most and self._good >= self.limit:
                self.limit, self._good = self.limit + 1, 0
            return
        self._good = 0
        if len(self._recent) >= FEWEST and sum(self._recent) > REFUSED_SHARE * len(self._recent):
            self.limit = max(1, self.limit // 2)
            self._closed_until = max(self._closed_until, time.monotonic() + (pause or 0.0))
            self._recent.clear()
