"""`workbench train | runs ... | promote`: from an export to a model in the arena."""

import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from arena.types import DEFAULT_CRITERION, VoteFilter
from workbench.commands.data import Named, Trusted, Voters, say_left_out, vote_filter
from workbench.commands.output import Context, Format, held_out_summary, key_value, progress, say

runs_app = typer.Typer(no_args_is_help=True, help="List, show, stop, resume and deploy training runs.")


class TrainMethod(StrEnum):
    """What a run trains."""

    REWARD = "reward"
    DPO = "dpo"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(train)
    app.command()(promote)
    app.add_typer(runs_app, name="runs")


def _row(run: Any) -> dict[str, Any]:
    progress_now = run.progress()
    return {
        "name": run.name,
        "method": run.config.method,
        "base": run.config.parent,
        "export": run.config.export_name,
        "state": str(run.state),
        "step": progress_now.step,
        "total_steps": progress_now.total,
        "result": run.result,
        "message": run.message,
    }


def _summary(run: Any) -> dict[str, Any]:
    """Return a run for a reader: its held-out figures with their intervals instead of everything it recorded."""
    row = _row(run)
    result = row.pop("result")
    return {**row, **(held_out_summary(result) if result else {})}


def _follow(shared: Context, run: Any) -> None:
    """Show the run's progress until it ends; Ctrl-C stops looking, not the run."""
    with progress(f"{run.config.method} {run.name}", None) as advance:
        done = 0
        while run.state.active:
            step = run.progress().step
            advance(step - done)
            done = step
            time.sleep(0.5)
    shared.one(_row(run) if shared.format is Format.JSON else _summary(run))
    if run.message:
        say(f"workbench: {run.message}")
    if str(run.state) == "failed":
        sys.exit(8)


@runs_app.command("list")
def list_(context: typer.Context) -> None:
    """List the runs of this home."""
    shared: Context = context.obj
    with shared.bench() as bench:
        rows = [_row(run) for run in bench.runs()]
    columns = ["name", "method", "base", "export", "state", "step", "total_steps"]
    shared.rows(rows, columns, empty="No runs yet: `workbench train dpo --base MODEL --data EXPORT`.")


@runs_app.command()
def show(context: typer.Context, name: str) -> None:
    """Show one run: state, figures, and the end of its log."""
    shared: Context = context.obj
    with shared.bench() as bench:
        run = bench.run(name)
        shared.one(_row(run) if shared.format is Format.JSON else _summary(run))
        say(run.log_tail(12))


@runs_app.command()
def stop(
    context: typer.Context,
    name: str,
    wait: Annotated[
        bool, typer.Option(help="Return once the run has stopped; --no-wait returns at once.")
    ] = True,
) -> None:
    """Ask a run to stop; it saves a checkpoint first."""
    shared: Context = context.obj
    with shared.bench() as bench:
        bench.stop_run(name)
        run = bench.run(name)
    say(
        f"Asked {name!r} to stop; it saves a checkpoint first. `workbench runs resume {name}` goes on from there."
    )
    while wait and run.state.active:
        time.sleep(0.2)


@runs_app.command()
def resume(context: typer.Context, name: str) -> None:
    """Go on with a stopped or interrupted run from its last checkpoint."""
    shared: Context = context.obj
    with shared.bench() as bench:
        run = bench.resume_run(name)
    _follow(shared, run)


@runs_app.command()
def deploy(context: typer.Context, name: str) -> None:
    """Register the run's model in the arena, with its parent."""
    shared: Context = context.obj
    with shared.bench() as bench:
        spec = bench.deploy_run(name)
    shared.one(
        {"name": spec.name, "kind": str(spec.kind), "parent": spec.parent, "options": dict(spec.options)}
    )


def train(
    context: typer.Context,
    method: TrainMethod,
    base: Annotated[str, typer.Option(help="The local model to start from.")],
    data: Annotated[str, typer.Option(help="The export to train on.")],
    name: Annotated[str | None, typer.Option(help="Name of the run; METHOD-DATA if absent.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML or JSON file with settings of the run.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One setting, such as epochs=3; repeatable."),
    ] = None,
    wait: Annotated[
        bool, typer.Option(help="Show progress until it ends; --no-wait returns at once.")
    ] = True,
) -> None:
    """Train a reward model or run DPO on an export, in a process of its own."""
    from training.config import read_overrides

    shared: Context = context.obj
    overrides = read_overrides(config) if config else {}
    overrides |= dict(key_value(text) for text in set_ or ())
    with shared.bench() as bench:
        run = bench.train(name or f"{method}-{data}", method.value, base, data, overrides)
    say(f"Run {run.name!r} has started; its folder is {run.folder}.")
    if wait:
        _follow(shared, run)
    else:
        shared.one(_row(run))


def promote(
    context: typer.Context, run: str, voters: Voters = None, voter: Named = None, trust: Trusted = None
) -> None:
    """Decide whether a run's model replaces its parent: does the interval of its win rate clear the margin?"""
    shared: Context = context.obj
    votes: VoteFilter = vote_filter(voters, None, None, DEFAULT_CRITERION, voter, trust)
    with shared.bench() as bench:
        say_left_out(bench.left_out(votes))
        shared.one(bench.promote(run, votes).as_dict())
