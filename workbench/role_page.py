"""Gradio's app for a role, made when somebody of that role first comes.

Making a page costs about half a second of the processor, and most homes are opened in one role: the app begins with
those that somebody may come in, and makes the others when they are asked for.
"""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.pages import build
from workbench.theme import build_theme

_BUILDING = threading.Lock()
"""Gradio keeps what is being built in one place for all threads."""


class RolePage:
    """An ASGI application that becomes the page of its role at the first request."""

    def __init__(self, bench: Workbench, role: Role) -> None:
        self._bench = bench
        self._role = role
        self._lock = asyncio.Lock()
        self._open = AsyncExitStack()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to Gradio."""
        app = self._app or await self.ready()
        await app(scope, receive, send)

    async def ready(self) -> ASGIApp:
        """Make the page unless it is made, and return it."""
        async with self._lock:
            if self._app is None:
                holder, app = await asyncio.to_thread(make_page, self._bench, self._role)
                await self._open.enter_async_context(holder.router.lifespan_context(holder))
                self._app = app
            return self._app

    async def close(self) -> None:
        """End what the page does in the background."""
        await self._open.aclose()


def make_page(bench: Workbench, role: Role) -> tuple[FastAPI, ASGIApp]:
    """Return Gradio's app for a role, and the application whose lifespan is its own."""
    holder = FastAPI()
    with _BUILDING:
        blocks = build(bench, role)
        blocks.queue(default_concurrency_limit=None)
        gr.mount_gradio_app(
            holder,
            blocks,
            path="/",
            theme=build_theme(),
            footer_links=[],
            run_history=False,
            show_error=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            max_file_size=f"{bench.settings.limits.max_upload_mb}mb",
        )
    blocks.has_launched = True  # else Gradio takes any path in a call for a file that was uploaded
    mounted = holder.router.routes.pop()
    assert isinstance(mounted, Mount)
    return holder, mounted.app


@asynccontextmanager
async def opened(pages: Mapping[Role, RolePage], first: Iterable[Role]) -> AsyncIterator[None]:
    """Make the pages of the `first` roles, and close all in the end."""
    try:
        for role in first:
            await pages[role].ready()
        # What stands now stands until the end: the collector need not walk over it while a crowd votes.
        gc.collect()
        gc.freeze()
        yield
    finally:
        gc.unfreeze()
        for page in pages.values():
            await page.close()
