"""Sessions of people who signed in: Starlette's signed cookie, which holds a name and a mark of the password.

The cookie is `HttpOnly`, `SameSite=Lax`, `Secure` over HTTPS and ends after `session_days`. Whether it still counts
is looked up with each request: a user removed or with a new password has no session any more. Its name differs from
home to home, since browsers do not tell two ports of one machine apart.
"""

import hashlib
import hmac
import secrets

from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.access.users import User, Users

_DAY_S = 24 * 3600


class Sessions:
    """Middleware that reads the session cookie into `scope["session"]`, and writes it where that changed."""

    def __init__(self, app: ASGIApp, *, key: bytes, days: float) -> None:
        secret = hmac.new(key, b"session", hashlib.sha256).hexdigest()
        name = cookie_name(key)
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


def cookie_name(key: bytes) -> str:
    """Return the name of the session cookie of the home with this key."""
    return f"workbench_session_{hashlib.sha256(key).hexdigest()[:8]}"


def begin(scope: Scope, user: User) -> None:
    """Begin a session, forgetting whatever stood in the one before."""
    session = scope["session"]
    session.clear()
    session["name"] = user.name
    session["stamp"] = user.stamp


def end(scope: Scope) -> None:
    """End the session in this browser."""
    scope["session"].clear()


def user_of(scope: Scope, users: Users) -> User | None:
    """Return who began the session, if they still are a user with the same password."""
    session = scope.get("session")
    if not session or not isinstance(session.get("name"), str):
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
