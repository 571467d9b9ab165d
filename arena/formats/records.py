"""The rows of a file one by one, each with the line it begins on, and what is wrong with those that are none.

This is the reader for everything but votes, and it knows where a vote's row stands in its file: DuckDB reads a
million votes far faster, but counts rows, not lines, so the line of a refused row is looked up here.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from arena.errors import InvalidInput
from arena.formats.source import FIELD_LIMIT, Container, Source

_SPACE = " \t\r\n"
_SAMPLE = 1 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its line (in Parquet its row, both from 1) and its fields, or the `problem` that it has none."""

    line: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None


def records(source: Source) -> Iterator[Record]:
    """Yield every row of `source` in order; blank lines are no rows.

    Raises:
        InvalidInput: the file as a whole is broken (not UTF-8, a JSON list that does not end, no Parquet).
    """
    readers = {
        Container.CSV: _csv,
        Container.JSONL: _jsonl,
        Container.JSON: _json,
        Container.PARQUET: _parquet,
        Container.LINES: _lines,
    }
    return readers[source.container](source)


def sample_fields(source: Source) -> tuple[str, ...]:
    """Return the names of the fields that the first rows have, enough to tell what a file is."""
    names: dict[str, None] = {}
    for record in islice(
        _json(source, _SAMPLE) if source.container is Container.JSON else records(source), 100
    ):
        names.update(dict.fromkeys(record.fields))
    return tuple(names)


def lines_of(source: Source, rows: Iterable[int]) -> dict[int, int]:
    """Return the line of each of `rows`, numbered from 1 as DuckDB numbers them.

    DuckDB leaves out the rows of a CSV file that have too few or too many fields, and no entry of a JSON list.
    """
    wanted = set(rows)
    if source.container in (Container.JSONL, Container.PARQUET):
        return {row: row for row in wanted}
    every = source.container is Container.JSON
    good = (record.line for record in records(source) if every or record.problem is None)
    return {row: line for row, line in enumerate(good, 1) if row in wanted}


def csv_faults(source: Source) -> Iterator[Record]:
    """Yield the rows of a CSV file that have not as many fields as its header."""
    return (record for record in _csv(source) if record.problem is not None)


def csv_rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file, header included, each with the line it begins on; blank lines are none.

    Raises:
        InvalidInput: a quotation mark is not closed.
    """
    csv.field_size_limit(FIELD_LIMIT)
    with source.text() as text:
        reader = csv.reader(text, delimiter=source.delimiter, strict=True)
        line = 1
        try:
            for row in reader:
                if len(row) > 1 or (row and row[0].strip()):
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise unclosed(source, line) from error


def unclosed(source: Source, line: int) -> InvalidInput:
    """Return the error for a CSV file whose quotation marks do not add up from `line` on."""
    return InvalidInput(
        f"{source.path} has a quotation mark that is not closed in the row that begins on line {line}: "
        "correct it and import again."
    )


def _csv(source: Source) -> Iterator[Record]:
    for line, row in islice(csv_rows(source), 1, None):
        if len(row) == len(source.header) + 1 and not row[-1]:
            row.pop()
        if len(row) == len(source.header):
            yield Record(line, dict(zip(source.header, row, strict=True)))
        else:
            yield Record(line, problem=f"has {len(row)} fields where the header has {len(source.header)}")


def _jsonl(source: Source) -> Iterator[Record]:
    with source.text() as text:
        for line, content in enumerate(text, 1):
            if content.strip():
                yield _object(line, content)


def _object(line: int, content: str) -> Record:
    try:
        value = json.loads(content)
    except ValueError:
        return Record(line, problem="is not JSON")
    return Record(line, value) if isinstance(value, dict) else Record(line, problem="is not a JSON object")


def _json(source: Source, limit: int = -1) -> Iterator[Record]:
    """Yield the entries of a JSON list; with a `limit` in characters, those that lie wholly within it."""
    with source.text() as file:
        text = file.read(limit)
    cut = 0 < limit <= len(text)
    decoder = json.JSONDecoder()
    at, line, counted = _skip(text, text.index("[") + 1), 1, 0
    while at < len(text) and text[at] != "]":
        line += text.count("\n", counted, at)
        counted = at
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError as error:
            if cut:
                return
            raise InvalidInput(
                f"{source.path} is not valid JSON in the entry that begins on line {line}."
            ) from error
        yield Record(line, value) if isinstance(value, dict) else Record(line, problem="is not a JSON object")
        at = _skip(text, at)
        if at < len(text) and text[at] == ",":
            at = _skip(text, at + 1)
        elif at < len(text) and text[at] != "]":
            raise InvalidInput(f"{source.path} is not valid JSON after the entry that begins on line {line}.")
    if at >= len(text) and not cut:
        raise InvalidInput(f"{source.path} is cut off: its JSON list does not end.")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _parquet(source: Source) -> Iterator[Record]:
    import pyarrow
    import pyarrow.parquet

    row = 0
    try:
        with pyarrow.parquet.ParquetFile(source.path) as file:
            for batch in file.iter_batches(batch_size=4096):
                for fields in batch.to_pylist():
                    row += 1
                    yield Record(row, fields)
    except (pyarrow.ArrowException, OSError) as error:
        raise InvalidInput(f"{source.path} is a damaged Parquet file: fetch or write it again.") from error


def _lines(source: Source) -> Iterator[Record]:
    with source.text() as text:
        for line, content in enumerate(text, 1):
            if content.strip():
                yield Record(line, {"prompt": content.strip()})
