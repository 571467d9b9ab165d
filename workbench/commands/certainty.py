"""`workbench certainty`: which models the votes tell apart, and which they do not yet."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.types import VoteFilter
from workbench.commands.choosing import choosing
from workbench.commands.output import Context, Format, say, write_json

if TYPE_CHECKING:
    from arena.ratings.certainty import Certainty
    from arena.ratings.options import RatingOptions

_STANDINGS = ["rank", "name", "rating", "lower", "upper", "best of all", "not apart from"]
_PAIRS = ["first", "second", "chance", "apart"]
_NAMES = 4
"""So many names stand in a cell of the table."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(certainty)


@choosing
def certainty(
    context: typer.Context,
    votes: VoteFilter,
    options: "RatingOptions",
    pairs: Annotated[
        bool,
        typer.Option("--pairs", help="One row for every two models: the chance that the first is better."),
    ] = False,
    limit: Annotated[int | None, typer.Option(min=2, help="List the highest so many models only.")] = None,
) -> None:
    """Show which models the votes tell apart: ranks, the chance to be best, and the same for every two models."""
    shared: Context = context.obj
    with shared.bench() as bench:
        found = bench.certainty(votes, options, limit=limit)
    if shared.format is Format.JSON:
        write_json(found.as_dict())
        return
    if pairs:
        shared.rows(list(_pairs(found)), _PAIRS, empty="Fewer than two models have votes.")
    else:
        plain = shared.format is Format.CSV
        rows = [_standing(found, place, plain) for place in range(len(found.standings))]
        shared.rows(rows, _STANDINGS, empty="No votes match.")
    if shared.format is Format.TABLE and found.standings:
        sys.stdout.write("".join(f"{sentence}\n" for sentence in found.sentences))
        sys.stdout.flush()
        for note in found.notes:
            say(note)
        say(f"Spread: {found.basis}.")


def _standing(found: "Certainty", place: int, plain: bool) -> dict[str, Any]:
    one = found.standings[place]
    rank = str(one.rank_best) if one.rank_best == one.rank_worst else f"{one.rank_best}-{one.rank_worst}"
    beside = found.beside(one.name)
    return {
        "rank": rank,
        "name": one.name,
        "rating": one.rating,
        "lower": one.lower,
        "upper": one.upper,
        "best of all": one.first if plain else None if one.first is None else f"{100 * one.first:.0f} %",
        "not apart from": "; ".join(beside) if plain else _listed(beside, one.beside),
    }


def _pairs(found: "Certainty") -> Iterator[dict[str, Any]]:
    names = found.names
    for i, first in enumerate(names):
        for j in range(i + 1, len(names)):
            chance, apart = found.better[i][j], found.apart[i][j]
            yield {"first": first, "second": names[j], "chance": chance, "apart": apart}


def _listed(names: Sequence[str], all_of_them: int) -> str:
    shown = names[:_NAMES]
    more = f" +{all_of_them - len(shown)}" if all_of_them > len(shown) else ""
    return ", ".join(shown) + more
