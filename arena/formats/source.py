"""A stranger's file, looked at once: is it readable, what holds its rows, and how are they to be read.

Everything is decided by content, the name is only a tie-breaker (`.txt` for one prompt a line). What cannot be read
ends here in one sentence; the readers after this may trust the container.
"""

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

from arena.errors import InvalidInput

_HEAD = 1 << 20
_BLOCK = 1 << 20
_DELIMITERS = (",", "\t", ";", "|")
FIELD_LIMIT = 1 << 30
"""Longest CSV field, in characters; Python's own limit of 128 KiB is less than a long conversation."""


class Container(StrEnum):
    """What holds the rows of a file."""

    CSV = "csv"
    JSONL = "jsonl"
    JSON = "json"
    PARQUET = "parquet"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file: its container, whether it is gzipped, and the SHA-256 and size in bytes of its unpacked content.

    Of a CSV file also the delimiter, the names in its header (lower case), and the blank lines above it. With
    `mixed_ends` there are line ends of more than one kind, if only within quotation marks.
    """

    path: Path
    container: Container
    gzipped: bool
    sha256: str
    size: int
    delimiter: str = ","
    header: tuple[str, ...] = ()
    skip: int = 0
    mixed_ends: bool = False

    @property
    def name(self) -> str:
        """Return the file's name, for messages."""
        return self.path.name

    @property
    def stem(self) -> str:
        """Return the file's name without its endings, as a name for what it holds."""
        return self.path.name.removesuffix(".gz").rsplit(".", 1)[0] or self.path.name

    def binary(self) -> IO[bytes]:
        """Open the unpacked file as bytes."""
        return _unpacked(self.path, self.gzipped)

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """Open the unpacked file as UTF-8 text, without a byte order mark and with its line ends as they are.

        Raises:
            InvalidInput: the bytes read are not UTF-8.
        """
        with self.binary() as binary, io.TextIOWrapper(binary, "utf-8-sig", newline="") as text:
            try:
                yield text
            except UnicodeDecodeError as error:
                raise not_utf8(self.path) from error


def open_source(path: Path, *, plain: bool = False) -> Source:
    """Look at the file at `path`; with `plain` the lines of a `.txt` file are its rows.

    Raises:
        InvalidInput: there is no such file, it is a folder, empty, not permitted, binary, not UTF-8 or a broken gzip.
    """
    path = Path(path)
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder: name the file in it.")
    if not path.exists():
        raise InvalidInput(f"There is no file {path}: check the path.")
    try:
        with path.open("rb") as raw:
            gzipped = raw.read(2) == b"\x1f\x8b"
        seen = _glance(path, gzipped)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InvalidInput(f"{path} is a damaged gzip file: fetch or pack it again.") from error
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror or error}): check its permissions."
        ) from error
    if seen.head[:4] == b"PAR1":
        if gzipped:
            raise InvalidInput(f"{path} is a gzipped Parquet file: unpack it first.")
        return Source(path, Container.PARQUET, False, seen.sha256, seen.size)
    text = _decoded(path, seen.head)
    if not text.strip():
        raise InvalidInput(f"{path} is empty: there is nothing to import.")
    container, delimiter, header = _container(path, text, plain)
    skip = text[: len(text) - len(text.lstrip())].count("\n") if container is Container.CSV else 0
    return Source(path, container, gzipped, seen.sha256, seen.size, delimiter, header, skip, seen.mixed_ends)


def not_utf8(path: Path) -> InvalidInput:
    """Return the error for a file whose text is not UTF-8."""
    return InvalidInput(f"{path} is not UTF-8 text: save it as UTF-8 and import it again.")


def _unpacked(path: Path, gzipped: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if gzipped else path.open("rb")


@dataclass(frozen=True, slots=True)
class _Glance:
    """The SHA-256 and size of the unpacked content, its beginning, and whether its lines end in more than one way."""

    sha256: str
    size: int
    head: bytes
    mixed_ends: bool


def _glance(path: Path, gzipped: bool) -> _Glance:
    sha, size, head, last = hashlib.sha256(), 0, b"", b""
    pairs = feeds = returns = 0
    with _unpacked(path, gzipped) as file:
        while block := file.read(_BLOCK):
            sha.update(block)
            size += len(block)
            if len(head) < _HEAD:
                head += block
            pairs += block.count(b"\r\n") + (last == b"\r" and block[:1] == b"\n")
            feeds += block.count(b"\n")
            returns += block.count(b"\r")
            last = block[-1:]
    kinds = (pairs > 0) + (feeds > pairs) + (returns > pairs)
    return _Glance(sha.hexdigest(), size, head[:_HEAD], kinds > 1)


def _decoded(path: Path, head: bytes) -> str:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InvalidInput(f"{path} is UTF-16 text: save it as UTF-8 and import it again.")
    if b"\x00" in head:
        raise InvalidInput(
            f"{path} is a binary file: CSV, JSON lines, JSON and Parquet files can be imported."
        )
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(head) == _HEAD and error.start > _HEAD - 4:  # a character cut in two by the end of the head
            return head[: error.start].decode("utf-8-sig")
        raise not_utf8(path) from error


def _container(path: Path, text: str, plain: bool) -> tuple[Container, str, tuple[str, ...]]:
    names = [suffix.lower() for suffix in path.suffixes]
    first = text.lstrip()[0]
    if plain and ".txt" in names:
        return Container.LINES, ",", ()
    if first == "[":
        return Container.JSON, ",", ()
    if first == "{":
        if ".json" in names and not _is_json(text.lstrip().splitlines()[0]):
            raise InvalidInput(
                f"{path} holds one JSON object over several lines: a list of objects, "
                "or one object on each line, can be imported."
            )
        return Container.JSONL, ",", ()
    header = max((_header(text, delimiter) for delimiter in _DELIMITERS), key=lambda found: len(found[1]))
    return Container.CSV, *header


def _header(text: str, delimiter: str) -> tuple[str, tuple[str, ...]]:
    csv.field_size_limit(FIELD_LIMIT)
    row = next(csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter), [])
    return delimiter, tuple(cell.strip().lower() for cell in row)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
