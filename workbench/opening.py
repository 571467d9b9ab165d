"""How a command comes to the verbs of a home: through the app that has it open, or by opening it itself."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from arena.errors import Conflict, StoreLocked
from workbench.owner import Owner, find_owner

if TYPE_CHECKING:
    from workbench.bench import Workbench

PATIENCE_S = 3.0
"""So long a command waits for a home that another one has open, or whose app is just starting."""


@contextmanager
def open_bench(home: Path, *, create: bool = False) -> "Iterator[Workbench]":
    """Give the verbs of a home, whoever has it open.

    Raises:
        NotFound: there is no home there and `create` is false.
        NotReached: its app does not answer, or is of another version.
        StoreLocked: another process that is no app has it open, and does not let it go soon.
    """
    with ExitStack() as held:
        end = time.monotonic() + PATIENCE_S
        while True:
            owner = find_owner(home)
            if owner is not None:
                yield held.enter_context(_remote(home, owner))
                return
            try:
                bench = held.enter_context(_local(home, create=create))
                break
            except StoreLocked:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        yield bench


@contextmanager
def open_own(home: Path) -> "Iterator[Workbench]":
    """Open a home in this process, making it where there is none.

    Raises:
        Conflict: an app has it open; the sentence says where.
    """
    if (owner := find_owner(home)) is not None:
        raise Conflict(
            f"The app of this home runs already (process {owner.pid}): open {owner.address}, or stop it first."
        )
    with _local(home, create=True) as bench:
        yield bench


def _local(home: Path, *, create: bool) -> "Workbench":
    from workbench.bench import Workbench

    return Workbench.open(home, create=create)


def _remote(home: Path, owner: Owner) -> "Workbench":
    """Return the verbs over HTTP; they are those of the class it is said to be, by one table."""
    from workbench.remote.bench import RemoteWorkbench

    return cast("Workbench", RemoteWorkbench(home, owner))
