"""Jobs as a card: what works now with its progress, failures and a stop button, and what has ended."""

from collections.abc import Callable, Collection, Mapping, Sequence

from workbench.html import Html, duration, join, number, percent, plural, tag
from workbench.jobs import JobProgress, JobState, JobView

MOST_ENDED = 5
"""So many ended jobs are listed."""

_TONE = {
    JobState.RUNNING: "busy",
    JobState.STOPPING: "busy",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.INTERRUPTED: "bad",
}


def card(
    jobs: Sequence[JobView],
    unit: str,
    resumable: Collection[str] = (),
    told: Callable[[JobView], str | None] = lambda job: None,
) -> Html | str:
    """Return the jobs, newest first; nothing while there are none.

    `unit` is what a job counts, in the singular; those whose ids are `resumable` have a button to go on.
    `told` says what came of one that has ended.
    """
    if not jobs:
        return ""
    working = [job for job in jobs if job.state.active]
    done = [job for job in jobs if not job.state.active][:MOST_ENDED]
    return join(
        [active(job, unit) for job in working],
        tag(
            "ul", [ended(job, unit, told(job), resumable=job.id in resumable) for job in done], class_="ended"
        )
        if done
        else None,
    )


def active(job: JobView, unit: str, *more: Html | None, stoppable: bool = True) -> Html:
    """Return a job at work: its title, a button to stop it, how far it is, what failed, `more`, and its log."""
    progress = job.progress
    share = progress.done / progress.total if progress.total else 0.0
    stopping = job.state is JobState.STOPPING
    stop = tag(
        "button",
        "Stopping \u2026" if stopping else "Stop",
        type="button",
        class_="small danger",
        data_do="stop",
        data_name=job.id,
        aria_label=f"Stop {job.title}",
        disabled=stopping,
    )
    bar = tag(
        "div",
        tag("span", style=f"width:{100 * share:.1f}%"),
        class_="meter wide-meter",
        role="progressbar",
        aria_label=job.title,
        aria_valuemin=0,
        aria_valuemax=100,
        aria_valuenow=round(100 * share),
    )
    title = tag("div", tag("h3", job.title), _state(job.state), class_="job-title")
    return tag(
        "div",
        tag("div", title, stop if stoppable else None, class_="job-head"),
        bar,
        tag("p", " \u00b7 ".join(facts(progress, unit)), class_="job-facts num"),
        failures(progress.failures),
        tag("p", progress.note, class_="muted job-note") if progress.note else None,
        more,
        log(job),
        class_="job",
    )


def ended(
    job: JobView, unit: str, told: str | None, *more: Html | None, resumable: bool, removable: bool = False
) -> Html:
    """Return a job that has ended: its title, what came of it, `more`, its log, and buttons to go on or forget it."""
    said = told or " \u00b7 ".join(facts(job.progress, unit, ended=True))
    failed = job.state is JobState.FAILED
    return tag(
        "li",
        tag(
            "div",
            tag("div", tag("b", job.title), _state(job.state), class_="job-title"),
            tag(
                "div",
                _button(job, "resume", "Resume") if resumable else None,
                _button(job, "remove", "Remove", quiet=True) if removable else None,
                class_="job-buttons",
            )
            if resumable or removable
            else None,
            class_="job-head",
        ),
        tag("p", said, class_="muted num job-facts") if said else None,
        failures(job.progress.failures),
        tag("p", job.error, class_="bad pre" if failed else "muted pre") if job.error else None,
        more,
        log(job),
    )


def _button(job: JobView, action: str, label: str, *, quiet: bool = False) -> Html:
    return tag(
        "button",
        label,
        type="button",
        class_="small quiet" if quiet else "small",
        data_do=action,
        data_name=job.id,
        aria_label=f"{label} {job.title}",
    )


def _state(state: JobState) -> Html:
    dot = tag("i", class_="dot", aria_hidden="true")
    return tag("span", dot, tag("b", str(state)), class_=f"state {_TONE.get(state, 'idle')}")


def facts(progress: JobProgress, unit: str, *, ended: bool = False) -> list[str]:
    """Return what is known of a job's progress, in short phrases; speed and rest only while it works."""
    of = f" of {progress.total:,}" if progress.total else ""
    found = [f"{progress.done:,}{of} {unit}s"] if progress.total or progress.done else []
    if progress.total and not ended:
        found[0] += f" ({percent(progress.done / progress.total)})"
    if not ended and progress.rate:
        found.append(f"{rate(progress.rate)} a second")
    if not ended and progress.seconds_left is not None:
        found.append(f"{duration(progress.seconds_left)} left")
    if not ended and progress.in_flight:
        found.append(f"{progress.in_flight:,} in flight")
    if progress.cached:
        found.append(f"{progress.cached:,} known before")
    if progress.tokens:
        found.append(plural(progress.tokens, "token"))
    if progress.cost:
        found.append(f"cost {money(progress.cost)}")
    return found


def failures(counted: Mapping[str, int]) -> Html | None:
    """Return how many steps gave nothing, by reason, most frequent first."""
    if not any(counted.values()):
        return None
    order = sorted(counted.items(), key=lambda item: -item[1])
    chips = [
        tag("span", f"{reason.replace('_', ' ')} ", tag("b", f"{n:,}", class_="num"), class_="chip bad")
        for reason, n in order
        if n
    ]
    return tag("p", tag("span", "Failed: ", class_="muted"), chips, class_="chip-line")


def log(job: JobView) -> Html | None:
    """Return the log of a job, folded; nothing while it is empty."""
    if not job.lines:
        return None
    text = tag("pre", "\n".join(job.lines), class_="log", tabindex=0)
    return tag("details", tag("summary", "Log"), text, data_keep=f"log-{job.id}")


def rate(value: float) -> str:
    """Return steps a second with as many digits as say something."""
    return number(value) if value >= 10 else number(value, 1 if value >= 1 else 2)


def money(value: float) -> str:
    """Return an amount in the currency of the prices, small ones with more digits."""
    return number(value, 2 if value >= 1 else 4)
