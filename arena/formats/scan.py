"""DuckDB reads a stranger's file: chosen fields of every row as text into a staging table, in the order of the file.

This runs on a database in memory that lives as long as one import, so that a file of any size is parsed and checked
without holding up the store's writer. Fields are addressed by number inside: a stranger's column name never becomes
SQL, except quoted where Parquet asks for it.
"""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from arena.errors import InvalidInput
from arena.formats.records import csv_faults, csv_rows, unclosed
from arena.formats.report import Reject
from arena.formats.source import Container, Source, not_utf8

_LONGEST_LINE = 1 << 26
_USUAL_LINE = 1 << 21
_NO_DELIMITER = "chr(1) || chr(2) || chr(3) || chr(4)"
_RAGGED = ("MISSING COLUMNS", "TOO MANY COLUMNS")


@contextmanager
def staging() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory for one import, with a folder of its own for what does not fit into memory."""
    with tempfile.TemporaryDirectory(prefix="workbench-import-") as folder:
        con = duckdb.connect(
            config={
                "temp_directory": str(Path(folder) / "spill"),
                "autoinstall_known_extensions": False,
                "TimeZone": "UTC",
            }
        )
        con.execute("CREATE MACRO quoted(text) AS chr(39) || left(text, 80) || chr(39)")
        con.execute("CREATE TABLE place AS SELECT $1::VARCHAR AS folder", [folder])
        try:
            yield con
        finally:
            con.close()


def scan(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[str]) -> tuple[Reject, ...]:
    """Read `fields` of every row into the table `raw (n, problem, f0, f1, ...)`, all text, `n` from 1.

    `problem` says why a row is none. Rows of a CSV file with too few or too many fields are not in the table: they
    are returned. A field that the file does not have is NULL.

    Raises:
        InvalidInput: the file as a whole is broken.
    """
    try:
        return _scan(con, source, fields)
    except duckdb.Error as error:
        raise _broken(source, error) from error


def _scan(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[str]) -> tuple[Reject, ...]:
    if source.container is Container.CSV:
        return _csv(con, source, _rewritten(con, source) if source.mixed_ends else source, fields)
    if source.container is Container.PARQUET:
        _parquet(con, source, fields)
    elif source.container is Container.JSON:
        _json(con, source, fields)
    else:
        _jsonl(con, source, fields)
    return ()


def _csv(
    con: duckdb.DuckDBPyConnection, source: Source, readable: Source, fields: Sequence[str]
) -> tuple[Reject, ...]:
    con.execute("DROP TABLE IF EXISTS reject_scans")
    con.execute("DROP TABLE IF EXISTS reject_errors")
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(source.header)))
    chosen = [f"c{source.header.index(name)}" if name in source.header else "NULL" for name in fields]
    con.execute(
        f"CREATE OR REPLACE TABLE raw AS SELECT row_number() OVER () AS n, NULL::VARCHAR AS problem, {_named(chosen)} "
        f"FROM read_csv($1, auto_detect = false, header = true, skip = {readable.skip}, delim = $2, "
        f"quote = '\"', escape = '\"', columns = {{{columns}}}, store_rejects = true, {_packing(readable)})",
        [str(readable.path), source.delimiter],
    )
    faults = con.execute(
        "SELECT error_type::VARCHAR, min(line_byte_position) FROM reject_errors GROUP BY ALL"
    ).fetchall()
    for kind, position in faults:
        if kind not in _RAGGED:
            raise _unreadable_csv(source, kind, position)
    if not faults:
        return ()
    rejects = tuple(Reject(record.line, record.problem or "") for record in csv_faults(source))
    ragged = con.execute("SELECT count(DISTINCT byte_position) FROM reject_errors").fetchall()
    if not rejects and ragged:
        raise _unreadable_csv(source, "UNQUOTED VALUE", faults[0][1])
    return rejects


def _jsonl(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[str]) -> None:
    paths = ", ".join(_literal(f'$."{name}"') for name in fields)
    con.execute(
        "CREATE OR REPLACE TABLE raw AS WITH lines AS (SELECT row_number() OVER () AS n, line FROM read_csv("
        f"$1, auto_detect = false, header = false, strict_mode = false, delim = {_NO_DELIMITER}, quote = '', "
        f"escape = '', columns = {{'line': 'VARCHAR'}}, {_packing(source)})), "
        "parsed AS (SELECT n, CASE WHEN json_valid(line) THEN line END AS entry FROM lines WHERE trim(line) <> ''), "
        f"split AS (SELECT n, {_SPLIT.format(paths=paths)} FROM parsed) "
        f"SELECT n, {_PROBLEM}, {_named([f'found[{i + 1}]' for i in range(len(fields))])} FROM split",
        [str(source.path)],
    )


_SPLIT = "json_type(entry) AS kind, json_extract_string(entry, [{paths}]) AS found"
_PROBLEM = "CASE WHEN kind IS NULL THEN 'is not JSON' WHEN kind <> 'OBJECT' THEN 'is not a JSON object' END AS problem"


def _json(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[str]) -> None:
    paths = ", ".join(_literal(f'$."{name}"') for name in fields)
    con.execute(
        f"CREATE OR REPLACE TABLE raw AS WITH split AS (SELECT row_number() OVER () AS n, {_SPLIT.format(paths=paths)} "
        f"FROM read_json_objects($1, format = 'array', maximum_object_size = {_LONGEST_LINE}, "
        f"compression = '{_compression(source)}') AS entries (entry)) "
        f"SELECT n, {_PROBLEM}, {_named([f'found[{i + 1}]' for i in range(len(fields))])} FROM split",
        [str(_without_mark(con, source))],
    )


def _parquet(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[str]) -> None:
    types = {
        name: kind
        for name, kind, *_ in con.execute(
            "DESCRIBE SELECT * FROM read_parquet($1)", [str(source.path)]
        ).fetchall()
    }
    chosen = [_as_text(name, types[name]) if name in types else "NULL" for name in fields]
    con.execute(
        f"CREATE OR REPLACE TABLE raw AS SELECT file_row_number + 1 AS n, NULL::VARCHAR AS problem, {_named(chosen)} "
        "FROM read_parquet($1, file_row_number = true)",
        [str(source.path)],
    )


def _as_text(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))
    return f"to_json({column})::VARCHAR" if nested else f"{column}::VARCHAR"


def _named(expressions: Sequence[str]) -> str:
    return ", ".join(f"{expression}::VARCHAR AS f{i}" for i, expression in enumerate(expressions))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _compression(source: Source) -> str:
    return "gzip" if source.gzipped else "none"


def _packing(source: Source) -> str:
    line = max(_USUAL_LINE, min(source.size + 1, _LONGEST_LINE))
    return (
        f"compression = '{_compression(source)}', max_line_size = {line}, buffer_size = {max(line, 1 << 25)}"
    )


def _rewritten(con: duckdb.DuckDBPyConnection, source: Source) -> Source:
    """Return a copy of a CSV file with one kind of line end between its rows; DuckDB loses rows of a mixed one."""
    copy = _folder(con) / "rewritten.csv"
    with copy.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=source.delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
            row for _, row in csv_rows(source)
        )
    return replace(source, path=copy, gzipped=False, skip=0)


def _without_mark(con: duckdb.DuckDBPyConnection, source: Source) -> Path:
    """Return the path of the file, or of a copy without the byte order mark that DuckDB's JSON reader refuses."""
    with source.binary() as file:
        if file.read(3) != b"\xef\xbb\xbf":
            return source.path
    copy = _folder(con) / ("unmarked.json.gz" if source.gzipped else "unmarked.json")
    with source.text() as text:
        content = text.read().encode()
    if source.gzipped:
        import gzip

        content = gzip.compress(content, 1)
    copy.write_bytes(content)
    return copy


def _folder(con: duckdb.DuckDBPyConnection) -> Path:
    return Path(con.execute("SELECT folder FROM place").fetchall()[0][0])


def _unreadable_csv(source: Source, kind: str, position: int | None) -> InvalidInput:
    with source.binary() as file:
        line = file.read(max((position or 1) - 1, 0)).count(b"\n") + 1
    if "ENCODING" in kind:
        return not_utf8(source.path)
    if "LINE SIZE" in kind:
        return InvalidInput(
            f"{source.path} has a row of more than {_LONGEST_LINE:,} bytes on line {line}: shorten it."
        )
    return unclosed(source, line)


def _broken(source: Source, error: Exception) -> InvalidInput:
    text = str(error)
    if "unicode" in text or "UTF-8" in text or "utf-8" in text:
        return not_utf8(source.path)
    first = text.strip().splitlines()[0].rstrip(".")
    return InvalidInput(
        f"{source.path} cannot be read as {source.container.value} ({first}): correct it and import again."
    )
