"""Where votes are accepted: who knows which vote stands, checks each new one and has it logged.

Of the threads with a vote waiting, one leads: it checks all waiting votes, flushes them to the log as one group (group
commit), acknowledges them, and hands the lead to a thread that has come since. That spares two changes of thread a
vote, which cost more than the check. A coroutine cannot lead, as the flush would hold up its event loop: where only
coroutines wait, the one thread kept for that leads, and wakes all of an event loop at once. Votes reach the database in
larger batches. A group that cannot be logged changes nothing, and each of its callers is told.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from arena.errors import NotFound, NotVotable, StoreFailed
from arena.store.check import Cells
from arena.store.delivery import Delivery, Group
from arena.store.hand import Hand
from arena.store.journal import Journal
from arena.store.rows import VoteRow, dump_rows, microseconds
from arena.store.standings import BattleFacts, Key, Standings, remember
from arena.store.tallies import Cut, Landed, Tallies
from arena.store.waiting import Change, Check, Errand, Request, Written, refuse, release

_INTERRUPTED = "The store was interrupted while it saved a vote: start again, and what was saved is seen."


class Ledger:
    """Accepts votes; every public method may be called from any thread, `send` from any event loop."""

    def __init__(
        self,
        journal: Journal,
        delivery: Delivery,
        standings: Standings,
        take_seq: Callable[[int], int],
        tallies: Tallies,
    ) -> None:
        self._journal = journal
        self._delivery = delivery
        self._standings = standings
        self._take_seq = take_seq
        self._tallies = tallies
        self._lock = threading.Lock()
        self._hand = Hand("store-votes", self._lead)
        self._waiting: list[Request | Errand] = []
        self._in_hand: list[Request | Errand] = []
        self._led = False
        self._refusal: str | None = None

    def write(self, battle_id: UUID, key: Key, change: Change) -> Written:
        """Apply `change` to what stands for `key` on a battle; return the row, which is on the disk, and its time.

        Raises:
            NotFound: there is no such battle.
            NotVotable: it was never finished, or an answer failed.
            StoreFailed: the vote could not be saved.
            WorkbenchError: whatever `change` raised.
        """
        request = Request(battle_id.int, key, change)
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
        return request.written()

    def send(
        self, battle_id: UUID, key: Key, change: Change, check: Check | None = None
    ) -> "asyncio.Future[Written]":
        """Do what `write` does for a coroutine, which awaits the result; no thread waits with it.

        `check` may refuse the vote once it is known who started the battle. A vote whose coroutine is cancelled may
        still be written.
        """
        future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        if self._enter(Request(battle_id.int, key, change, check, future)):
            self._hand.work()
        return future

    def write_all(self, wanted: Sequence[tuple[UUID, Key, Change]]) -> list[BaseException | None]:
        """Apply many changes as one group, with one flush; return the error of each that was refused, in order.

        Those that were not refused are on the disk.
        """
        requests = [Request(battle_id.int, key, change) for battle_id, key, change in wanted]
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
        self._enter_and_lead(Errand(lambda standings: standings.learn(facts, new=new)))

    def forget(self) -> None:
        """Read every battle anew and count votes anew, because something else has written votes or battles."""

        def forget(standings: Standings) -> None:
            standings.trim(self._delivery.stored_before(), limit=0)
            self._tallies.invalidate()

        self._do(forget)

    def set_aside(self, battles: Sequence[UUID], reason: str) -> None:
        """Tell of battles just set aside; votes are counted anew."""

        def learn(standings: Standings) -> None:
            standings.set_aside(battles, reason)
            self._tallies.invalidate()

        self._do(learn)

    def mark(self) -> Cut | None:
        """Begin a count of all votes; every row numbered below the cut is acknowledged, and no later one.

        Returns `None` where no more votes are taken, so that nothing can be counted on.
        """
        if self._refusal is not None:
            return None
        cuts: list[Cut] = []
        self._do(lambda _: cuts.append(self._tallies.begin(self._take_seq(0))))
        return cuts[0]

    def snapshot(self) -> tuple[int, int, Cells | None]:
        """Return a number above all acknowledged rows, the state of the counts, and the counts kept, of one moment."""
        taken: list[tuple[int, int, Cells | None]] = []
        self._do(lambda _: taken.append((self._take_seq(0), self._tallies.version, self._tallies.cells())))
        return taken[0]

    def close(self) -> None:
        """Refuse every later vote; return when all earlier ones are acknowledged or refused."""

        def refuse_from_now_on(standings: Standings) -> None:
            self._refusal = "The store is closed and takes no more votes."

        if self._refusal is None:
            self._do(refuse_from_now_on)
        self._hand.close()

    def _do(self, run: Callable[[Standings], None]) -> None:
        """Run an errand between two groups, and return when it was run."""
        errand = Errand(run)
        self._enter_and_lead(errand)
        errand.done.wait()
        if errand.error is not None:
            raise errand.error

    def _enter_and_lead(self, errand: Errand) -> None:
        if self._enter(errand):
            self._lead()

    def _enter(self, *items: Request | Errand) -> bool:
        """Queue `items`; return whether the calling thread must lead."""
        with self._lock:
            if self._refusal is not None:
                raise StoreFailed(self._refusal)
            self._waiting.extend(items)
            leads, self._led = not self._led, True
            return leads

    def _leave(self, request: Request) -> None:
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
            error = StoreFailed(self._refusal)
            refuse([item for item in left if isinstance(item, Request)], error)
            for item in left:
                if isinstance(item, Errand) and not item.done.is_set():
                    item.error = error
                    item.done.set()
            raise

    def _lead_once(self) -> None:
        while True:
            with self._lock:
                items, self._waiting = self._waiting, []
                self._in_hand = items
            for item in items:
                if isinstance(item, Errand):
                    item.carry_out(self._standings)
            requests = [item for item in items if isinstance(item, Request)]
            if requests:
                self._serve(requests)
            with self._lock:
                self._in_hand = []
                self._led = bool(self._waiting)
                if not self._led:
                    return
                heir = None if self._hand.mine else self._heir()
                if heir is not None:
                    heir.leads = True
                to_hand = heir is None and not self._hand.mine and self._awaited()
            if heir is not None:
                heir.done.release()
                return
            if to_hand:
                self._hand.work()
                return

    def _heir(self) -> Request | None:
        """Return a waiting vote whose thread can lead."""
        return next((r for r in self._waiting if isinstance(r, Request) and r.future is None), None)

    def _awaited(self) -> bool:
        return any(isinstance(item, Request) for item in self._waiting)

    def _serve(self, requests: list[Request]) -> None:
        accepted: list[Request] = []
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
                self._tallies.land([_landed(request) for request in accepted])
        except Exception as error:
            self._withdraw(accepted)
            refuse(requests, error)
        except BaseException:
            self._refusal = _INTERRUPTED
            raise
        else:
            release(requests)

    def _accept(self, request: Request, seq: int, at: datetime, now: int) -> bool:
        """Check one request and make it the newest of its voter; keep its error for its caller if it is refused."""
        try:
            standing = self._standings.get(request.battle)
            if standing is None:
                raise NotFound(f"There is no battle {UUID(int=request.battle)}: it was never stored.")
            facts = standing.facts
            if request.check is not None:
                request.check(facts)
            if not facts.votable:
                raise NotVotable(
                    f"The battle {facts.battle_id} takes no vote, because it was never finished or one of "
                    "its answers failed: start another battle."
                )
            previous = standing.newest.get(request.key)
            draft = request.change(previous)
            if draft.created_at is not None:
                at, now = draft.created_at, microseconds(draft.created_at)
            winner, revision, reasons, comment, _ = draft
            row = VoteRow(
                seq,
                facts.battle_id,
                facts.model_a,
                facts.model_b,
                winner,
                *request.key,
                revision,
                reasons,
                comment,
                now,
            )
            remember(standing, row)
        except Exception as error:
            request.error = error
            return False
        request.facts, request.previous, request.row, request.at = facts, previous, row, at
        return True

    def _withdraw(self, requests: list[Request]) -> None:
        """Make what stood before `requests` stand again."""
        for request in reversed(requests):
            standing = self._standings.get(request.battle)
            if standing is None:
                continue
            if request.previous is None:
                standing.newest.pop(request.key, None)
            else:
                standing.newest[request.key] = request.previous


def _landed(request: Request) -> Landed:
    assert request.row is not None and request.facts is not None
    return Landed(request.row, request.previous, request.facts.aside)
