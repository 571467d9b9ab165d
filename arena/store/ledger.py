"""Where votes are accepted: one thread that knows which vote stands, checks each new one and has it logged.

All votes waiting are checked and flushed to the log as one group (group commit), then acknowledged, and delivered to
the database in larger batches. A group that cannot be logged changes nothing, and each of its callers is told.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from arena.errors import NotFound, NotVotable, StoreFailed
from arena.store.delivery import Delivery, Group
from arena.store.journal import Journal
from arena.store.rows import VoteRow, dump_rows, microseconds
from arena.store.standings import BattleFacts, Key, Standings, remember

IDLE_S = 0.2
"""After so many seconds without a vote, what is acknowledged is delivered without waiting for a reader."""


class Draft(NamedTuple):
    """What a change wants written; the ledger adds number, models and, unless given, the time."""

    winner: str | None
    revision: int
    reasons: tuple[str, ...]
    comment: str | None
    created_at: datetime | None = None


Change = Callable[[VoteRow | None], Draft]
"""Given the newest row of this voter on this battle, return what to write, or raise a WorkbenchError."""


class _Request:
    __slots__ = ("at", "battle", "change", "done", "error", "key", "previous", "row")

    def __init__(self, battle: int, key: Key, change: Change) -> None:
        self.battle = battle
        self.key = key
        self.change = change
        self.previous: VoteRow | None = None
        self.row: VoteRow | None = None
        self.at: datetime | None = None
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()


class _News:
    __slots__ = ("facts", "new")

    def __init__(self, facts: Sequence[BattleFacts], new: bool) -> None:
        self.facts = facts
        self.new = new


class _Forget:
    pass


class Ledger:
    """The thread that accepts votes; every public method may be called from any thread."""

    def __init__(
        self, journal: Journal, delivery: Delivery, standings: Standings, take_seq: Callable[[int], int]
    ) -> None:
        self._journal = journal
        self._delivery = delivery
        self._standings = standings
        self._take_seq = take_seq
        self._lock = threading.Lock()
        self._closed = False
        self._inbox: queue.SimpleQueue[_Request | _News | _Forget | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store-ledger", daemon=True)
        self._thread.start()

    def write(self, battle_id: UUID, key: Key, change: Change) -> tuple[VoteRow, datetime]:
        """Apply `change` to what stands for `key` on a battle; return the row, which is on the disk, and its time.

        Raises:
            NotFound: there is no such battle.
            NotVotable: it was never finished, or an answer failed.
            StoreFailed: the vote could not be saved.
            WorkbenchError: whatever `change` raised.
        """
        request = _Request(battle_id.int, key, change)
        self._send(request)
        request.done.acquire()
        if request.error is not None:
            raise request.error
        assert request.row is not None and request.at is not None
        return request.row, request.at

    def learn(self, facts: Sequence[BattleFacts], *, new: bool) -> None:
        """Tell of battles just committed, so that votes sent later are checked against them."""
        self._send(_News(facts, new))

    def forget(self) -> None:
        """Read every battle anew, because something else has written votes or battles."""
        self._send(_Forget())

    def close(self) -> None:
        """Acknowledge or refuse everything sent, then stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._inbox.put(None)
        self._thread.join()

    def _send(self, item: _Request | _News | _Forget) -> None:
        with self._lock:
            if self._closed:
                raise StoreFailed("The store is closed and takes no more votes.")
            self._inbox.put(item)

    def _work(self) -> None:
        stopping = False
        while not stopping:
            requests: list[_Request] = []
            for item in self._receive():
                match item:
                    case _Request():
                        requests.append(item)
                    case _News():
                        self._standings.learn(item.facts, new=item.new)
                    case _Forget():
                        self._standings.trim(self._delivery.stored_before(), limit=0)
                    case None:
                        stopping = True
            if requests:
                self._serve(requests)

    def _receive(self) -> list[_Request | _News | _Forget | None]:
        """Wait for something to do; return all there is."""
        try:
            items = [self._inbox.get(timeout=IDLE_S if self._delivery.behind else None)]
        except queue.Empty:
            if self._delivery.trouble is None:
                self._delivery.send()
            items = [self._inbox.get()]
        while not self._inbox.empty():
            items.append(self._inbox.get())
        return items

    def _serve(self, requests: list[_Request]) -> None:
        accepted: list[_Request] = []
        try:
            if self._delivery.trouble is not None:
                self._delivery.catch_up()
            self._standings.fetch([request.battle for request in requests])
            at = datetime.now(UTC)
            now = microseconds(at)
            accepted.extend(request for request in requests if self._accept(request, at, now))
            rows = [request.row for request in accepted if request.row is not None]
            if rows:
                group = Group(dump_rows(rows), rows[0].seq, rows[-1].seq)
                self._journal.append(group.text, group.last_seq)
                self._delivery.add(group)
        except BaseException as error:
            self._withdraw(accepted)
            for request in requests:
                request.error = request.error or error
        for request in requests:
            request.done.release()
        if self._standings.crowded:
            self._standings.trim(self._delivery.stored_before())

    def _accept(self, request: _Request, at: datetime, now: int) -> bool:
        """Check one request and make it the newest of its voter; keep its error for its caller if it is refused."""
        try:
            standing = self._standings.get(request.battle)
            if standing is None:
                raise NotFound(f"There is no battle {UUID(int=request.battle)}: it was never stored.")
            if not standing.facts.votable:
                raise NotVotable(
                    f"The battle {standing.facts.battle_id} takes no vote, because it was never finished or one of "
                    "its answers failed: start another battle."
                )
            previous = standing.newest.get(request.key)
            draft = request.change(previous)
            if draft.created_at is not None:
                at, now = draft.created_at, microseconds(draft.created_at)
            battle_id, model_a, model_b, _ = standing.facts
            winner, revision, reasons, comment, _ = draft
            seq = self._take_seq(1)
            row = VoteRow(
                seq, battle_id, model_a, model_b, winner, *request.key, revision, reasons, comment, now
            )
            remember(standing, row)
        except Exception as error:
            request.error = error
            return False
        request.previous, request.row, request.at = previous, row, at
        return True

    def _withdraw(self, requests: list[_Request]) -> None:
        """Make what stood before `requests` stand again."""
        for request in reversed(requests):
            standing = self._standings.get(request.battle)
            if standing is None:
                continue
            if request.previous is None:
                standing.newest.pop(request.key, None)
            else:
                standing.newest[request.key] = request.previous
