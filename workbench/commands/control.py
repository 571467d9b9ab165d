"""`workbench leaderboard --by` and `win-rate`: boards beside one another, and win rates at equal length."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.types import VoteFilter
from workbench.commands.choosing import choosing
from workbench.commands.output import Context, Format, say, write_json

if TYPE_CHECKING:
    from arena.boards import Boards, Cell
    from arena.comparison import WinRate
    from arena.style.length import LengthControlled

_CELLS = ["value", "name", "rating", "lower", "upper", "votes", "rank", "apart"]
_RATES = ["", "win rate", "lower", "upper", "votes", "prompts"]


class By(StrEnum):
    """What votes are sorted into boards by."""

    CATEGORY = "category"
    LANGUAGE = "language"
    CRITERION = "criterion"
    VOTER_KIND = "voter_kind"


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("win-rate")(win_rate)


def show_boards(shared: Context, boards: "Boards") -> None:
    """Write boards beside one another: a column a board for people, a row a cell for a program."""
    if shared.format is Format.JSON:
        write_json(boards.as_dict())
        return
    if shared.format is Format.CSV:
        shared.rows(list(_cells(boards)), _CELLS)
        return
    values = {part.value: f"{part.value} ({part.votes:,})" for part in boards.parts}
    rows = []
    for row in boards.overall.rows:
        if row.rating is None:
            continue
        cells = {values[part.value]: _cell(part.cells.get(row.name)) for part in boards.parts}
        rows.append({"name": row.name, "all": f"{row.rating:.0f} {_reach(row.lower, row.upper)}", **cells})
    shared.rows(rows, ["name", "all", *values.values()], empty="No votes match.")
    if rows:
        sys.stdout.write(
            "Ratings with half their 95 % interval; + and - where it lies above or below all votes' interval.\n"
        )
        sys.stdout.flush()
    for part in boards.parts:
        if part.thin:
            say(f"{part.value}: {part.thin}")
    for note in boards.notes:
        say(note)


def _cells(boards: "Boards") -> Iterator[dict[str, Any]]:
    for row in boards.overall.rows:
        if row.rating is not None:
            rank = f"{row.rank_best}-{row.rank_worst}"
            yield {"value": "", **row.as_dict(), "rank": rank, "apart": None}
    for part in boards.parts:
        for name, cell in part.cells.items():
            yield {
                "value": part.value,
                "name": name,
                "rating": cell.rating,
                "lower": cell.lower,
                "upper": cell.upper,
                "votes": cell.votes,
                "rank": f"{cell.rank_best}-{cell.rank_worst}",
                "apart": cell.apart,
            }


def _cell(cell: "Cell | None") -> str:
    if cell is None:
        return ""
    sign = "" if cell.apart is None else " +" if cell.apart > 0 else " -"
    return f"{cell.rating:.0f} {_reach(cell.lower, cell.upper)}{sign}"


def _reach(lower: float | None, upper: float | None) -> str:
    return "open" if lower is None or upper is None else f"±{(upper - lower) / 2:.0f}"


@choosing
def win_rate(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="The model whose rate it is.")],
    votes: VoteFilter,
    against: Annotated[str, typer.Option(help="The model it is held against.")],
    length_controlled: Annotated[
        bool,
        typer.Option("--length-controlled", help="Also the rate that answers of one length would have."),
    ] = False,
) -> None:
    """Show how often one model wins against another, as voted or as if their answers had one length."""
    shared: Context = context.obj
    with shared.bench() as bench:
        voted = bench.win_rate(model, against, votes)
        level = bench.length_controlled(model, against, votes) if length_controlled else None
        notes = bench.left_out(votes)
    if shared.format is Format.JSON:
        from dataclasses import asdict

        write_json({"win_rate": asdict(voted), "length_controlled": None if level is None else asdict(level)})
        return
    shared.rows(list(_rates(voted, level)), _RATES)
    if shared.format is Format.TABLE:
        if level is not None:
            say(_length_said(level))
        for note in (*notes, *(() if level is None else level.notes)):
            say(note)


def _rates(voted: "WinRate", level: "LengthControlled | None") -> Iterator[dict[str, Any]]:
    row = {"": "as voted", "win rate": voted.win_rate, "lower": voted.lower, "upper": voted.upper}
    yield {**row, "votes": voted.battles}
    if level is None:
        return
    of = {"votes": level.votes, "prompts": level.prompts}
    row = {"": "every prompt once", "win rate": level.win_rate, "lower": level.lower, "upper": level.upper}
    yield {**row, **of}
    row = {"": "at equal length", "win rate": level.controlled}
    yield {**row, "lower": level.controlled_lower, "upper": level.controlled_upper, **of}


def _length_said(level: "LengthControlled") -> str:
    longer = f"Answers of {level.model} are the longer ones on {100 * level.longer:.0f} % of the prompts"
    if level.length_lower is None or level.length_upper is None:
        return f"{longer}."
    if level.length_lower > 0:
        return f"{longer}, and longer answers win more often."
    if level.length_upper < 0:
        return f"{longer}, and longer answers win less often."
    return f"{longer}; these votes do not show that length decides."
