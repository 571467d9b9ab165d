"""What of Gradio's own routes is there for whom, and whose a page is.

Gradio serves far more than a page asks for: it fetches addresses for its client, reads files, takes uploads, writes
links to a session's content. Only what our pages use is let through; the rest is not there. A page is known to Gradio
by a word that the browser makes up; here it belongs to whoever first used it, in their role then, so nobody reads
another's events or state by that word, and a page left open while somebody signs in or out does nothing in their name.
"""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.access.access import SCOPE_KEY
from workbench.access.roles import Person, Role

KNOWN_PAGES = 100_000
"""So many open pages are remembered, those used last."""

_DRAWN = re.compile(
    r"/|/config/?|/theme\.css|/(static|assets|svelte)/.+|/favicon\.ico|/robots\.txt|/manifest\.json"
    r"|/gradio_api/(info|startup-events|app_id|login_check|upload_progress)/?"
)
"""What a page is drawn with."""
_HEARD = re.compile(r"/gradio_api/(?:queue/data|heartbeat/(?P<page>[^/]+))/?")
"""What a page listens to."""
_SENT = re.compile(r"/gradio_api/(queue/join|run/[\w-]+|cancel|reset)/?")
"""What a page calls its handlers by."""
_UPLOAD = re.compile(r"/gradio_api/upload/?")


class Pages:
    """Whose every open page is; may be used from any thread."""

    def __init__(self, most: int = KNOWN_PAGES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._owners: OrderedDict[str, tuple[str, Role]] = OrderedDict()

    def belongs(self, page: str, person: Person) -> bool:
        """Return whether a page is this person's, which it becomes if it is nobody's yet."""
        own = (person.name, person.role)
        with self._lock:
            owner = self._owners.setdefault(page, own)
            self._owners.move_to_end(page)
            if len(self._owners) > self._most:
                self._owners.popitem(last=False)
        return owner == own


class RolePages:
    """Sends a request to the page of the person's role, if it is for that person and something a page needs."""

    def __init__(self, pages: Mapping[Role, ASGIApp], uploads: Role = Role.ADMIN) -> None:
        """Keep the pages.

        Args:
            pages: Gradio's app for each role.
            uploads: the least role that may send files.
        """
        self._apps = dict(pages)
        self._uploads = uploads
        self._open = Pages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to the page that its sender may see."""
        if scope["type"] != "http":
            return
        person: Person | None = scope.get(SCOPE_KEY)
        method, path = scope["method"], scope["path"]
        app = self._apps[person.role if person else Role.VOTER]
        if method in ("GET", "HEAD") and _DRAWN.fullmatch(path):
            await app(scope, receive, send)
        elif person is None:
            await _refused(401, "Nobody is signed in: sign in at /sign-in.")(scope, receive, send)
        elif method == "GET" and (heard := _HEARD.fullmatch(path)):
            page = heard["page"] or _in_query(scope)
            if page and not self._open.belongs(page, person):
                await _not_yours()(scope, receive, send)
            else:
                await app(scope, receive, send)
        elif method == "POST" and _SENT.fullmatch(path):
            await self._sent(app, person, scope, receive, send)
        elif method == "POST" and _UPLOAD.fullmatch(path) and person.role.covers(self._uploads):
            await app(scope, receive, send)
        else:
            await _refused(404, f"There is nothing at {path}.")(scope, receive, send)

    async def _sent(self, app: ASGIApp, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        messages = [await receive()]
        while messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False):
            messages.append(await receive())
        page = _in_body(b"".join(message.get("body", b"") for message in messages))
        if page is not None and not self._open.belongs(page, person):
            await _not_yours()(scope, receive, send)
            return
        waiting = iter(messages)

        async def replay() -> Message:
            message = next(waiting, None)
            return message if message is not None else await receive()

        await app(scope, replay, send)


def _in_body(body: bytes) -> str | None:
    """Return the page that a call names; a body that is no call is Gradio's to refuse."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    page = found.get("session_hash") if isinstance(found, dict) else None
    return page if isinstance(page, str) and page else None


def _in_query(scope: Scope) -> str | None:
    return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [None])[-1]


def _not_yours() -> JSONResponse:
    return _refused(
        403, "This page was opened by somebody else, or before you signed in or out: load it again."
    )


def _refused(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence, "error": sentence}, status)
