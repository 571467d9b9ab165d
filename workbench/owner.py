"""Who owns a home: `server.json`, by which commands find the app that has the database open.

The app writes it (mode 0600, so that only its own user can read the token) once it listens, and removes it when it
ends. It names the process by id and start time, so a file left behind by a killed app is told from a living one even
where another process has that id now.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from workbench.private import draft

SERVER_FILE = "server.json"
_SAME_START_S = 1.0


@dataclass(frozen=True, slots=True)
class Owner:
    """The running app of a home: where it listens, its process, the token it takes, and its version."""

    address: str
    pid: int
    started: float
    """When the process began, in seconds since 1970."""
    token: str = field(repr=False)
    version: str

    @property
    def alive(self) -> bool:
        """Whether that process still runs."""
        import psutil

        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _SAME_START_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@cache
def workbench_version() -> str:
    """Return the version of the installed workbench."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("preference-workbench")
    except PackageNotFoundError:
        return "unknown"


def new_owner(address: str) -> Owner:
    """Return this process as the owner of a home, with a fresh token of 256 bits."""
    import psutil

    started = psutil.Process().create_time()
    return Owner(address, os.getpid(), started, secrets.token_urlsafe(32), workbench_version())


def announce(home: Path, owner: Owner) -> None:
    """Write `server.json`, whole or not at all and readable by nobody else."""
    path = home / SERVER_FILE
    draft(path, json.dumps(asdict(owner)).encode()).replace(path)


def withdraw(home: Path, owner: Owner) -> None:
    """Remove `server.json` if it is still this owner's."""
    if _read(home / SERVER_FILE) == owner:
        (home / SERVER_FILE).unlink(missing_ok=True)


def find_owner(home: Path) -> Owner | None:
    """Return the running app of a home, `None` where none runs; what a dead one left behind is removed."""
    path = home / SERVER_FILE
    found = _read(path)
    if found is not None and found.alive:
        return found
    if path.exists() and found == _read(path):
        path.unlink(missing_ok=True)
    return None


def _read(path: Path) -> Owner | None:
    """Return what the file tells, `None` where there is none or it is no file of ours."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Owner(
            str(values["address"]),
            int(values["pid"]),
            float(values["started"]),
            str(values["token"]),
            str(values["version"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
