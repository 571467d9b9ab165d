"""How a command follows a job until it ends: a bar in a terminal, else a line now and then; Ctrl-C asks it to stop.

The job may work in this process or in the app that has the home open; the command does not tell.
"""

import getpass
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.errors import InvalidInput
from workbench.commands.output import say

if TYPE_CHECKING:
    from arena.jobs import JobProgress
    from workbench.bench import Workbench
    from workbench.jobs.specs import AnyJob
    from workbench.jobs.view import JobHandle, JobView

LINE_SECONDS = 30.0
"""Where there is no terminal, progress is a line so often."""
LOOK_SECONDS = 0.2
"""The bar is drawn so often."""
CANCEL_SECONDS = 10.0
"""So long a job that was told to end at once is waited for."""

Detach = Annotated[
    bool,
    typer.Option("--detach", help="Only start it and print the job's id; the app that runs does the work."),
]


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of a job that was followed, and whether somebody stopped it before it was done."""

    result: Any
    stopped: bool


def run_job(
    bench: "Workbench", spec: "AnyJob", *, detach: bool = False, label: str | None = None
) -> Followed:
    """Start a job and follow it to its result; with `detach` print its id instead and leave.

    Raises:
        InvalidInput: it is to be detached, and no app is running that would go on with it.
        WorkbenchError: the error that the job failed with.
        KeyboardInterrupt: a second Ctrl-C ended it where it stood.
    """
    if detach:
        check_detach(bench)
    handle = bench.start_job(spec, by=getpass.getuser())
    if detach:
        typer.echo(handle.id)
        raise typer.Exit
    return follow(handle, label=label)


def check_detach(bench: "Workbench") -> None:
    """Refuse to leave a job behind in a process that ends with its command.

    Raises:
        InvalidInput: no app is running that would go on with it.
    """
    if is_own(bench):
        raise InvalidInput(
            "Without the app a job ends with its command: start `workbench serve` first, or leave --detach out."
        )


def is_own(bench: "Workbench") -> bool:
    """Whether the home is open in this process, so that its jobs end with it."""
    from workbench.home import Home

    return isinstance(bench, Home)


def follow(handle: "JobHandle", *, label: str | None = None) -> Followed:
    """Show a job's progress until it ends and return its result; the first Ctrl-C stops it, the second ends it at once.

    Raises:
        WorkbenchError: the error that the job failed with.
        KeyboardInterrupt: a second Ctrl-C ended it where it stood.
    """
    from arena.jobs import JobState

    with _interrupts() as pressed:
        heeded = 0

        def heed() -> bool:
            nonlocal heeded
            if pressed() > heeded:
                heeded += 1
                if heeded == 1:
                    handle.stop()
                else:
                    handle.cancel()
            return heeded < 2

        watch(handle, label=label, wanted=heed)
        if heeded >= 2:
            handle.wait(CANCEL_SECONDS)
            raise KeyboardInterrupt
    return Followed(handle.result(), handle.view().state is JobState.STOPPED)


def watch(
    handle: "JobHandle", *, label: str | None = None, wanted: Callable[[], bool] = lambda: True
) -> "JobView":
    """Show a job's progress until it ends, or is not `wanted` any more; return it as it is then."""
    from workbench.jobs.words import UNITS

    view = handle.view()
    with _bar(label or view.title, UNITS.get(view.kind, "step") + "s") as show:
        show(view)
        while not handle.wait(LOOK_SECONDS) and wanted():
            show(handle.view())
        view = handle.view()
        show(view)
    return view


@contextmanager
def _interrupts() -> Iterator[Callable[[], int]]:
    """Count how often Ctrl-C is pressed, instead of ending at once; a third one does."""
    pressed = 0

    def on_interrupt(number: int, frame: object) -> None:
        nonlocal pressed
        pressed += 1
        if pressed == 1:
            say("Stopping: what is in flight is finished and stored. Ctrl-C again ends at once.")
        elif pressed > 2:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bar(label: str, unit: str) -> "Iterator[Callable[[JobView], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[facts]}"),
    )  # fmt: skip
    console = Console(stderr=True)
    last = time.monotonic()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None, facts="")

        def show(view: "JobView") -> None:
            nonlocal last
            progress = view.progress
            told = facts(progress)
            bar.update(task, completed=progress.done, total=progress.total, facts=told)
            if not console.is_terminal and time.monotonic() - last > LINE_SECONDS:
                last = time.monotonic()
                of = "" if progress.total is None else f" of {progress.total:,}"
                say(f"{progress.done:,}{of} {unit}" + (f"; {told}" if told else ""))

        yield show


def facts(progress: "JobProgress") -> str:
    """Return what is known of a job's progress beside its steps, in a line."""
    told = [f"{progress.rate:.1f}/s" if progress.rate else ""]
    if progress.seconds_left is not None and progress.done < (progress.total or 0):
        told.append(f"{progress.seconds_left:,.0f} s left")
    if progress.in_flight:
        told.append(f"{progress.in_flight} in flight")
    if progress.tokens:
        told.append(f"{progress.tokens:,} tokens")
    if progress.cost is not None:
        told.append(f"cost {progress.cost:,.4g}")
    told += [f"{reason}: {number:,}" for reason, number in progress.failures.items()]
    told.append(progress.note)
    return ", ".join(fact for fact in told if fact)
