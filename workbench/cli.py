"""The command line: `workbench [--home H] [--format F] VERB ...`.

The two common options may stand before or after the verb. Errors a user can mend are one line on stderr and a
documented exit code; only a bug of ours shows a traceback. Commands import what they need when they run, so that
`--help` answers at once.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from arena.errors import WorkbenchError
from workbench.commands import (
    agreement,
    arena,
    certainty,
    check,
    control,
    data,
    golden,
    integrity,
    jobs,
    judges,
    judging,
    models,
    people,
    planning,
    ratings,
    reviews,
    scoring,
    serve,
    tokens,
    training,
    users,
)
from workbench.commands.output import Context, Format

app = typer.Typer(
    name="workbench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Blind arena battles, ratings with intervals, preference datasets and DPO on collected votes.",
    epilog=(
        "Exit codes: 0 done, 1 failed, 2 bad input or usage, 3 not found, 4 conflict, 5 database in use, "
        "6 database damaged, 7 model failed, 8 run failed, 9 database not written, 10 golden check failed, "
        "11 running app not reached, 12 not allowed, 13 too many requests, 130 interrupted."
    ),
)
for part in (
    serve,
    arena,
    judging,
    judges,
    agreement,
    people,
    integrity,
    reviews,
    ratings,
    certainty,
    control,
    planning,
    data,
    check,
    models,
    training,
    scoring,
    golden,
    jobs,
    users,
    tokens,
):
    part.register(app)


@app.callback()
def common(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option(envvar="WORKBENCH_HOME", help="The folder that holds everything.")
    ] = Path("workbench-data"),
    format: Annotated[Format, typer.Option(help="How data is written to stdout.")] = Format.TABLE,
) -> None:
    """Keep the options that all commands share."""
    context.obj = Context(home, format)


def hoisted(arguments: list[str]) -> list[str]:
    """Return the arguments with `--home` and `--format` moved to the front.

    >>> hoisted(["leaderboard", "--format", "json", "--method", "elo"])
    ['--format', 'json', 'leaderboard', '--method', 'elo']
    """
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in ("--home", "--format"):
            front += [argument, *(value for value in [next(waiting, None)] if value is not None)]
        elif argument.startswith(("--home=", "--format=")):
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    # Ratings solve systems of a few hundred models; threads of BLAS that wait for each other on busy cores made that
    # twenty times slower, and save a millisecond on idle ones.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app(hoisted(sys.argv[1:] if arguments is None else arguments))
    except WorkbenchError as error:
        from arena.errors import ImportRejected

        sys.stderr.write(f"workbench: {error}\n")
        if isinstance(error, ImportRejected):
            for line, reason in error.rejects[:20]:
                sys.stderr.write(f"  line {line}: {reason}\n")
            if len(error.rejects) > 20:
                sys.stderr.write(f"  ... and {len(error.rejects) - 20:,} more\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("workbench: interrupted\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
