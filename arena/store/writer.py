"""One thread writes to the database: every change is a function run on its connection, in its own transaction.

The caller waits and gets the function's result only after the commit is on disk, or its error after the rollback.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from arena.errors import StoreFailed
from arena.store.connection import damaged, is_damage, writing_failed

T = TypeVar("T")
Change = Callable[[duckdb.DuckDBPyConnection], T]


_DISK_OR_MEMORY = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.TransactionException,
)
"""What DuckDB raises when it cannot write; anything else is a mistake in the change, and raised as it is."""


class Writer:
    """The writer thread; `run` waits for a change, `submit` does not."""

    def __init__(self, path: Path, con: duckdb.DuckDBPyConnection) -> None:
        self._path = path
        self._con = con
        self._lock = threading.Lock()
        self._closed = False
        self._jobs: queue.SimpleQueue[tuple[Change[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def run(self, change: Change[T]) -> T:
        """Run `change` in a transaction of its own and return its result once that is durable.

        Raises:
            StoreFailed: the database could not be written, or is closed; nothing was changed.
            WorkbenchError: whatever `change` raised; nothing was changed.
            RuntimeError: called within a change; nothing was queued.
        """
        self._refuse_itself()
        return self.wait_for(self.submit(change))

    def wait_for(self, future: "Future[T]") -> T:
        """Return the result of a submitted change, or raise its error.

        Raises:
            RuntimeError: called within a change, which would wait for itself.
        """
        self._refuse_itself()
        return future.result()

    def submit(self, change: Change[T]) -> "Future[T]":
        """Queue `change` behind all others and return its future."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise StoreFailed(f"The database {self._path} is closed.")
            self._jobs.put((change, future))
        return future

    def _refuse_itself(self) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a change must not wait for another change, or read through the store")

    def close(self) -> None:
        """Finish everything queued, then stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            change, future = job
            try:
                result = self._transaction(change)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
            del job, change, future

    def _transaction(self, change: Change[T]) -> T:
        self._con.execute("BEGIN")
        try:
            result = change(self._con)
            self._con.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, duckdb.Error) and is_damage(error):
                raise damaged(self._path, error) from error
            if isinstance(error, _DISK_OR_MEMORY):
                raise writing_failed(self._path, error) from error
            raise
        return result

    def _roll_back(self) -> None:
        try:
            self._con.execute("ROLLBACK")
        except duckdb.TransactionException:
            return  # a failed COMMIT has ended the transaction already
