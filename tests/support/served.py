"""The API of an open home behind its door, served on a free port of this process, as `workbench serve` serves it."""

import getpass
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from workbench.access.access import Access
from workbench.access.door import Door
from workbench.access.tokens import TokenHolders
from workbench.api.app import ApiWay, create_api
from workbench.api.faults import refuse
from workbench.bench import Workbench
from workbench.owner import Owner, announce, find_owner, new_owner, withdraw


def wait_for_owner(home: Path, seconds: float) -> Owner | None:
    """Return the running app of a home once it has announced itself, `None` if it does not within `seconds`."""
    end = time.monotonic() + seconds
    while (found := find_owner(home)) is None and time.monotonic() < end:
        time.sleep(0.05)
    return found


@contextmanager
def served(bench: Workbench) -> Iterator[Owner]:
    """Serve the API of a home and announce it, so that commands find it; the value is the owner."""
    listener = socket.create_server(("127.0.0.1", 0))
    owner = new_owner(f"http://127.0.0.1:{listener.getsockname()[1]}")
    access = Access(
        bench.home,
        bench.settings,
        tokens=TokenHolders(bench.store.tokens),
        owner_token=owner.token,
        owner_name=getpass.getuser(),
    )
    app = FastAPI(openapi_url=None)
    app.add_middleware(ApiWay, api=create_api(bench, access))
    app.add_middleware(Door, access=access, refuse=refuse)
    # Setting logging up anew would close absl's handler, and with it what pytest captures standard error in.
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=3))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    announce(bench.home, owner)
    try:
        yield owner
    finally:
        withdraw(bench.home, owner)
        server.should_exit = True
        thread.join(20)
        listener.close()
