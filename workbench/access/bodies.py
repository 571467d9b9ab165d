"""Requests of bounded size: what is longer than allowed is refused while it is read, whatever it said of itself."""

from starlette.types import Message, Receive, Scope

from workbench.access.headers import header

SMALL = 4 * 1024 * 1024
"""Bytes of an ordinary request: a long prompt, a vote, a filter."""
MEGABYTE = 1024 * 1024


class Bounded:
    """A `receive` that ends the request once it is longer than `limit` bytes."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.exceeded = False

    async def __call__(self) -> Message:
        """Return the next message, a disconnect after too many bytes."""
        if self.exceeded:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.exceeded = True
                return {"type": "http.disconnect"}
        return message


def announced(scope: Scope) -> int:
    """Return how many bytes a request says it has, 0 if it does not say so in digits."""
    given = header(scope, b"content-length")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
