"""The app: Gradio's page on a FastAPI server, with our head, headers and door around it.

Order from the outside in: compression, page (headers, document head), door (`workbench.access.door`), votes over the
API (`workbench.api.votes`), routes. The API, downloads and signing in are plain routes; everything else is a handler of
a tab (`workbench.pages`). Tabs fill when they are opened, so the first page is small and holds no model's name.
"""

import getpass
import os
import socket
import sys
import webbrowser
from ipaddress import ip_address
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import uvicorn
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from arena.errors import Conflict
from workbench.access import sign_in
from workbench.access.access import Access
from workbench.access.door import Door
from workbench.access.gradio_door import RolePages
from workbench.access.roles import Role
from workbench.access.tokens import TokenHolders
from workbench.ahead import count_ahead
from workbench.api.app import PREFIX, ApiWay, create_api
from workbench.api.faults import refuse
from workbench.api.votes import VoteWay
from workbench.bench import Workbench
from workbench.downloads import routes
from workbench.html import Html
from workbench.owner import Owner, announce, new_owner, withdraw
from workbench.page import ASSETS, ASSETS_PATH, Page
from workbench.role_page import RolePage, opened
from workbench.views.chrome import account

PAGE_UPLOADS = "page-uploads"


def create_app(bench: Workbench, owner: Owner | None = None, *, host: str = "127.0.0.1") -> FastAPI:
    """Return the server of one open home that listens on `host`; commands reach its API with the token of `owner`.

    Raises:
        InvalidInput: others could reach it, and it is not said who may come in.
    """
    access = Access(
        bench.home,
        bench.settings,
        loopback=_is_loopback(host),
        tokens=TokenHolders(bench.store.tokens),
        owner_token=owner.token if owner else None,
        owner_name=getpass.getuser(),
    )
    access.policy.check(host)
    pages = {role: RolePage(bench, role) for role in Role}
    app = FastAPI(
        title="Workbench",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lambda _: opened(pages, access.policy.expected_roles()),
    )
    app.include_router(sign_in.routes(access))
    app.include_router(routes(bench, access))
    app.mount(ASSETS_PATH, StaticFiles(directory=ASSETS))
    app.mount("/", RolePages(pages))
    app.add_middleware(ApiWay, api=create_api(bench, access))
    app.add_middleware(VoteWay, bench=bench, access=access, prefix=PREFIX)
    app.add_middleware(Door, access=access, refuse=refuse, hosts=(host.lower(),))
    app.add_middleware(Page, above=lambda scope: _account(access, scope))
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    return app


def _account(access: Access, scope: Scope) -> Html:
    person = access.person(scope)
    return account(person, can_sign_in=access.users.exist) if person else Html("")


def serve(bench: Workbench, *, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = False) -> None:
    """Serve the app until it is interrupted; port 0 takes a free one.

    Raises:
        Conflict: the port is taken.
    """
    os.environ.setdefault("GRADIO_TEMP_DIR", str(_page_uploads(bench.home)))
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    owner = new_owner(f"http://{reachable_at(*listener.getsockname()[:2])}")
    announce(bench.home, owner)
    try:
        app = create_app(bench, owner, host=host)
        sys.stderr.write(f"Workbench on {address} (stop with Ctrl+C)\n")
        if open_browser:
            webbrowser.open(address)
        count_ahead(bench)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, proxy_headers=False)
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        withdraw(bench.home, owner)


def reachable_at(host: str, port: int) -> str:
    """Return where this machine reaches a listener: on all addresses means here, too.

    >>> reachable_at("0.0.0.0", 7860), reachable_at("::", 7860)
    ('127.0.0.1:7860', '[::1]:7860')
    """
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{here}]:{port}" if ":" in here else f"{here}:{port}"


def _page_uploads(home: Path) -> Path:
    """Return where files that a page sends wait for their import: in the home, and nobody else's to read."""
    folder = home / PAGE_UPLOADS
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder.resolve()


def _is_loopback(host: str) -> bool:
    """Return whether only this machine reaches what listens on `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Conflict(
            f"The app cannot listen on {host}:{port} ({error.strerror}): "
            "stop what uses it, or choose another with --port."
        ) from error
    listener.listen(2048)
    return listener
