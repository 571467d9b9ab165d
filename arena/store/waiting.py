"""Votes that wait to be written, and whoever waits for them: a thread each, or a coroutine of an event loop."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from arena.store.rows import VoteRow
from arena.store.standings import BattleFacts, Key, Standings


class Draft(NamedTuple):
    """What a change wants written; the ledger adds number, models and, unless given, the time."""

    winner: str | None
    revision: int
    reasons: tuple[str, ...]
    comment: str | None
    created_at: datetime | None = None


Change = Callable[[VoteRow | None], Draft]
"""Given the newest row of this voter on this battle, return what to write, or raise a WorkbenchError."""
Check = Callable[[BattleFacts], None]
"""Given what is known of the battle, raise a WorkbenchError if this voter may not vote on it."""
Written = tuple[VoteRow, datetime]


class Request:
    """A vote waiting: its thread sleeps on `done` until it is served or told to lead, its coroutine on `future`."""

    __slots__ = (
        "at",
        "battle",
        "change",
        "check",
        "done",
        "error",
        "facts",
        "future",
        "key",
        "leads",
        "previous",
        "row",
    )

    def __init__(
        self,
        battle: int,
        key: Key,
        change: Change,
        check: Check | None = None,
        future: "asyncio.Future[Written] | None" = None,
    ) -> None:
        self.battle = battle
        self.key = key
        self.change = change
        self.check = check
        self.future = future
        self.facts: BattleFacts | None = None
        self.previous: VoteRow | None = None
        self.row: VoteRow | None = None
        self.at: datetime | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.done = threading.Lock()
        self.done.acquire()

    def written(self) -> Written:
        """Return what was written, or raise why it was not."""
        if self.error is not None:
            raise self.error
        assert self.row is not None and self.at is not None
        return self.row, self.at


class Errand:
    """Something else to do between two groups, with what is known of battles; `done` is set when it was, or failed."""

    __slots__ = ("done", "error", "run")

    def __init__(self, run: Callable[[Standings], None]) -> None:
        self.run = run
        self.done = threading.Event()
        self.error: BaseException | None = None

    def carry_out(self, standings: Standings) -> None:
        """Run it; its error is for whoever waits."""
        try:
            self.run(standings)
        except Exception as error:
            self.error = error
        self.done.set()


def refuse(requests: list[Request], error: Exception) -> None:
    """Wake whoever waits for `requests` with `error`, unless they have one of their own."""
    for request in requests:
        request.error = request.error or error
    release([request for request in requests if request.done.locked()])


def release(requests: list[Request]) -> None:
    """Wake whoever waits for `requests`: a thread each, and each event loop once for all of its coroutines."""
    awaited: defaultdict[asyncio.AbstractEventLoop, list[Request]] = defaultdict(list)
    for request in requests:
        request.done.release()
        if request.future is not None:
            awaited[request.future.get_loop()].append(request)
    for loop, served in awaited.items():
        try:
            loop.call_soon_threadsafe(_resolve, served)
        except RuntimeError:
            if not loop.is_closed():  # a closed loop has nobody left who waits
                raise


def _resolve(requests: list[Request]) -> None:
    for request in requests:
        future = request.future
        assert future is not None
        if future.done():
            continue  # its coroutine was cancelled meanwhile
        if request.error is not None:
            future.set_exception(request.error)
        else:
            future.set_result(request.written())
