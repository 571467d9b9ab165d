"""`workbench check`: are the counts that ratings rest on those of the votes?"""

from dataclasses import asdict

import typer

from workbench.commands.output import Context, Format, say, write_json


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(check)


def check(context: typer.Context) -> None:
    """Count all votes anew and compare with the counts kept as votes land; exit code 1 where they differ.

    Where the app runs, it is the app's counts that are checked. Wrong counts are forgotten and counted anew.
    """
    shared: Context = context.obj
    with shared.bench() as bench:
        found = bench.check_counts()
    if shared.format is Format.JSON:
        write_json({**asdict(found), "sound": found.sound})
    elif found.differences:
        rows = [asdict(difference) for difference in found.differences]
        shared.rows(rows, list(rows[0]))
    say(found.sentence)
    if not found.sound:
        raise typer.Exit(1)
