"""`workbench integrity`: which votes hold the board up, whose they are, and what is doubtful among them."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.types import VoteFilter
from workbench.commands.choosing import choosing
from workbench.commands.output import Context, Format, say, write_json

if TYPE_CHECKING:
    from arena.integrity.report import IntegrityReport, VoterRow
    from arena.types import Voter

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(integrity)


@choosing
def integrity(
    context: typer.Context,
    votes: VoteFilter,
    alpha: Annotated[float, typer.Option(help="The chance that an honest voter is ever flagged.")] = 0.01,
    cap: Annotated[
        int | None,
        typer.Option(
            help="How many votes a prompt may have where repeated ones are held back; the median if absent."
        ),
    ] = None,
    rows: Annotated[int, typer.Option(help="How many voters are listed.")] = _SHOWN,
    read: Annotated[
        bool, typer.Option("--read/--no-read", help="Look for models' own names in answers not read yet.")
    ] = True,
) -> None:
    """Show how few votes hold the first place, and which voters, prompts and answers to look at."""
    from arena.integrity.report import IntegrityOptions

    shared: Context = context.obj
    options = IntegrityOptions(alpha=alpha, cap=cap, rows=rows)
    with shared.bench() as bench:
        if read and (new := bench.read_answers()):
            say(f"Read {new:,} answers for their own model's name.")
        found = bench.integrity(votes, options)
    if shared.format is Format.JSON:
        write_json(found.as_dict())
        return
    listed = [_voter(row) for row in found.voters]
    columns = list(_voter_columns())
    if shared.format is Format.CSV:
        shared.rows(listed, columns)
        return
    if not found.votes:
        say("No votes match, so there is nothing to check.")
        return
    for line in _lines(found):
        _line(line)
    _line("\nThe board with other votes")
    shared.rows(
        [_board(one) for one in found.what_if], ["", "votes", "first", "lead", "moves_most", "by_points"]
    )
    _line(
        f"\nVoters: {found.flagged:,} of {found.all_voters:,} flagged; were all honest, at most "
        f"{found.false_alarms:.3g} would be in the mean"
    )
    shared.rows(listed, columns)
    if found.all_voters > len(listed):
        _line(f"and {found.all_voters - len(listed):,} more: --rows {found.all_voters} lists all.")
    _prompts(shared, found)
    if found.self_named:
        _line("\nAnswers that name their own model")
        shared.rows(
            [_named(one) for one in found.self_named], ["model", "answers", "named", "votes", "words"]
        )
        _line("`--without-self-named` leaves those battles out of any board.")
    for note in found.notes:
        say(note)


def _lines(found: "IntegrityReport") -> Iterator[str]:
    from arena.integrity import words

    for one in (found.removal, found.flip):
        if one is not None:
            yield words.first_place(one)
            yield f"  {words.which(one.changes)}"
    if found.removal is None:
        yield "There is no first place that votes could take away."


def _board(one: Any) -> dict[str, Any]:
    return {
        "": one.what,
        "votes": one.votes,
        "first": f"{one.first} (!)" if one.changed else one.first,
        "lead": one.lead,
        "moves_most": one.moved,
        "by_points": None if one.moved is None else round(one.shift, 1),
    }


def _voter_columns() -> tuple[str, ...]:
    return (
        "voter",
        "votes",
        "flagged",
        "evidence",
        "moves",
        "by_points",
        "first_without",
        "attention",
        "reason",
    )


def _voter(row: "VoterRow") -> dict[str, Any]:
    from arena.integrity import words

    met = row.attention
    return {
        "voter": _name(row.voter),
        "votes": row.votes,
        "flagged": "certain" if row.certain else "yes" if row.flagged else "",
        "evidence": words.odds(row.evidence),
        "moves": row.moved,
        "by_points": round(row.shift, 1),
        "first_without": row.first_without,
        "attention": f"{met.passed} of {met.met}" if met else None,
        "reason": row.reason,
    }


def _prompts(shared: Context, found: "IntegrityReport") -> None:
    from arena.integrity import words

    spread = found.prompts
    _line(
        f"\nPrompts: {spread.prompts:,} with votes, as one-sided as {spread.effective:,.0f} asked equally often; "
        f"the median has {spread.median:,.0f}"
    )
    shown = [one for one in spread.most if one.too_often] or list(spread.most[:3])
    shared.rows(
        [
            {
                "prompt": _short(one.text) or one.prompt_id,
                "votes": one.votes,
                "voters": one.voters,
                "share": words.percent(one.share),
                "too_often": "yes" if one.too_often else "",
            }
            for one in shown
        ],
        ["prompt", "votes", "voters", "share", "too_often"],
    )


def _named(one: Any) -> dict[str, Any]:
    return {
        "model": one.name,
        "answers": one.answers,
        "named": one.named,
        "votes": one.votes,
        "words": "; ".join(_short(text) for text in one.words),
    }


def _short(text: str | None, most: int = 60) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _name(voter: "Voter") -> str:
    return voter.name if voter.kind.value == "human" else f"{voter.kind.value}:{voter.name}"


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
