"""The store: one database file, its vote log, and the nouns that are kept in them."""

import threading
from pathlib import Path
from typing import Self

import duckdb

from arena.errors import WorkbenchError
from arena.store.agreement import AgreementRows
from arena.store.answers import Answers
from arena.store.aside import SetAside
from arena.store.battles import Battles
from arena.store.bulk import Bulk
from arena.store.connection import Connection
from arena.store.delivery import Delivery
from arena.store.golden import GoldenSets
from arena.store.integrity import IntegrityRows
from arena.store.jobs import JobRows
from arena.store.journal import Journal
from arena.store.judges import Judges
from arena.store.judgments import Judgments
from arena.store.ledger import Ledger
from arena.store.listing import Listing
from arena.store.mine import OwnVotes
from arena.store.models import Models
from arena.store.people import PeopleRows
from arena.store.preferences import JudgedPairs
from arena.store.prompts import Prompts
from arena.store.reviews import Reviews
from arena.store.rows import insert_votes_again
from arena.store.scores import Scores
from arena.store.standings import Standings
from arena.store.styles import Styles
from arena.store.tallies import Tallies
from arena.store.tokens import Tokens
from arena.store.verdicts import Verdicts
from arena.store.votes import Votes
from arena.store.writer import Writer
from arena.store.written import WrittenAnswers

DELIVERY_BATCH = 2048
"""So many acknowledged votes go to the database at once when nobody reads."""
KNOWN_BATTLES = 100_000
"""So many battles are remembered for checking votes."""


class Store:
    """An open store; a context manager. Every method of it and of its nouns may be called from any thread."""

    def __init__(self, connection: Connection, journal: Journal) -> None:
        """Take over an open database and its log; use `open`."""
        self._connection = connection
        self._journal = journal
        self._closing = threading.Lock()
        self._closed = False
        self._writer = Writer(connection.path, connection.new_cursor())
        try:
            self._writer.run(lambda con: insert_votes_again(con, journal.replay()))
            journal.clear()
        except BaseException:
            self._writer.close()
            raise
        counter = _Counter(_newest_seq(connection.cursor()) + 1)
        self._delivery = Delivery(journal, self._writer, batch=DELIVERY_BATCH)
        standings = Standings(connection.new_cursor(), limit=KNOWN_BATTLES)
        tallies = Tallies()
        self._ledger = Ledger(journal, self._delivery, standings, counter.take, tallies)
        self.models = Models(self._writer, self.read)
        self.prompts = Prompts(self._writer, self.read)
        self.answers = Answers(self._writer, self.read)
        self.battles = Battles(self._writer, self._ledger, self.read)
        self.set_aside = SetAside(self._writer, self._ledger, self.read)
        self.votes = Votes(self._ledger, self.read, tallies)
        self.reviews = Reviews(self._writer, self._ledger, self.read)
        self.mine = OwnVotes(self.read)
        self.listing = Listing(self.read)
        self.written = WrittenAnswers(self._writer, self.read)
        self.preferences = JudgedPairs(self.read)
        self.judges = Judges(self._writer, self.read)
        self.verdicts = Verdicts(self._writer, self.read)
        self.judgments = Judgments(self._writer, self.read)
        self.agreement = AgreementRows(self.read)
        self.people = PeopleRows(self.read)
        self.scores = Scores(self._writer, self.read)
        self.styles = Styles(self._writer, self.read)
        self.golden = GoldenSets(self._writer, self.read)
        self.integrity = IntegrityRows(self._writer, self.read)
        self.tokens = Tokens(self._writer, self.read)
        self.jobs = JobRows(self._writer, connection.cursor)
        self.bulk = Bulk(self._writer, self._ledger, counter.take, self._delivery.catch_up)

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Self:
        """Open the database file at `path` (made with its folder if `create`) and replay its vote log.

        Raises:
            NotFound: there is no such file and `create` is false.
            StoreLocked: it is open already, in another process or this one.
            StoreDamaged: the file or its log cannot be read, or a newer version wrote it.
            StoreFailed: it may not be written.
        """
        connection = Connection.open(path, create=create)
        try:
            store_id = connection.cursor().execute("SELECT store_id::VARCHAR FROM identity").fetchall()[0][0]
            journal = Journal(path.with_name(path.name + ".votelog"), store_id)
        except BaseException:
            connection.close()
            raise
        try:
            return cls(connection, journal)
        except BaseException:
            journal.close()
            connection.close()
            raise

    def read(self) -> duckdb.DuckDBPyConnection:
        """Return the calling thread's cursor, once every acknowledged vote is in the database.

        Raises:
            StoreFailed: acknowledged votes cannot be brought into the database, or the store is closed.
        """
        self._delivery.catch_up()
        return self._connection.cursor()

    def close(self) -> None:
        """Bring every acknowledged vote into the database and give the file back; a second call does nothing.

        Raises:
            StoreFailed: the votes could not be brought in; they are in the log and are replayed on opening.
        """
        with self._closing:
            if self._closed:
                return
            self._closed = True
        self._ledger.close()
        failed: WorkbenchError | None = None
        try:
            self._delivery.catch_up()
        except WorkbenchError as error:
            failed = error
        self._writer.close()
        if failed is None:
            self._journal.clear()
        self._journal.close()
        self._connection.close()
        if failed is not None:
            raise failed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class _Counter:
    """Hands out the numbers that keep votes in order, to the ledger and to bulk imports."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._lock = threading.Lock()

    def take(self, how_many: int) -> int:
        """Return the first of `how_many` numbers that nobody else gets."""
        with self._lock:
            first = self._next
            self._next += how_many
            return first


def _newest_seq(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("SELECT coalesce(max(seq), -1) FROM votes").fetchall()[0][0])
