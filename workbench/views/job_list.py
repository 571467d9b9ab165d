"""The jobs tab's pieces: what is at work, what has ended and what came of it, and the empty state."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from arena.exports import Manifest
from arena.formats import ImportReport
from workbench.html import Html, duration, plural, tag
from workbench.jobs import JobView
from workbench.jobs.results import AnswerReport, BattleReport, RunOutcome, load_result
from workbench.jobs.words import UNITS, asked
from workbench.views import jobs as view
from workbench.views.judges import report as judged
from workbench.views.leaderboard import empty
from workbench.views.metrics import report as measured


def working(jobs: Sequence[JobView], stoppable: Collection[str]) -> Html | str:
    """Return the jobs at work, the one begun last first; those whose ids are `stoppable` have a button for it."""
    if not jobs:
        return ""
    head = tag("h2", f"{plural(len(jobs), 'job')} at work", class_="section")
    return tag(
        "div",
        head,
        [
            view.active(
                job, UNITS.get(job.kind, "step"), _about(job), _wanted(job), stoppable=job.id in stoppable
            )
            for job in jobs
        ],
    )


def ended(
    jobs: Sequence[JobView], resumable: Collection[str], removable: Collection[str], *, filtered: bool
) -> Html:
    """Return the jobs that have ended, newest first, or what to say where there are none."""
    if not jobs:
        said = "No job of this kind has ended yet." if filtered else "No job has ended yet."
        return tag("p", said, class_="muted")
    rows = [
        view.ended(
            job,
            UNITS.get(job.kind, "step"),
            outcome(job),
            _about(job),
            _wanted(job),
            resumable=job.id in resumable,
            removable=job.id in removable,
        )
        for job in jobs
    ]
    return tag("div", tag("h2", "Ended", class_="section"), tag("ul", rows, class_="ended"))


def none_yet() -> Html:
    """Return the empty state."""
    return empty(
        "No jobs yet",
        "Judging, scoring, answering a prompt set, imports, exports and training run as jobs: they go on when this "
        "page is closed, and can be stopped and resumed.",
        "Judges",
        "Metrics",
        "Data",
    )


def outcome(job: JobView) -> str | None:
    """Return what came of an ended job, in one line, `None` where nothing did."""
    if (said := judged(job) or measured(job)) is not None:
        return said
    found = load_result(job.kind, job.result)
    match found:
        case AnswerReport():
            return _joined(
                plural(found.answers, "answer"),
                f"{found.failed:,} failed" if found.failed else None,
                f"{found.known:,} known before" if found.known else None,
                f"{found.not_asked:,} not asked" if found.not_asked else None,
            )
        case BattleReport():
            failed = sum(not battle.votable for battle in found.battles)
            return _joined(
                plural(len(found.battles), "battle"),
                f"{failed:,} failed" if failed else None,
                f"{found.not_asked:,} not fought" if found.not_asked else None,
                f"{found.spared:,} not needed" if found.spared else None,
            )
        case ImportReport():
            return _joined(found.summary(), *found.notes)
        case Manifest():
            return _joined(plural(found.pairs, "pair"), f"{found.votes:,} votes", found.sha256[:12])
        case RunOutcome():
            return _joined(f"The run is {found.state}", found.message)
    return None


def _joined(*parts: str | None) -> str:
    return " \u00b7 ".join(part for part in parts if part)


def _about(job: JobView) -> Html:
    """Return who began it and when, how long it took, and how often it was begun."""
    now = datetime.now(UTC)
    parts = [job.id]
    if job.started_by:
        parts.append(f"by {job.started_by}")
    if job.ended_at is None:
        parts.append(f"began {duration((now - job.started_at).total_seconds())} ago")
    else:
        parts.append(f"took {duration((job.ended_at - job.started_at).total_seconds())}")
        parts.append(f"ended {_ago((now - job.ended_at).total_seconds())}")
    if job.attempts > 1:
        parts.append(f"begun {job.attempts} times")
    return tag(
        "p", " \u00b7 ".join(parts), class_="muted num job-note", title=f"{job.created_at:%Y-%m-%d %H:%M} UTC"
    )


def _ago(seconds: float) -> str:
    return f"{duration(seconds)} ago" if seconds < 86400 else f"{seconds / 86400:.0f} days ago"


def _wanted(job: JobView) -> Html | None:
    """Return what was asked for, folded."""
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", value))
        for name, value in asked(job.spec, folders=False)
    ]
    if not rows:
        return None
    table = tag("table", tag("tbody", rows), class_="facts asked")
    return tag("details", tag("summary", "Asked for"), table, data_keep=f"asked-{job.id}")
