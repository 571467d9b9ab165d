"""The way of acknowledged votes from the log into the database, in batches, on the writer thread.

A vote counts as behind from before it is acknowledged until its batch is committed; whoever reads waits for what is
behind. A batch that could not be committed stays here and in the log and goes out again with the next one; its error
reaches whoever waits for it, and stands in `trouble` until a batch arrives.
"""

import threading
from concurrent.futures import Future
from dataclasses import dataclass

from arena.store.journal import Journal
from arena.store.rows import insert_votes
from arena.store.writer import Writer


@dataclass(frozen=True, slots=True)
class Group:
    """Rows acknowledged together, as the log holds them."""

    text: str
    first_seq: int
    last_seq: int


class Delivery:
    """Batches on their way; every method may be called from any thread."""

    def __init__(self, journal: Journal, writer: Writer, *, batch: int) -> None:
        self._journal = journal
        self._writer = writer
        self._batch = batch
        self._lock = threading.Lock()
        self._waiting: list[Group] = []
        self._sent: dict[Future[None], list[Group]] = {}
        self._rows = 0
        self._newest = -1
        self.trouble: BaseException | None = None

    def add(self, group: Group) -> None:
        """Take rows that the log holds; call this before acknowledging them."""
        with self._lock:
            self._waiting.append(group)
            self._newest = group.last_seq
            self._rows += group.last_seq - group.first_seq + 1
            full = self._rows >= self._batch
        if full:
            self.send()

    def send(self) -> list["Future[None]"]:
        """Hand everything waiting to the writer; return the futures of all batches on their way."""
        with self._lock:
            future: Future[None] | None = None
            if self._waiting:
                texts = [group.text for group in self._waiting]
                future = self._writer.submit(lambda con: insert_votes(con, texts))
                self._sent[future], self._waiting, self._rows = self._waiting, [], 0
            on_their_way = list(self._sent)
        if future is not None:
            future.add_done_callback(self._arrived)
        return on_their_way

    def catch_up(self) -> None:
        """Return once every vote acknowledged before this call is in the database.

        Raises:
            StoreFailed: the database cannot be written; the votes stay in the log.
        """
        for future in self.send():
            self._writer.wait_for(future)

    def stored_before(self) -> int:
        """Return a number such that every acknowledged row with a smaller `seq` is in the database."""
        with self._lock:
            firsts = [groups[0].first_seq for groups in (*self._sent.values(), self._waiting) if groups]
            return min(firsts, default=self._newest + 1)

    def _arrived(self, future: "Future[None]") -> None:
        with self._lock:
            groups = self._sent.pop(future)
            self.trouble = future.exception()
            if self.trouble is not None:
                self._waiting[:0] = groups
        if self.trouble is None:
            self._journal.forget(self.stored_before())
