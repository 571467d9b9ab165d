"""The vote log: a vote is acknowledged once a flushed line in here holds it, before DuckDB does.

One flush of a short append costs a tenth of a DuckDB commit, and all votes waiting share it. The log is a folder
beside the database, of numbered segments. A segment's first line names the store it belongs to; every further line
is a checksum and the rows of one group of votes, so a group is there wholly or not at all. A segment is deleted when
all its rows are committed in DuckDB; what is left on opening is replayed. Only the end of the last segment can be
torn (its votes were never acknowledged): a bad line anywhere else is damage, and said so.
"""

import fcntl
import os
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path

from arena.errors import StoreDamaged, StoreFailed, StoreLocked

SEGMENT_BYTES = 4 << 20
"""A segment longer than this is followed by a new one."""

_sync = getattr(os, "fdatasync", os.fsync)


@dataclass(slots=True)
class _Segment:
    path: Path
    fd: int
    size: int
    last_seq: int = -1


class Journal:
    """The log of one store; `append` is for one thread at a time, `forget` may come from another."""

    def __init__(self, folder: Path, store_id: str, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Open the log in `folder`, made if missing; read `replay` before the first `append`.

        Raises:
            StoreLocked: this process has the same log open already.
            StoreFailed: the folder cannot be made.
        """
        self._folder = folder
        self._header = f"workbench votes 1 {store_id}\n".encode()
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._segments: list[_Segment] = []
        self._broken: str | None = None
        try:
            folder.mkdir(exist_ok=True)
            self._folder_fd = os.open(folder, os.O_RDONLY)
        except OSError as error:
            raise StoreFailed(f"The vote log {folder} cannot be opened: {error.strerror}.") from error
        try:
            fcntl.flock(self._folder_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._folder_fd)
            raise StoreLocked(
                f"{folder} is open already in this process: use the store that is open."
            ) from error
        self._numbers = max((int(p.stem) for p in self._files()), default=0)

    def replay(self) -> list[str]:
        """Return the groups left by an earlier process, in the order they were acknowledged.

        Raises:
            StoreDamaged: a line before the end is unreadable, or the log belongs to another database.
        """
        files = self._files()
        return [group for path in files for group in read_segment(path, self._header, last=path == files[-1])]

    def append(self, group: str, last_seq: int) -> None:
        """Write a group of rows, of which `last_seq` is the newest; they are on the disk when this returns.

        Raises:
            StoreFailed: they are not; nothing of them is left in the log.
        """
        if self._broken:
            raise StoreFailed(self._broken)
        line = encode(group)
        try:
            segment = self._current()
            _write(segment.fd, line)
            _sync(segment.fd)
        except OSError as error:
            self._take_back()
            raise StoreFailed(
                f"The vote was not saved, because the vote log {self._folder} could not be written: "
                f"{error.strerror}. Make room or repair the disk, then vote again."
            ) from error
        segment.size += len(line)
        segment.last_seq = last_seq

    def forget(self, before: int) -> None:
        """Delete the finished segments that hold no row with `seq >= before`."""
        with self._lock:
            finished = [s for s in self._segments[:-1] if s.last_seq < before]
            self._segments = [s for s in self._segments if s not in finished]
            for segment in finished:
                os.close(segment.fd)
                segment.path.unlink()

    def clear(self) -> None:
        """Delete every segment; for when all rows are committed elsewhere."""
        with self._lock:
            for segment in self._segments:
                os.close(segment.fd)
            self._segments = []
            for path in self._files():
                path.unlink()
            os.fsync(self._folder_fd)

    def close(self) -> None:
        """Let go of the files; what is not forgotten stays for `replay`."""
        with self._lock:
            for segment in self._segments:
                os.close(segment.fd)
            self._segments = []
            os.close(self._folder_fd)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.votes"), key=lambda path: int(path.stem))

    def _current(self) -> _Segment:
        with self._lock:
            if self._segments and self._segments[-1].size < self._segment_bytes:
                return self._segments[-1]
        path = self._folder / f"{self._numbers + 1:08d}.votes"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            _write(fd, self._header)
            os.fsync(fd)
            os.fsync(self._folder_fd)
        except OSError:
            os.close(fd)
            path.unlink(missing_ok=True)
            raise
        self._numbers += 1
        segment = _Segment(path, fd, len(self._header))
        with self._lock:
            self._segments.append(segment)
        return segment

    def _take_back(self) -> None:
        """Cut a failed append off again; if even that fails, take no more votes."""
        if not self._segments:
            return
        segment = self._segments[-1]
        try:
            os.ftruncate(segment.fd, segment.size)
            _sync(segment.fd)
        except OSError as error:
            self._broken = (
                f"The vote log {self._folder} takes no more votes, because its disk failed ({error.strerror}): "
                "repair the disk and start again; every vote acknowledged so far is kept."
            )


def encode(group: str) -> bytes:
    """Return a group as a line of the log: CRC-32 in hex, a space, and the JSON of its rows."""
    payload = group.encode()
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


def read_segment(path: Path, header: bytes, *, last: bool) -> list[str]:
    """Return the groups of one segment; a torn end is dropped when it is the `last` one.

    Raises:
        StoreDamaged: see `Journal.replay`.
    """
    content = path.read_bytes()
    first, _, rest = content.partition(b"\n")
    if first + b"\n" != header:
        if last and header.startswith(content):
            return []
        raise StoreDamaged(
            f"The vote log {path} belongs to another database: move it away if that database is gone, "
            "or put the database back that it belongs to."
        )
    *lines, torn = rest.split(b"\n")
    groups = [decode(line) for line in lines]
    whole = next((i for i, group in enumerate(groups) if group is None), len(groups))
    if any(groups[whole:]) or (not last and (whole < len(groups) or torn)):
        raise StoreDamaged(
            f"The vote log {path} is damaged at line {whole + 2}, before its end: restore it from a copy, or move "
            "it away to open the database without the votes it holds."
        )
    return [group for group in groups[:whole] if group is not None]


def decode(line: bytes) -> str | None:
    """Return the group in one line, or `None` when it is not as it was written."""
    checksum, _, payload = line.partition(b" ")
    return payload.decode() if checksum == b"%08x" % zlib.crc32(payload) else None


def _write(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]
