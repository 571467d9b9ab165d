"""`workbench people ...`: how far people agree, how far each can be relied on, and the battles that divide them."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.types import VoteFilter
from workbench.commands.choosing import choosing
from workbench.commands.output import Context, Format, say, write_json

if TYPE_CHECKING:
    from arena.people.agreement import PeopleAgreement
    from arena.people.contested import Contested
    from arena.people.reliability import Reliability
    from arena.statistics import Figure
    from arena.types import Voter

people_app = typer.Typer(
    no_args_is_help=True, help="How far voters agree, how far each can be relied on, what divides them."
)

Opposed = Annotated[
    bool, typer.Option("--opposed", help="Only battles on which some chose one side and some the other.")
]
_SHOWN = 20
_NOTHING = "No two voters have voted on the same battle: `workbench review create --overlap 2` lets them."


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(people_app, name="people")


@people_app.command()
@choosing
def agreement(
    context: typer.Context,
    votes: VoteFilter,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Show each two voters instead of each voter.")
    ] = False,
    most: Annotated[
        int, typer.Option(min=2, max=200, help="How many voters are compared two at a time.")
    ] = 24,
) -> None:
    """Show how far voters agree: all together, each with the others, and two at a time."""
    shared: Context = context.obj
    with shared.bench() as bench:
        found = bench.people_agreement(votes, most=most)
    if shared.format is Format.JSON:
        write_json(found.as_dict())
        return
    rows = _pairs(found) if pairs else _voters(found)
    if shared.format is Format.CSV:
        shared.rows(rows, list(rows[0]) if rows else ["voter"])
        return
    if not found.battles:
        say(_NOTHING)
        return
    _line(
        f"{found.battles:,} of {found.all_battles:,} battles have votes by two voters or more. "
        f"Two of them agree on {_percent(found.agreement)}."
    )
    _line(
        f"Krippendorff's alpha {_plain(found.alpha)} had they voted on other battles; "
        f"{_plain(found.alpha_over_voters)} had others voted. 1 is full agreement, 0 what chance gives.\n"
    )
    shared.rows([_readable(row) for row in rows[:_SHOWN]], list(rows[0]) if rows else ["voter"])
    if len(rows) > _SHOWN:
        _line(f"and {len(rows) - _SHOWN:,} more: --format csv shows all.")


@people_app.command()
@choosing
def reliability(
    context: typer.Context,
    votes: VoteFilter,
) -> None:
    """Show how far each voter can be relied on (Dawid-Skene), and what one vote of theirs is worth as a weight."""
    shared: Context = context.obj
    with shared.bench() as bench:
        found = bench.voter_reliability(votes)
    if shared.format is Format.JSON:
        write_json(found.as_dict())
        return
    rows = [_reliable(row) for row in found.voters]
    columns = list(rows[0]) if rows else ["voter"]
    if shared.format is Format.CSV:
        shared.rows(rows, columns)
        return
    if found.refusal:
        say(f"workbench: {found.refusal} All votes weigh the same.")
        return
    for note in found.notes:
        _line(note)
    _line(
        "Signal: what share of a real difference between two answers reaches the vote; 1 all of it, 0 guessing. "
        f"The mean vote has {found.signal:.2f}.\n"
    )
    shared.rows([_readable(row) for row in rows[:_SHOWN]], columns)
    if len(rows) > _SHOWN:
        _line(f"and {len(rows) - _SHOWN:,} more: --format csv shows all.")


@people_app.command()
@choosing
def contested(
    context: typer.Context,
    votes: VoteFilter,
    opposed: Opposed = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = _SHOWN,
) -> None:
    """List the battles that voters differ on, the most disputed first."""
    shared: Context = context.obj
    with shared.bench() as bench:
        found = bench.contested(votes, limit, opposed=opposed)
    rows = [_battle(one, short=shared.format is Format.TABLE) for one in found]
    shared.rows(rows, list(rows[0]) if rows else ["battle_id"], empty="No two voters differ on a battle.")


@people_app.command()
@choosing
def queue(
    context: typer.Context,
    name: str,
    votes: VoteFilter,
    opposed: Opposed = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many battles, the most disputed ones.")] = 50,
    more: Annotated[
        int, typer.Option(min=1, help="So many votes each waits for, beyond those of the one that has most.")
    ] = 2,
    attention: Annotated[
        str, typer.Option(help="How many attention pairs come to the battles, as 5% or 0.05; 0 for none.")
    ] = "5%",
    instructions: Annotated[str, typer.Option(help="What annotators read before they begin.")] = "",
) -> None:
    """Make a review queue of the battles that voters differ on."""
    from workbench.commands.reviews import share_of, summary_row

    shared: Context = context.obj
    with shared.bench() as bench:
        made = bench.queue_contested(
            name,
            votes,
            limit=limit,
            opposed=opposed,
            more=more,
            attention=share_of(attention),
            instructions=instructions,
        )
    shared.one(summary_row(made))


def _name(voter: "Voter") -> str:
    return voter.name if voter.kind.value == "human" else f"{voter.kind.value}:{voter.name}"


def _voters(found: "PeopleAgreement") -> list[dict[str, Any]]:
    return [
        {
            "voter": _name(row.voter),
            "votes": row.votes,
            "shared": row.shared,
            "agrees": row.agreement.value,
            "from": row.agreement.lower,
            "to": row.agreement.upper,
            "alpha_without": row.alpha_without,
        }
        for row in found.voters
    ]


def _pairs(found: "PeopleAgreement") -> list[dict[str, Any]]:
    return [
        {
            "first": _name(row.first),
            "second": _name(row.second),
            "battles": row.battles,
            "same": row.same.value,
            "kappa": row.kappa.value,
            "from": row.kappa.lower,
            "to": row.kappa.upper,
        }
        for row in sorted(found.pairs, key=lambda pair: (-pair.battles, pair.first.name, pair.second.name))
    ]


def _reliable(row: "Reliability") -> dict[str, Any]:
    return {
        "voter": _name(row.voter),
        "votes": row.votes,
        "shared": row.shared,
        "accuracy": row.accuracy.value,
        "signal": row.signal.value,
        "from": row.signal.lower,
        "to": row.signal.upper,
        "weight": row.weight,
        "notes": " ".join(row.notes),
    }


def _battle(one: "Contested", *, short: bool) -> dict[str, Any]:
    row = one.as_dict()
    row["battle_id"] = str(one.battle_id)
    if short:
        prompt = " ".join((one.prompt or "").split())
        row["prompt"] = prompt if len(prompt) <= 60 else prompt[:59] + "…"
    return row


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    return {key: "–" if value is None else value for key, value in row.items()}


def _plain(figure: "Figure") -> str:
    if figure.value is None:
        return "unknown"
    ends = "" if figure.lower is None else f" [{figure.lower:.2f}, {figure.upper:.2f}]"
    return f"{figure.value:.2f}{ends}"


def _percent(figure: "Figure") -> str:
    if figure.value is None:
        return "unknown"
    ends = "" if figure.lower is None else f" [{100 * figure.lower:.1f}, {100 * (figure.upper or 0):.1f}]"
    return f"{100 * figure.value:.1f} %{ends}"


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
