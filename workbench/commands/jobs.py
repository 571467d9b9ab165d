"""`workbench jobs ...`: long work, as it goes on in the app or as it was left."""

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.errors import NotFound
from workbench.commands.following import facts, follow, watch
from workbench.commands.output import Context, Format, say

if TYPE_CHECKING:
    from workbench.jobs.view import JobView

jobs_app = typer.Typer(
    no_args_is_help=True, help="List, show, follow, stop, resume and remove jobs: all work that takes long."
)

JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id, as `jobs list` shows it.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(jobs_app, name="jobs")


@jobs_app.command("list")
def list_(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Option(help="Only jobs of this kind: judge, score, import, ...")
    ] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--ended", help="Only jobs at work, or only ended ones.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    before: Annotated[str | None, typer.Option(help="Only jobs that began before this one.")] = None,
) -> None:
    """List jobs, the newest first."""
    from workbench.jobs.specs import KINDS

    if kind is not None and kind not in KINDS:
        raise NotFound(f"There is no kind of job {kind!r}: the kinds are {', '.join(KINDS)}.")
    shared: Context = context.obj
    with shared.bench() as bench:
        views = bench.list_jobs(kind, active=active, limit=limit, before=before)
    rows = [_row(view) for view in views[:limit]]
    columns = ["id", "title", "state", "done", "total", "failed", "by", "started", "ended"]
    shared.rows(
        rows, columns, empty="No jobs yet: `workbench judge`, `score`, `answer` and others start them."
    )


@jobs_app.command()
def show(context: typer.Context, job: JobId) -> None:
    """Show one job: what was asked, how far it is, what came of it, and the end of its log."""
    from workbench.jobs.words import asked

    shared: Context = context.obj
    with shared.bench() as bench:
        view = bench.job(job)
    if shared.format is Format.JSON:
        shared.one({**_row(view), "spec": dict(view.spec), "result": view.result, "log": list(view.lines)})
        return
    wanted = "; ".join(f"{name}: {value}" for name, value in asked(view.spec))
    shared.one({**_row(view), "asked": wanted, "error": view.error})
    for line in view.lines[-20:]:
        say(line)


@jobs_app.command("follow")
def follow_(context: typer.Context, job: JobId) -> None:
    """Show a job's progress until it ends; Ctrl-C stops looking, not the job."""
    from workbench.jobs.polled import PolledJob

    shared: Context = context.obj
    with shared.bench() as bench:
        view = watch(PolledJob(bench, job))
    _end(shared, view)


@jobs_app.command()
def stop(
    context: typer.Context,
    job: JobId,
    now: Annotated[bool, typer.Option("--now", help="End it where it stands.")] = False,
) -> None:
    """Ask a job to finish what it has begun and stop; `jobs resume` goes on from there."""
    shared: Context = context.obj
    with shared.bench() as bench:
        view = bench.stop_job(job, now=now)
    if view.state.active:
        say(f"Asked {job} to stop: what is in flight is finished and stored.")
    else:
        say(f"The job {job} has ended already ({view.state}).")


@jobs_app.command()
def resume(
    context: typer.Context,
    job: JobId,
    detach: Annotated[
        bool, typer.Option("--detach", help="Do not wait for it; the app does the work.")
    ] = False,
) -> None:
    """Go on with a job that was interrupted, stopped or failed, and show its progress; nothing is done twice."""
    from workbench.commands.following import check_detach

    shared: Context = context.obj
    with shared.bench() as bench:
        if detach:
            check_detach(bench)
        handle = bench.resume_job(job, by=getpass.getuser())
        if detach:
            typer.echo(handle.id)
            return
        follow(handle)
        view = bench.job(job)
    _end(shared, view)


@jobs_app.command()
def remove(context: typer.Context, job: JobId) -> None:
    """Forget an ended job; what it did stays."""
    shared: Context = context.obj
    with shared.bench() as bench:
        bench.remove_job(job)


def _end(shared: Context, view: "JobView") -> None:
    """Print how a job ended, and leave with the exit code that its own command would have had."""
    from workbench.jobs.results import result_of

    shared.one({**_row(view), "result": view.result} if shared.format is Format.JSON else _row(view))
    if view.error is not None:
        result_of(view)
    if str(view.state) in ("stopped", "interrupted"):
        sys.exit(130)


def _row(view: "JobView") -> dict[str, Any]:
    progress = view.progress
    return {
        "id": view.id,
        "kind": view.kind,
        "title": view.title,
        "state": str(view.state),
        "done": progress.done,
        "total": progress.total,
        "failed": progress.failed,
        "progress": facts(progress) if view.state.active else "",
        "by": view.started_by,
        "attempts": view.attempts,
        "resumable": view.resumable,
        "created": _moment(view.created_at),
        "started": _moment(view.started_at),
        "ended": _moment(view.ended_at),
        "error": view.error,
    }


def _moment(at: Any) -> str | None:
    return None if at is None else at.astimezone().isoformat(timespec="seconds")
