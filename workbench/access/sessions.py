"""Sessions of people who signed in: Starlette's signed cookie, which holds a name and a mark of the password.

The cookie is `HttpOnly`, `SameSite=Lax`, `Secure` over HTTPS and ends after `session_days`. Whether it still counts
is looked up with each request: a user removed or with a new password has no session any more, and one that was signed
out of is over, also for a copy of its cookie. The cookie's name differs from home to home, since browsers do not tell
two ports of one machine apart.
"""

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.access.keys import cookie_name
from workbench.access.users import User, Users

COOKIE = "workbench_session"
"""How the cookie's name begins."""
_DAY_S = 24 * 3600
_ENDED_FILE = "sessions.ended"


class Sessions:
    """Middleware that reads the session cookie into `scope["session"]`, and writes it where that changed."""

    def __init__(self, app: ASGIApp, *, key: bytes, days: float) -> None:
        secret = hmac.new(key, b"session", hashlib.sha256).hexdigest()
        name = cookie_name(COOKIE, key)
        self._plain, self._secure = (
            SessionMiddleware(app, secret, name, round(days * _DAY_S), same_site="lax", https_only=https)
            for https in (False, True)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its session."""
        if scope["type"] not in ("http", "websocket"):
            await self._plain.app(scope, receive, send)
        else:
            secure = scope.get("scheme") in ("https", "wss")
            await (self._secure if secure else self._plain)(scope, receive, send)


class Ended:
    """The sessions that were signed out of before their time, kept in the home; may be used from any thread."""

    def __init__(self, home: Path, days: float) -> None:
        """Read those that could still be shown: begun in the last `days`."""
        self._path = home / _ENDED_FILE
        self._lock = threading.Lock()
        oldest = time.time() - days * _DAY_S
        kept = [(word, at) for word, at in _read_ended(self._path) if at > oldest]
        self._words = {word for word, _ in kept}
        if self._path.exists():
            self._path.write_text("".join(f"{word} {at:.0f}\n" for word, at in kept), "ascii")

    def __contains__(self, word: object) -> bool:
        return word in self._words

    def add(self, word: str) -> None:
        """Remember that a session is over."""
        with self._lock:
            self._words.add(word)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "a", encoding="ascii") as file:
                file.write(f"{word} {time.time():.0f}\n")


def begin(scope: Scope, user: User) -> None:
    """Begin a session, forgetting whatever stood in the one before."""
    session = scope["session"]
    session.clear()
    session["name"] = user.name
    session["stamp"] = user.stamp
    session["word"] = secrets.token_hex(8)


def end(scope: Scope, ended: Ended) -> None:
    """End the session, in this browser and wherever else its cookie may be."""
    word = scope["session"].get("word")
    if isinstance(word, str):
        ended.add(word)
    scope["session"].clear()


def user_of(scope: Scope, users: Users, ended: Ended) -> User | None:
    """Return who began the session, if it is not over and they still are a user with the same password."""
    session = scope.get("session")
    if not session or not isinstance(session.get("name"), str) or session.get("word") in ended:
        return None
    user = users.get(session["name"])
    if user is None or not hmac.compare_digest(user.stamp, str(session.get("stamp"))):
        return None
    return user


def form_token(scope: Scope) -> str:
    """Return the token that a form of this session must bring back."""
    session = scope["session"]
    if "form" not in session:
        session["form"] = secrets.token_urlsafe(24)
    return str(session["form"])


def is_form_token(scope: Scope, given: str) -> bool:
    """Return whether a form brought back the token of its session."""
    kept = scope["session"].get("form")
    return isinstance(kept, str) and hmac.compare_digest(kept.encode(), given.encode())


def _read_ended(path: Path) -> Iterator[tuple[str, float]]:
    if not path.exists():
        return
    for line in path.read_text("ascii", "replace").splitlines():
        word, _, at = line.partition(" ")
        if word and at.isdigit():
            yield word, float(at)
