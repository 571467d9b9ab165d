"""The way of acknowledged votes from the log into the database, in batches, on the writer thread.

A vote counts as behind from before it is acknowledged until its batch is committed; whoever reads waits for what is
behind. A batch that could not be committed stays here and in the log and goes out again with the next one; its error
reaches whoever waits for it, and stands in `trouble` until a batch arrives.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future

from arena.store.journal import Journal
from arena.store.rows import VoteRow, insert_votes
from arena.store.writer import Writer


class Delivery:
    """Batches on their way; every method may be called from any thread."""

    def __init__(self, journal: Journal, writer: Writer, *, batch: int) -> None:
        self._journal = journal
        self._writer = writer
        self._batch = batch
        self._lock = threading.Lock()
        self._waiting: list[VoteRow] = []
        self._sent: dict[Future[None], list[VoteRow]] = {}
        self._newest = -1
        self.trouble: BaseException | None = None

    @property
    def behind(self) -> bool:
        """Whether an acknowledged vote is not yet in the database."""
        return bool(self._waiting or self._sent)

    def add(self, rows: Sequence[VoteRow]) -> None:
        """Take rows that the log holds; call this before acknowledging them."""
        with self._lock:
            self._waiting.extend(rows)
            self._newest = rows[-1].seq
            full = len(self._waiting) >= self._batch
        if full:
            self.send()

    def send(self) -> list["Future[None]"]:
        """Hand everything waiting to the writer; return the futures of all batches on their way."""
        with self._lock:
            rows, self._waiting = self._waiting, []
            future: Future[None] | None = None
            if rows:
                future = self._writer.submit(lambda con: insert_votes(con, rows))
                self._sent[future] = rows
            on_their_way = list(self._sent)
        if future is not None:
            future.add_done_callback(self._arrived)
        return on_their_way

    def catch_up(self) -> None:
        """Return once every vote acknowledged before this call is in the database.

        Raises:
            StoreFailed: the database cannot be written; the votes stay in the log.
        """
        if self.behind:
            for future in self.send():
                future.result()

    def stored_before(self) -> int:
        """Return a number such that every acknowledged row with a smaller `seq` is in the database."""
        with self._lock:
            firsts = [rows[0].seq for rows in (*self._sent.values(), self._waiting) if rows]
            return min(firsts, default=self._newest + 1)

    def _arrived(self, future: "Future[None]") -> None:
        with self._lock:
            rows = self._sent.pop(future)
            self.trouble = future.exception()
            if self.trouble is not None:
                self._waiting[:0] = rows
        if self.trouble is None:
            self._journal.forget(self.stored_before())
