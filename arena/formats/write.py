"""Data leaves in the form it came: votes in Chatbot Arena's columns, a leaderboard as a table.

A file is written under another name and renamed, so that there is never half of one.
"""

import csv
import json
import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import duckdb

from arena.errors import Conflict, InvalidInput, StoreFailed
from arena.leaderboard import Leaderboard, LeaderboardRow
from arena.store import Store
from arena.store.outgoing import Layout, copy_votes
from arena.types import VoteFilter

_LAYOUTS: dict[str, Layout] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


def export_votes(store: Store, path: Path, votes: VoteFilter | None = None, *, replace: bool = False) -> int:
    """Write the standing votes in the order they were cast, and return how many; `None` means all of them.

    The name decides the form: `.csv`, `.jsonl` (either also with `.gz`) or `.parquet`. The columns are Chatbot
    Arena's (question_id, model_a, model_b, winner, judge, turn, language, tstamp, conversation_a, conversation_b) and
    battle_id, voter_kind, criterion and category; `import_file` reads them back.

    Raises:
        InvalidInput: the name has another ending, there is no vote to write, or no such folder.
        Conflict: the file exists and `replace` is false.
        StoreFailed: it could not be written.
    """
    layout, packed = _layout(path)
    count = store.votes.count(votes)
    if not count:
        raise InvalidInput(f"There is no vote to write to {path}: choose other filters, or vote first.")
    return _written(
        path, lambda draft: copy_votes(store.read(), draft, layout, votes, packed=packed), replace
    )


def export_leaderboard(board: Leaderboard, path: Path, *, replace: bool = False) -> int:
    """Write the rows of a leaderboard as `.csv` or `.jsonl` and return how many; what is unknown stays empty.

    Raises:
        InvalidInput: the name has another ending, or there is no such folder.
        Conflict: the file exists and `replace` is false.
        StoreFailed: it could not be written.
    """
    if path.suffix not in (".csv", ".jsonl"):
        raise InvalidInput(
            f"A leaderboard is written as .csv or .jsonl, not as {path.name}: choose another name."
        )

    def write(draft: Path) -> int:
        with draft.open("w", encoding="utf-8", newline="") as file:
            if path.suffix == ".csv":
                table = csv.DictWriter(file, [f.name for f in fields(LeaderboardRow)], lineterminator="\n")
                table.writeheader()
                table.writerows(row.as_dict() for row in board.rows)
            else:
                file.writelines(json.dumps(row.as_dict(), ensure_ascii=False) + "\n" for row in board.rows)
        return len(board.rows)

    return _written(path, write, replace)


def _layout(path: Path) -> tuple[Layout, bool]:
    packed = path.suffix == ".gz"
    layout = _LAYOUTS.get(Path(path.stem).suffix if packed else path.suffix)
    if layout is None or (packed and layout == "parquet"):
        raise InvalidInput(
            f"{path.name} does not say in which form to write votes: "
            "let it end in .csv, .jsonl, .csv.gz, .jsonl.gz or .parquet."
        )
    return layout, packed


def _written(path: Path, write: Callable[[Path], int], replace: bool) -> int:
    if path.exists() and not replace:
        raise Conflict(f"{path} exists already: choose another name, or replace it.")
    if not path.parent.is_dir():
        raise InvalidInput(f"There is no folder {path.parent}: make it first.")
    try:
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            rows = write(draft)
            draft.replace(path)
    except (OSError, duckdb.Error) as error:
        raise StoreFailed(f"{path} could not be written: {str(error).splitlines()[0]}.") from error
    return rows
