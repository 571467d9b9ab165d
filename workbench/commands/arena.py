"""`workbench answer | battle`: let models answer a prompt set, alone or against each other."""

import asyncio
import getpass
from typing import Annotated

import typer

from arena.types import Voter, VoterKind
from workbench.commands.output import Context, progress

Models = Annotated[str, typer.Option(help="Names of models, separated by commas.")]
PromptSet = Annotated[str, typer.Option("--prompts", help="The prompt set.")]
InFlight = Annotated[int, typer.Option(min=1, help="How many requests run at once.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(answer)
    app.command()(battle)


def _names(models: str) -> list[str]:
    return [name.strip() for name in models.split(",") if name.strip()]


def answer(context: typer.Context, models: Models, prompts: PromptSet, in_flight: InFlight = 16) -> None:
    """Let each model answer each prompt of a set that it has not answered yet."""
    shared: Context = context.obj
    names = _names(models)
    with shared.bench() as bench:
        total = len(names) * len(bench.prompts_of([prompts]))
        with progress("answers", total) as advance:
            answers = asyncio.run(
                bench.answer(names, prompts, concurrency=in_flight, on_done=lambda _: advance(1))
            )
    failed = [answer for answer in answers if answer.failed]
    shared.one(
        {
            "answers": len(answers) - len(failed),
            "failed": len(failed),
            "first_error": failed[0].error if failed else None,
        }
    )


def battle(context: typer.Context, models: Models, prompts: PromptSet, in_flight: InFlight = 16) -> None:
    """Fight one battle a prompt, sides shuffled; the battles wait for votes."""
    shared: Context = context.obj
    with shared.bench() as bench:
        chosen = bench.prompts_of([prompts])
        voter = Voter(VoterKind.HUMAN, getpass.getuser())
        with progress("battles", len(chosen)) as advance:
            battles = asyncio.run(
                bench.battle_all(
                    _names(models), chosen, voter, concurrency=in_flight, on_done=lambda _: advance(1)
                )
            )
    rows = [
        {"battle_id": str(b.battle_id), "prompt": b.prompt.text if b.prompt else None, "votable": b.votable}
        for b in battles
    ]
    shared.rows(rows, ["battle_id", "votable", "prompt"])
