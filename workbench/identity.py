"""Who votes: an anonymous random id in a signed cookie; nobody signs in.

The cookie is `HttpOnly` (page scripts cannot read it), `SameSite=Lax`, and signed with a key of the home, so that a
voter cannot choose the id of somebody else or of a judge. A request without a valid cookie gets a fresh id, and the
handler behind it already sees that id.
"""

import hashlib
import hmac
import os
import secrets
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.types import Voter, VoterKind

COOKIE = "workbench_voter"
SCOPE_KEY = "workbench.voter"
_KEY_FILE = "cookie.key"
_YEAR_S = 365 * 24 * 3600


def load_key(home: Path) -> bytes:
    """Return the home's signing key, making it (mode 0600) at first use."""
    path = home / _KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_bytes(32)
        file.write(key)
    return key


class VoterIdentity:
    """Middleware that gives each request a voter id, under `SCOPE_KEY` and as a cookie."""

    def __init__(self, app: ASGIApp, key: bytes) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its voter id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = read(self._key, _cookie_header(scope))
        name = known or "anonymous-" + secrets.token_hex(8)
        scope[SCOPE_KEY] = name
        if known:
            await self._app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure = "; Secure" if scope.get("scheme") == "https" else ""
                value = f"{COOKIE}={sign(self._key, name)}; Path=/; Max-Age={_YEAR_S}; HttpOnly; SameSite=Lax{secure}"
                MutableHeaders(scope=message).append("set-cookie", value)
            await send(message)

        await self._app(scope, receive, with_cookie)


def voter_of(scope: Scope) -> Voter:
    """Return the voter behind a request that came through `VoterIdentity`."""
    return Voter(VoterKind.HUMAN, scope[SCOPE_KEY])


def sign(key: bytes, name: str) -> str:
    """Return `name` with its signature, as the cookie holds it."""
    return f"{name}.{hmac.new(key, name.encode(), hashlib.sha256).hexdigest()}"


def read(key: bytes, cookies: str) -> str | None:
    """Return the voter's id in a `Cookie` header, or `None` if there is none with a valid signature."""
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return None
    name, _, _ = morsel.value.rpartition(".") if morsel else ("", "", "")
    if not morsel or not name or not hmac.compare_digest(sign(key, name), morsel.value):
        return None
    return name


def _cookie_header(scope: Scope) -> str:
    return "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
