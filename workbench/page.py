"""What stands around Gradio's document: our style, script, account menu and headers.

Gradio adds a page's `head` only after its own scripts have run, so a dark page would flash white and the layout would
jump; the middleware puts ours into the document itself. The content policy lets the browser load nothing from
anywhere but this server, whatever stands in an answer.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.html import Html, join, tag

ASSETS = Path(__file__).parent / "assets"
ASSETS_PATH = "/page"
STYLES = (
    "app",
    "arena",
    "review",
    "leaderboard",
    "board",
    "planning",
    "mine",
    "voters",
    "people",
    "judges",
    "metrics",
    "data",
    "training",
    "models",
    "jobs",
)
"""The style sheets in order: what all screens share, then one for each screen."""
SCRIPTS = ("app", "review")

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "frame-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
_REMOVED = ("access-control-allow-origin", "access-control-allow-credentials")
"""What Gradio would let pages of other sites do."""


_EARLY = """
(() => {
  let choice = null;
  try { choice = localStorage.getItem("workbench-theme"); } catch (error) { choice = null; }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = choice === "dark" || choice === "light" ? choice : system;
})();
"""


class Page:
    """Middleware that completes the document and sets the headers of every response."""

    def __init__(self, app: ASGIApp, above: Callable[[Scope], Html] = lambda scope: Html("")) -> None:
        """Complete what `app` sends; `above` gives what stands above the page for the sender of a request."""
        self._app = app
        self._above = above

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the document at `/` gets our head and the account menu."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        document = scope["path"] == "/" and scope["method"] == "GET"
        start: Message = {}
        body = bytearray()

        async def complete(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                for name in _REMOVED:
                    del headers[name]
                if scope["path"].startswith(ASSETS_PATH + "/"):
                    headers["cache-control"] = "public, max-age=31536000, immutable"
                if document:
                    start = message
                    return
            elif document:
                body.extend(message.get("body", b""))
                if message.get("more_body", False):
                    return
                text = bytes(body).replace(b"</head>", head().encode() + b"</head>", 1)
                text = text.replace(b"<gradio-app", self._above(scope).encode() + b"<gradio-app", 1)
                headers = MutableHeaders(scope=start)
                headers["content-length"] = str(len(text))
                headers["cache-control"] = "no-store"
                await send(start)
                message = {"type": "http.response.body", "body": text}
            await send(message)

        await self._app(scope, receive, complete)


@lru_cache(maxsize=1)
def head() -> Html:
    """Return what our document's head holds beside Gradio's: theme, style, script, icon."""
    icon = tag("link", rel="icon", type="image/svg+xml", href=_versioned("icon.svg"))
    styles = [tag("link", rel="stylesheet", href=_versioned(f"{name}.css")) for name in STYLES]
    early = Html(f"<script>{_EARLY}</script>")
    scripts = [Html(f'<script defer src="{_versioned(f"{name}.js")}"></script>') for name in SCRIPTS]
    return join(icon, early, styles, scripts)


def plain_head(*styles: str) -> Html:
    """Return the head of a document of our own: theme, icon, the tokens of `app.css` and the styles named."""
    icon = tag("link", rel="icon", type="image/svg+xml", href=_versioned("icon.svg"))
    early = Html(f"<script>{_EARLY}</script>")
    return join(
        icon, early, [tag("link", rel="stylesheet", href=_versioned(f"{s}.css")) for s in ("app", *styles)]
    )


def _versioned(name: str) -> str:
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"{ASSETS_PATH}/{name}?v={digest}"
