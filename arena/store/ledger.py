"""Where votes are accepted: who knows which vote stands, checks each new one and has it logged.

There is no thread for this. Of the threads with a vote waiting, one leads: it checks all waiting votes, flushes them
to the log as one group (group commit), acknowledges them, and hands the lead to a thread that has come since. That
spares two changes of thread a vote, which cost more than the check. Votes reach the database in larger batches. A
group that cannot be logged changes nothing, and each of its callers is told.
"""

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
    """A vote waiting; its thread sleeps on `done` until it is served, or told to lead."""

    __slots__ = ("at", "battle", "change", "done", "error", "key", "leads", "previous", "row")

    def __init__(self, battle: int, key: Key, change: Change) -> None:
        self.battle = battle
        self.key = key
        self.change = change
        self.previous: VoteRow | None = None
        self.row: VoteRow | None = None
        self.at: datetime | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.done = threading.Lock()
        self.done.acquire()


_INTERRUPTED = "The store was interrupted while it saved a vote: start again, and what was saved is seen."

Task = Callable[[Standings], None]
"""Something else to do between two groups, with what is known of battles."""


class Ledger:
    """Accepts votes; every public method may be called from any thread."""

    def __init__(
        self, journal: Journal, delivery: Delivery, standings: Standings, take_seq: Callable[[int], int]
    ) -> None:
        self._journal = journal
        self._delivery = delivery
        self._standings = standings
        self._take_seq = take_seq
        self._lock = threading.Lock()
        self._waiting: list[_Request | Task] = []
        self._in_hand: list[_Request | Task] = []
        self._led = False
        self._refusal: str | None = None

    def write(self, battle_id: UUID, key: Key, change: Change) -> tuple[VoteRow, datetime]:
        """Apply `change` to what stands for `key` on a battle; return the row, which is on the disk, and its time.

        Raises:
            NotFound: there is no such battle.
            NotVotable: it was never finished, or an answer failed.
            StoreFailed: the vote could not be saved.
            WorkbenchError: whatever `change` raised.
        """
        request = _Request(battle_id.int, key, change)
        if self._enter(request):
            self._lead()
        else:
            try:
                request.done.acquire()
            except BaseException:
                self._leave(request)
                raise
            if request.leads:
                self._lead()
        if request.error is not None:
            raise request.error
        assert request.row is not None and request.at is not None
        return request.row, request.at

    def write_all(self, wanted: Sequence[tuple[UUID, Key, Change]]) -> list[BaseException | None]:
        """Apply many changes as one group, with one flush; return the error of each that was refused, in order.

        Those that were not refused are on the disk.
        """
        requests = [_Request(battle_id.int, key, change) for battle_id, key, change in wanted]
        if not requests:
            return []
        if self._enter(*requests):
            self._lead()
        try:
            for request in requests:
                request.done.acquire()
                if request.leads:
                    self._lead()
        except BaseException:
            for request in requests:
                if request.row is None and request.error is None:
                    self._leave(request)
            raise
        return [request.error for request in requests]

    def learn(self, facts: Sequence[BattleFacts], *, new: bool) -> None:
        """Tell of battles just committed, so that votes sent later are checked against them."""
        self._do(lambda standings: standings.learn(facts, new=new))

    def forget(self) -> None:
        """Read every battle anew, because something else has written votes or battles."""
        self._do(lambda standings: standings.trim(self._delivery.stored_before(), limit=0))

    def close(self) -> None:
        """Refuse every later vote; return when all earlier ones are acknowledged or refused."""
        closed = threading.Event()

        def refuse_from_now_on(standings: Standings) -> None:
            self._refusal = "The store is closed and takes no more votes."
            closed.set()

        if self._refusal is None:
            self._do(refuse_from_now_on)
            closed.wait()

    def _do(self, task: Task) -> None:
        if self._enter(task):
            self._lead()

    def _enter(self, *items: _Request | Task) -> bool:
        """Queue `items`; return whether the calling thread must lead."""
        with self._lock:
            if self._refusal is not None:
                raise StoreFailed(self._refusal)
            self._waiting.extend(items)
            leads, self._led = not self._led, True
            return leads

    def _leave(self, request: _Request) -> None:
        """Give up waiting (Ctrl-C): an unserved vote is dropped, and the lead is not left to a thread that is gone."""
        with self._lock:
            if request in self._waiting and not request.leads:
                self._waiting.remove(request)
        if request.leads:
            self._lead()

    def _lead(self) -> None:
        """Serve all that wait, then hand the lead on; if this thread is interrupted, nobody waits for ever."""
        try:
            self._lead_once()
        except BaseException:
            with self._lock:
                self._refusal = self._refusal or _INTERRUPTED
                left, self._in_hand, self._waiting = [*self._in_hand, *self._waiting], [], []
            _refuse([item for item in left if isinstance(item, _Request)], StoreFailed(self._refusal))
            raise

    def _lead_once(self) -> None:
        while True:
            with self._lock:
                items, self._waiting = self._waiting, []
                self._in_hand = items
            requests = [item for item in items if isinstance(item, _Request)]
            for item in items:
                if not isinstance(item, _Request):
                    item(self._standings)
            if requests:
                self._serve(requests)
            with self._lock:
                self._in_hand = []
                heir = next((item for item in self._waiting if isinstance(item, _Request)), None)
                self._led = bool(self._waiting)
                if not self._led:
                    return
                if heir is not None:
                    heir.leads = True
            if heir is not None:
                heir.done.release()
                return

    def _serve(self, requests: list[_Request]) -> None:
        accepted: list[_Request] = []
        try:
            if self._refusal is not None:
                raise StoreFailed(self._refusal)
            if self._delivery.trouble is not None:
                self._delivery.catch_up()
            if self._standings.crowded:
                self._standings.trim(self._delivery.stored_before())
            self._standings.fetch([request.battle for request in requests])
            at = datetime.now(UTC)
            now = microseconds(at)
            first = self._take_seq(len(requests))
            accepted.extend(r for seq, r in enumerate(requests, first) if self._accept(r, seq, at, now))
            rows = [request.row for request in accepted if request.row is not None]
            if rows:
                group = Group(dump_rows(rows), rows[0].seq, rows[-1].seq)
                self._journal.append(group.text, group.last_seq)
                self._delivery.add(group)
        except Exception as error:
            self._withdraw(accepted)
            _refuse(requests, error)
        except BaseException:
            self._refusal = _INTERRUPTED
            raise
        else:
            for request in requests:
                request.done.release()

    def _accept(self, request: _Request, seq: int, at: datetime, now: int) -> bool:
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


def _refuse(requests: list[_Request], error: Exception) -> None:
    """Wake the threads of `requests` with `error`, unless they have one of their own."""
    for request in requests:
        request.error = request.error or error
        if request.done.locked():
            request.done.release()
