"""The one door: every request passes here before any route, and leaves with who sent it.

In this order: is the host ours, which proxy's word is taken, who is it (`person_of(scope)`), does it come from our own
pages, is it of a size we read. Only the sign-in page, what it is drawn with, and the API (whose routes ask by
themselves) are open to nobody in particular.
"""

import logging
from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from arena.errors import NotAllowed, NotSignedIn, StoreFailed, WorkbenchError
from workbench.access import voters
from workbench.access.access import ACCESS_KEY, NEW_VOTER, Access
from workbench.access.bodies import MEGABYTE, SMALL, Bounded, announced
from workbench.access.headers import header, headers
from workbench.access.origins import host_name, is_own_host, is_own_page
from workbench.access.policy import PEER
from workbench.access.roles import Person, Role
from workbench.access.sessions import Sessions

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
API = "/api/"
_LOG = logging.getLogger("workbench.access")
_OPEN = (SIGN_IN, SIGN_OUT, "/favicon.ico", "/robots.txt", "/theme.css")
_TAKE_FILES = ("/gradio_api/upload", "/api/v1/uploads", "/api/v1/imports")
"""Where files come in; everywhere else a request is small."""
_OPEN_BELOW = ("/page/", "/static/", "/assets/", API)

Refuse = Callable[[Scope, int, WorkbenchError], Response]
"""Makes the response to a request that does not get in, of a status and an error."""


class TooLarge(WorkbenchError):
    """A request is longer than the limits allow."""

    exit_code = 2
    status = 413


def plain(scope: Scope, status: int, error: WorkbenchError) -> Response:
    """Refuse with the sentence alone."""
    return PlainTextResponse(str(error), status)


class Door:
    """Middleware around everything that one home serves."""

    def __init__(
        self, app: ASGIApp, access: Access, refuse: Refuse = plain, hosts: tuple[str, ...] = ()
    ) -> None:
        """Stand around `app`.

        Args:
            app: what is behind the door.
            access: who may do what.
            refuse: makes the response to whoever does not get in.
            hosts: names under which the app is reached, beside those in the settings.
        """
        self._access = access
        self._refuse = refuse
        self._hosts = (*access.settings.access.allowed_hosts, *hosts)
        self._app = app
        sessions = Sessions(self._identify, key=access.key, days=access.settings.access.session_days)
        trusted = list(access.settings.access.proxy_addresses)
        behind: Any = ProxyHeadersMiddleware
        self._way: ASGIApp = behind(sessions, trusted) if trusted else sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        scope[PEER] = scope.get("client")
        if not is_own_host(scope, self._hosts):
            error = NotAllowed(
                f"This app does not answer to the name {host_name(header(scope, b'host'))!r}: "
                "add it to allowed_hosts under [access] in workbench.toml."
            )
            await self._refuse(scope, 421, error)(scope, receive, send)
            return
        await self._way(scope, receive, send)

    async def _identify(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ACCESS_KEY] = self._access
        try:
            person = self._access.person(scope)
        except WorkbenchError as error:
            _LOG.error("%s", error)
            closed = StoreFailed("Nobody can be let in: who runs this workbench finds the reason in its log.")
            await self._refuse(scope, 503, closed)(scope, receive, send)
            return
        if NEW_VOTER in scope:
            send = self._with_cookie(scope, send)
        refused = self._refused(scope, person)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._pass_on(scope, receive, send, self._limit(scope, person))

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """Pass a request on, and answer 413 instead of whatever becomes of one that is cut off for its length."""
        bounded, begun = Bounded(receive, limit), False

        async def watched(message: Message) -> None:
            nonlocal begun
            if begun or not bounded.exceeded:
                begun = True
                await send(message)

        try:
            await self._app(scope, bounded, watched)
        except Exception:
            if begun or not bounded.exceeded:
                raise
        if bounded.exceeded and not begun:
            await self._too_large(scope, limit)(scope, bounded, send)

    def _refused(self, scope: Scope, person: Person | None) -> Response | None:
        bearer = bool(headers(scope, b"authorization"))
        if not bearer and not is_own_page(scope, ambient=person is not None and person.signed_in):
            error = NotAllowed("This request comes from a page of another site: open the app itself.")
            return self._refuse(scope, 403, error)
        if person is None and not is_open(scope["path"]):
            if scope["path"] == "/" and scope["method"] == "GET":
                return RedirectResponse(SIGN_IN, 303)
            return self._refuse(scope, 401, NotSignedIn(self._access.refusal(scope)))
        limit = self._limit(scope, person)
        return self._too_large(scope, limit) if announced(scope) > limit else None

    def _limit(self, scope: Scope, person: Person | None) -> int:
        """Return how many bytes this person may send here: files only whoever may import."""
        if person is not None and person.role is Role.ADMIN and scope["path"].startswith(_TAKE_FILES):
            return self._access.settings.limits.max_upload_mb * MEGABYTE
        return SMALL

    def _too_large(self, scope: Scope, limit: int) -> Response:
        size = f"{limit // MEGABYTE:,} MB"
        return self._refuse(scope, 413, TooLarge(f"This request is longer than {size}: send less at once."))

    def _with_cookie(self, scope: Scope, send: Send) -> Send:
        """Return a `send` that gives a new anonymous voter their cookie."""

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure = scope.get("scheme") == "https"
                value = voters.set_cookie(self._access.key, scope[NEW_VOTER], secure=secure)
                MutableHeaders(scope=message).append("set-cookie", value)
            await send(message)

        return with_cookie


def is_open(path: str) -> bool:
    """Return whether a path is there for people who are nobody yet."""
    return path in _OPEN or path.startswith(_OPEN_BELOW)
