"""How commands speak: data on stdout as table, JSON or CSV; everything else on stderr."""

import csv
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.bench import Workbench

Row = Mapping[str, Any]


class Format(StrEnum):
    """How data is written to stdout."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass
class Context:
    """The two options every command shares, kept in Typer's context."""

    home: Path = field(default_factory=lambda: Path("workbench-data"))
    format: Format = Format.TABLE

    @contextmanager
    def bench(self, *, create: bool = False) -> "Iterator[Workbench]":
        """Give the verbs to one command: those of the app that has this home open, or of the home opened here.

        Raises:
            NotReached: an app has the home open and does not answer, or is of another version.
            StoreLocked: another process that is no app has it open, and does not let it go soon.
        """
        from workbench.opening import open_bench

        with open_bench(self.home, create=create) as bench:
            yield bench

    @contextmanager
    def own_bench(self) -> "Iterator[Workbench]":
        """Open the home in this process, making it where there is none; for those that serve it.

        Raises:
            Conflict: an app has it open.
        """
        from workbench.opening import open_own

        with open_own(self.home) as bench:
            yield bench

    def rows(self, rows: Sequence[Row], columns: Sequence[str], *, empty: str = "Nothing here yet.") -> None:
        """Write rows; `columns` names and orders what a table or CSV shows, JSON gets every key."""
        if self.format is Format.JSON:
            write_json(list(rows))
        elif self.format is Format.CSV:
            writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows({key: _plain(row.get(key)) for key in columns} for row in rows)
        elif not rows:
            say(empty)
        else:
            _table(rows, columns)

    def one(self, row: Row) -> None:
        """Write one object: JSON as an object, a table as two columns, CSV as one row."""
        if self.format is Format.JSON:
            write_json(row)
        elif self.format is Format.CSV:
            self.rows([row], list(row))
        else:
            shown = {key: value for key, value in row.items() if value not in (None, "", (), [], {})}
            _table(
                [{"": key.replace("_", " "), " ": _shown(value)} for key, value in shown.items()], ["", " "]
            )


def write_json(value: object) -> None:
    """Write `value` as JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def say(text: str) -> None:
    """Write a line of talk on stderr."""
    sys.stderr.write(text + "\n")


@contextmanager
def progress(what: str, total: int | None) -> "Iterator[Any]":
    """Show a progress bar on stderr; the value is called with a number of finished steps."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps=1: bar.advance(task, steps)


def held_out_summary(figures: dict[str, Any]) -> dict[str, Any]:
    """Return what a reader wants of a run's result: held-out figures with intervals, pairs, seconds."""
    after, before, pairs = figures["held_out"], figures["held_out_before"], figures["pairs"]
    return {
        "pairs for training": pairs["train"],
        "pairs held out": after["pairs"],
        "pairs dropped": pairs["dropped"],
        "held-out accuracy": _with_interval(after, "accuracy"),
        "held-out accuracy before": before["accuracy"],
        "held-out margin": _with_interval(after, "margin"),
        "seconds": figures["process_seconds"],
    }


def _with_interval(held_out: dict[str, Any], name: str) -> str:
    """Return a figure with its 95 % interval, which is unknown when one prompt is all there is."""
    lower, upper = held_out[f"{name}_lower"], held_out[f"{name}_upper"]
    interval = "interval unknown" if lower is None or upper is None else f"[{lower:.3f}, {upper:.3f}]"
    return f"{held_out[name]:.3f} {interval}"


def key_value(text: str) -> tuple[str, Any]:
    """Return the two halves of `KEY=VALUE`, the value as JSON where it is JSON and as text where not."""
    key, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} is not KEY=VALUE")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


def _plain(value: object) -> object:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(str(v) for v in value)
    return str(value)


def _table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Print rows as wide as the terminal; in a pipe, as wide as they are. Columns without any value are left out."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    columns = [c for c in columns if any(row.get(c) not in (None, "", (), []) for row in rows)] or list(
        columns
    )
    table = Table(box=SIMPLE_HEAD, show_header=any(c.strip() for c in columns), pad_edge=False)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float | None) for row in rows)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(Text(_shown(row.get(column))) for column in columns))
    console = Console()
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(width=1000, color_system=None)
    with wide.capture() as captured:
        wide.print(table)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    sys.stdout.write("\n".join(line for line in lines if line) + "\n")
