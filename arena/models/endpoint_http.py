"""Whole replies over HTTP: one request, one body, over aiohttp and nothing else.

The OpenAI client costs about 1 ms of CPU a request over the same transport, four times as much as the request itself;
a judge asks thousands of them and reads the body on its own. What the client knows beyond that, streams and their
forms, is left to it.
"""

import json
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from arena.models.endpoint_errors import attempt_error, completion_of_body, fault_of_status
from arena.models.per_loop import PerLoop

if TYPE_CHECKING:
    import aiohttp

CONNECT_SECONDS = 10.0
"""Longest wait for a connection."""

KEPT_SECONDS = 4.0
"""An idle connection is closed after this; uvicorn, under most open servers, closes after five."""


class JsonPosts:
    """Sends JSON to one address and returns the chat completion that comes; one session for each event loop."""

    def __init__(self, address: str, timeout: float) -> None:
        """Send to `address`; so many seconds without a byte are a failure."""
        self._address = address
        self._timeout = timeout
        self._sessions: PerLoop[aiohttp.ClientSession] = PerLoop(_close)

    async def post(self, body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Send one request and return the completion in its body.

        Raises:
            AttemptError: any failure of server or network; a broken body counts as one that asking again may mend.
        """
        data = json.dumps(body, ensure_ascii=False).encode(errors="replace")
        session = await self._sessions.get(self._open)
        try:
            async with session.post(
                self._address, data=data, headers={"Authorization": f"Bearer {key}"}
            ) as response:
                reply = await response.read()
        except Exception as error:
            fault = attempt_error(error)
            if fault is None:
                raise
            raise fault from error
        if response.status >= 400:
            raise fault_of_status(response.status, _read(reply), response.headers)
        return completion_of_body(
            reply, response.headers.get("content-type", "application/json"), transient=True
        )

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=min(CONNECT_SECONDS, self._timeout), sock_read=self._timeout
            ),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=proxy_for(self._address),
        )


def proxy_for(address: str) -> str | None:
    """Return the proxy that the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) names for an address."""
    parts = urlsplit(address)
    if parts.hostname is None or urllib.request.proxy_bypass(parts.hostname):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


async def _close(session: "aiohttp.ClientSession") -> None:
    await session.close()


def _read(body: bytes) -> object:
    """Return what a server says beside its status: JSON where it is, else text."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
