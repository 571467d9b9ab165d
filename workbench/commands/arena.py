"""`workbench answer | battle`: let models answer a prompt set, alone or against each other."""

import sys
from typing import Annotated

import typer

from workbench.commands.following import Detach, run_job
from workbench.commands.output import Context, say

Models = Annotated[str, typer.Option(help="Names of models, separated by commas.")]
PromptSet = Annotated[str, typer.Option("--prompts", help="The prompt set.")]
InFlight = Annotated[int, typer.Option(min=1, help="How many requests run at once.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(answer)
    app.command()(battle)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def answer(
    context: typer.Context,
    models: Models,
    prompts: PromptSet,
    in_flight: InFlight = 16,
    detach: Detach = False,
) -> None:
    """Let each model answer each prompt of a set that it has not answered yet."""
    from workbench.jobs.specs import AnswerJob

    shared: Context = context.obj
    with shared.bench() as bench:
        asked = AnswerJob(models=_names(models), prompts=_names(prompts), slots=in_flight)
        report = run_job(bench, asked, detach=detach, label="answers").result
    shared.one({"answers": report.answers, "failed": report.failed, "first_error": report.first_error})
    leave(report.not_asked, "prompts were not asked")


def battle(
    context: typer.Context,
    models: Models,
    prompts: PromptSet,
    in_flight: InFlight = 16,
    until_width: Annotated[
        float | None,
        typer.Option(
            min=1e-3,
            help="Stop where votes on these battles are expected to make the mean 95 % interval ± so many points.",
        ),
    ] = None,
    detach: Detach = False,
) -> None:
    """Fight one battle a prompt, sides shuffled; the battles wait for votes."""
    from workbench.jobs.specs import BattleJob

    shared: Context = context.obj
    with shared.bench() as bench:
        asked = BattleJob(
            models=_names(models), prompts=_names(prompts), slots=in_flight, until_width=until_width
        )
        report = run_job(bench, asked, detach=detach, label="battles").result
    rows = [{"battle_id": str(b.battle_id), "prompt": b.prompt, "votable": b.votable} for b in report.battles]
    shared.rows(rows, ["battle_id", "votable", "prompt"])
    if until_width is not None and report.half_width is not None:
        say(
            f"With a vote on each, the mean 95 % interval is expected to be ±{report.half_width:.1f} points; "
            f"{report.spared:,} prompts were not needed."
        )
    leave(report.not_asked, "battles were not fought")


def leave(left: int, what: str) -> None:
    """Leave as interrupted where a stop left something undone."""
    if left:
        say(f"workbench: Stopped: {left:,} {what}; the same command, or `workbench jobs resume`, goes on.")
        sys.exit(130)
