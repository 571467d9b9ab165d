"""What of Gradio's own routes is there for whom, and whose a page is.

Gradio serves far more than a page asks for: it fetches addresses for its client, reads files, takes uploads, writes
links to a session's content. Only what our pages use is let through; the rest is not there. A page is known to Gradio
by a word that the browser makes up; here it belongs to whoever first used it, in their role then, so nobody reads
another's events or state by that word, and a page left open while somebody signs in or out does nothing in their name.

A call may name files by their paths on this machine, which Gradio opens without a look where it is mounted as here (its
own check waits for `launch()`): so a path in a call must be of a file that the same person has sent before.
"""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
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


class Uploads:
    """Which files came in, and from whom; may be used from any thread."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._senders: OrderedDict[str, str] = OrderedDict()

    def add(self, paths: Any, person: Person) -> None:
        """Remember what Gradio answered to an upload: a list of paths."""
        if not isinstance(paths, list):
            return
        with self._lock:
            for path in paths:
                self._senders[str(path)] = person.name
            while len(self._senders) > self._most:
                self._senders.popitem(last=False)

    def are_of(self, call: Any, person: Person) -> bool:
        """Return whether every file that a call names came from this person."""
        waiting = [call]
        while waiting:
            found = waiting.pop()
            if isinstance(found, list):
                waiting += found
            elif isinstance(found, dict):
                waiting += found.values()
                path = found.get("path")
                if isinstance(path, str) and self._senders.get(path) != person.name:
                    return False
        return True


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
        self._files = Uploads()

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
            await self._upload(app, person, scope, receive, send)
        else:
            await _refused(404, f"There is nothing at {path}.")(scope, receive, send)

    async def _upload(self, app: ASGIApp, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        answer = bytearray()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.body":
                answer.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    self._files.add(_list(bytes(answer)), person)
            await send(message)

        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await app({**scope, "headers": plain}, receive, noting)

    async def _sent(self, app: ASGIApp, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        messages = [await receive()]
        while messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False):
            messages.append(await receive())
        call = _call(b"".join(message.get("body", b"") for message in messages))
        page = call.get("session_hash")
        if isinstance(page, str) and page and not self._open.belongs(page, person):
            await _not_yours()(scope, receive, send)
            return
        if not self._files.are_of(call, person):
            await _refused(403, "This call names a file that was not sent here: choose it again.")(
                scope, receive, send
            )
            return
        waiting = iter(messages)

        async def replay() -> Message:
            message = next(waiting, None)
            return message if message is not None else await receive()

        await app(scope, replay, send)


def _call(body: bytes) -> dict[str, Any]:
    """Return a call as Gradio will read it; one that is none is Gradio's to refuse."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _list(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return None


def _in_query(scope: Scope) -> str | None:
    return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [None])[-1]


def _not_yours() -> JSONResponse:
    return _refused(
        403, "This page was opened by somebody else, or before you signed in or out: load it again."
    )


def _refused(status: int, sentence: str) -> JSONResponse:
    shown = {"error": sentence, "title": "Not done", "duration": 10, "visible": True}
    return JSONResponse({"detail": sentence, **shown}, status)
