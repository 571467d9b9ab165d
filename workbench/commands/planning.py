"""`workbench plan`: whether the board is sure enough, what comes next, and how many votes tell two models apart."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from arena.errors import InvalidInput
from arena.types import VoteFilter
from workbench.commands.choosing import choosing
from workbench.commands.output import Context, Format, write_json

if TYPE_CHECKING:
    from arena.pairing.needed import VotesNeeded
    from arena.pairing.plan import PairingPlan
    from arena.ratings.options import RatingOptions

_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(plan)


@choosing
def plan(
    context: typer.Context,
    votes: VoteFilter,
    options: "RatingOptions",
    first: Annotated[str | None, typer.Argument(help="A model to tell from the second.")] = None,
    second: Annotated[str | None, typer.Argument(help="The other model.")] = None,
    target: Annotated[
        float | None, typer.Option(help="Mean interval to reach, in ± points; the settings' without it.")
    ] = None,
    power: Annotated[float, typer.Option(help="Chance with which two models are to be told apart.")] = 0.8,
    difference: Annotated[
        float | None, typer.Option(help="Their true difference in points; else what it looks like now.")
    ] = None,
) -> None:
    """Show how many more votes make the board sure enough, or tell two models apart."""
    if (first is None) != (second is None):
        raise InvalidInput("One model cannot be told apart: name two, or none to plan the whole board.")
    shared: Context = context.obj
    with shared.bench() as bench:
        if first is not None and second is not None:
            found = bench.votes_needed(
                first, second, power=power, difference=difference, votes=votes, options=options
            )
            _needed(shared, found)
        else:
            _board(shared, bench.pairing_plan(votes, options, target))


def _needed(shared: Context, found: "VotesNeeded") -> None:
    if shared.format is Format.TABLE:
        sys.stdout.write(f"{found.words}\n")
    else:
        shared.one(asdict(found))


def _board(shared: Context, found: "PairingPlan") -> None:
    if shared.format is Format.JSON:
        write_json(found.as_dict())
        return
    rows = [asdict(pair) for pair in found.pairs]
    if shared.format is Format.CSV:
        shared.rows([asdict(model) for model in found.models], ["name", "votes", "half_width", "share"])
        return
    sys.stdout.write("\n".join(found.words) + "\n\n")
    sys.stdout.write(f"Most likely next ({found.policy} pairing):\n")
    likely = [{**row, "chance": f"{row['chance']:.1%}"} for row in rows[:_SHOWN]]
    shared.rows(likely, ["model_a", "model_b", "chance", "votes"])
