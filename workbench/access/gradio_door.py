"""Which of Gradio's own routes a page needs, and which of them a role may use.

Gradio serves far more than a page asks for: it fetches addresses for its client, reads files, takes uploads, writes
links to a session's content. Only what our pages use is let through; the rest is not there.
"""

import re
from collections.abc import Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.access.access import SCOPE_KEY
from workbench.access.roles import Role

_DRAWN = re.compile(
    r"/|/config/?|/theme\.css|/(static|assets|svelte)/.+|/favicon\.ico|/robots\.txt|/manifest\.json"
    r"|/gradio_api/(info|startup-events|app_id|login_check|heartbeat/[\w-]+|queue/data|upload_progress)/?"
)
"""What a page is drawn with and listens to, all of it read only."""
_SENT = re.compile(r"/gradio_api/(queue/join|run/[\w-]+|cancel|reset)/?")
"""What the handlers of a page are called by."""
_UPLOAD = re.compile(r"/gradio_api/upload/?")


class RolePages:
    """Sends a request to the page of the person's role, if a page needs what it asks for."""

    def __init__(self, pages: Mapping[Role, ASGIApp], uploads: Role = Role.ADMIN) -> None:
        """Keep the pages.

        Args:
            pages: Gradio's app for each role.
            uploads: the least role that may send files.
        """
        self._pages = dict(pages)
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to the page that its sender may see."""
        if scope["type"] != "http":
            await self._pages[Role.ADMIN](scope, receive, send)
            return
        person = scope.get(SCOPE_KEY)
        role = person.role if person is not None else Role.VOTER
        if not self._needed(scope["method"], scope["path"], role):
            await PlainTextResponse(f"There is nothing at {scope['path']}.", 404)(scope, receive, send)
            return
        await self._pages[role](scope, receive, send)

    def _needed(self, method: str, path: str, role: Role) -> bool:
        if method in ("GET", "HEAD"):
            return _DRAWN.fullmatch(path) is not None
        if method != "POST":
            return False
        return _SENT.fullmatch(path) is not None or (
            _UPLOAD.fullmatch(path) is not None and role.covers(self._uploads)
        )
