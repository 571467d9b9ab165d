"""Opening the one database file, and one cursor for each reading thread.

DuckDB gives a file to one process, and inside it one connection is not safe to share between threads: so there is
one root connection here, the writer has a cursor of its own, and every reading thread gets one that it keeps.
DuckDB's errors are turned into ours here and nowhere else.
"""

import re
import threading
import weakref
from pathlib import Path
from typing import Any, cast

import duckdb
import psutil

from arena.errors import NotFound, StoreDamaged, StoreFailed, StoreLocked, WorkbenchError
from arena.schema import migrate

_NO_DOWNLOADS: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": False}


class Connection:
    """The open database; `cursor()` is for the calling thread, `new_cursor()` is private to its caller."""

    def __init__(self, path: Path, root: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._root = root
        self._lock = threading.Lock()
        self._closed = False
        self._mine = threading.local()
        self._cursors: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()

    @classmethod
    def open(cls, path: Path, *, create: bool) -> "Connection":
        """Open the database file at `path` and bring its schema up to date.

        Raises:
            NotFound: there is no such file and `create` is false.
            StoreLocked: another process has it open.
            StoreDamaged: it is no database, a foreign one, or one of a newer version.
            StoreFailed: it may not be read or written.
        """
        if not create and not path.exists():
            raise NotFound(f"There is no database at {path}: check the path, or import something first.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            root = duckdb.connect(str(path), config=_NO_DOWNLOADS)
        except (duckdb.Error, OSError) as error:
            raise opening_failed(path, error) from error
        try:
            migrate(root)
        except duckdb.Error as error:
            root.close()
            raise opening_failed(path, error) from error
        except WorkbenchError:
            root.close()
            raise
        return cls(path, root)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return the calling thread's cursor, the same one at each call."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._mine, "cursor", None)
        if cursor is None or self._closed:
            cursor = self._mine.cursor = cast(
                duckdb.DuckDBPyConnection, _Reader(self.path, self.new_cursor())
            )
        return cursor

    def new_cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a new cursor that nobody else uses.

        Raises:
            StoreFailed: the database is closed.
        """
        with self._lock:
            if self._closed:
                raise StoreFailed(f"The database {self.path} is closed.")
            cursor = self._root.cursor()
            self._cursors.add(cursor)
            return cursor

    def close(self) -> None:
        """Close every cursor and give the file back; DuckDB keeps its lock until the last one is closed."""
        with self._lock:
            self._closed = True
            for cursor in list(self._cursors):
                cursor.close()
            self._root.close()


class _Reader:
    """A cursor whose queries say so in one sentence when a block of the file is broken."""

    def __init__(self, path: Path, cursor: duckdb.DuckDBPyConnection) -> None:
        self._path = path
        self._cursor = cursor

    def execute(self, query: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        try:
            return self._cursor.execute(query, parameters)
        except duckdb.Error as error:
            if is_damage(error):
                raise damaged(self._path, error) from error
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def is_damage(error: Exception) -> bool:
    """Whether DuckDB met a block that is not as it was written."""
    return "Corrupt database file" in str(error) or "Could not read enough bytes" in str(error)


def damaged(path: Path, error: Exception) -> StoreDamaged:
    """Return the error to show for a database file that cannot be read."""
    return StoreDamaged(
        f"{path} cannot be read as a workbench database ({_first_line(str(error))}): "
        "restore it from a copy, or move it away to start afresh."
    )


def opening_failed(path: Path, error: Exception) -> WorkbenchError:
    """Return the error to show for what DuckDB or the system said when opening `path`."""
    text = str(error)
    if "Could not set lock" in text:
        return StoreLocked(f"{path} is in use by {_holder(text)}: stop that process, or use another home.")
    if isinstance(error, OSError) or "Permission denied" in text or "Read-only" in text:
        return StoreFailed(f"{path} cannot be opened for writing ({_first_line(text)}).")
    return damaged(path, error)


def writing_failed(path: Path, error: Exception) -> WorkbenchError:
    """Return the error to show for what DuckDB or the system said when writing to `path`."""
    return StoreFailed(f"{path} could not be written, nothing was changed: {_first_line(str(error))}.")


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].rstrip(".!") if text.strip() else "no reason given"


def _holder(text: str) -> str:
    found = re.search(r"\(PID (\d+)\)", text)
    if not found:
        return "another process"
    pid = int(found.group(1))
    try:
        command = " ".join(" ".join(psutil.Process(pid).cmdline()).split())
    except psutil.Error:
        command = ""
    return f"process {pid}" + (f" ({command[:120]})" if command else "")
