"""`workbench leaderboard`: ratings with their intervals."""

from typing import TYPE_CHECKING, Annotated

import typer

from arena.types import VoteFilter
from workbench.commands.choosing import choosing
from workbench.commands.control import By, show_boards
from workbench.commands.output import Context, Format, say

if TYPE_CHECKING:
    from arena.leaderboard import LeaderboardRow
    from arena.ratings.options import RatingOptions

COLUMNS = ["rank", "name", "rating", "lower", "upper", "votes", "wins", "losses", "ties", "note"]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(leaderboard)


@choosing
def leaderboard(
    context: typer.Context,
    votes: VoteFilter,
    options: "RatingOptions",
    by: Annotated[
        By | None, typer.Option(help="A board for each category, language, criterion or kind of voter.")
    ] = None,
) -> None:
    """Show the ratings with their 95 % intervals."""
    shared: Context = context.obj
    if by is not None:
        with shared.bench() as bench:
            boards = bench.boards_by(votes, by.value, options)
        show_boards(shared, boards)
        return
    with shared.bench() as bench:
        board = bench.leaderboard(votes, options, idle=True)
        kinds = bench.voter_kinds()
    rows = [{"rank": _rank(row), **row.as_dict()} for row in board.rows if board.votes]
    others = ", ".join(f"{n:,} {kind}" for kind, n in kinds.items() if n)
    empty = f"No votes match. Votes here: {others}; choose with --voters." if others else "No votes yet."
    shared.rows(rows, COLUMNS, empty=empty)
    if shared.format is Format.TABLE:
        for note in board.notes:
            say(note)
        for parameter in board.parameters.values():
            if parameter.words:
                say(parameter.words)
        if board.basis:
            say(f"Intervals: {board.basis}.")


def _rank(row: "LeaderboardRow") -> str | None:
    """Return the rank as the interval it is, such as `2-5`."""
    if row.rank_best is None:
        return None
    return str(row.rank_best) if row.rank_best == row.rank_worst else f"{row.rank_best}-{row.rank_worst}"
