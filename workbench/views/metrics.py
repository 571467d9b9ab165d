"""The metrics tab's pieces: the table of models by scorers, and what one scorer's numbers depend on."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from arena.errors import WorkbenchError
from arena.judgments import ScorerInfo
from judges.metrics.base import MetricInfo
from judges.score_table import ScoreCell, ScoreColumn, ScoreTable
from judges.scoring import ScoringReport
from workbench.axis import Scale, holding, ticks, track
from workbench.charts import MANY_ROWS
from workbench.html import Html, duration, join, number, plural, tag
from workbench.jobs import JobView
from workbench.jobs.results import load_result
from workbench.verbs.golden import GoldenReport
from workbench.views.leaderboard import empty


def table(scores: ScoreTable, shown: str | None) -> Html:
    """Return mean and interval of each model by each scorer; a column's name is a button that shows it below."""
    if not scores.columns:
        return empty(
            "Nothing scored yet",
            "Choose metrics and start: recorded answers and answers of battles get their numbers here.",
        )
    axes = {column.info.fingerprint: axis_of(scores, column) for column in scores.columns}
    cells = {(cell.model, cell.fingerprint): cell for cell in scores.cells}
    head = tag(
        "tr",
        tag("th", "Model", scope="col", class_="first"),
        [_column(column, axes[column.info.fingerprint], shown) for column in scores.columns],
    )
    rows = [
        tag(
            "tr",
            tag("th", tag("span", model, class_="name", title=model), scope="row", class_="first"),
            [
                _cell(cells.get((model, column.info.fingerprint)), axes[column.info.fingerprint])
                for column in scores.columns
            ],
        )
        for model in scores.models
    ]
    caption = tag("caption", "Mean score of each model with its 95 % interval", class_="unseen")
    many = " many" if len(rows) > MANY_ROWS else ""
    picture = tag("table", caption, tag("thead", head), tag("tbody", rows), class_=f"means{many}")
    return join(
        tag("h2", "Means"),
        tag("p", _legend(scores), class_="muted"),
        _notes(scores.notes),
        tag("div", picture, class_="scroll", tabindex=0, role="region", aria_label="Means of all models"),
    )


def _legend(scores: ScoreTable) -> str:
    missing = sum(sum(cell.reasons.values()) for cell in scores.cells)
    without = (
        f" \u2212n: answers without a number, {missing:,} in all; a column's name tells why."
        if missing
        else ""
    )
    return f"Mean, 95\u202f% interval counted by prompts, and number of answers.{without}"


def _notes(notes: Sequence[str]) -> Html | None:
    """Return what a reader must know to compare: one note as it is, several behind one line."""
    if len(notes) < 2:
        return tag("p", notes, class_="warn") if notes else None
    summary = tag("summary", f"{plural(len(notes), 'column')} to read with care", class_="warn")
    return tag(
        "details", summary, [tag("p", note) for note in notes], class_="notes", data_keep="means-notes"
    )


def axis_of(scores: ScoreTable, column: ScoreColumn) -> Scale:
    """Return the axis that holds all means and intervals of a column."""
    cells = [cell for cell in scores.cells if cell.fingerprint == column.info.fingerprint]
    return holding((end for cell in cells for end in (cell.mean, cell.lower, cell.upper)), wanted=2)


def _column(column: ScoreColumn, axis: Scale, shown: str | None) -> Html:
    info = column.info
    button = tag(
        "button",
        column.label,
        type="button",
        class_="link",
        data_do="scorer",
        data_name=info.fingerprint,
        data_goto="#scorer",
        aria_current="true" if info.fingerprint == shown else None,
    )
    better = tag(
        "span", " \u2191" if info.higher_is_better else " \u2193", class_="muted", aria_hidden="true"
    )
    spoken = tag("span", "higher is better" if info.higher_is_better else "lower is better", class_="unseen")
    labels = [short(tick, axis) if shown_tick else "" for tick, shown_tick in _ends_of(axis)]
    kind = "cell shown" if info.fingerprint == shown else "cell"
    return tag("th", tag("span", button, better, spoken), ticks(axis, labels), scope="col", class_=kind)


def _ends_of(axis: Scale) -> list[tuple[float, bool]]:
    """Return the ticks of a narrow axis with whether each has room for its label: the ends, if they lie apart."""
    places = [axis.at(tick) for tick in axis.ticks]
    last = len(places) - 1
    apart = bool(places) and places[last] - places[0] > 40
    return [(tick, i == 0 or (i == last and apart)) for i, tick in enumerate(axis.ticks)]


def _cell(cell: ScoreCell | None, axis: Scale) -> Html:
    if cell is None:
        return tag("td", "\u2013", class_="cell muted none")
    without = sum(cell.reasons.values())
    count = tag(
        "span",
        f"{cell.answers:,}",
        tag("span", f" \u2212{without:,}", class_="warn") if without else None,
        class_="of num muted",
        title=f"{plural(cell.answers, 'answer')} with a number, {without:,} without",
    )
    value = tag("b", score(cell.mean), class_="num") if cell.mean is not None else tag("b", "\u2013")
    bar = track(axis, cell.mean, cell.lower, cell.upper, class_="small-track")
    return tag("td", tag("div", value, bar, count, class_="cell-line"), class_="cell")


def score(value: float | None) -> str:
    """Return a score with three or four figures, whatever its size."""
    if value is None:
        return "\u2013"
    size = abs(value)
    return number(value, 3 if size < 10 else 1 if size < 1000 else 0)


def short(value: float, axis: Scale) -> str:
    """Return a tick's label with no more digits than tell it from the next tick."""
    step = axis.ticks[1] - axis.ticks[0] if len(axis.ticks) > 1 else max(abs(value), 1e-3)
    return number(value, max(0, -math.floor(math.log10(step) + 1e-9)))


def depends(info: ScorerInfo) -> Html:
    """Return what a scorer's numbers depend on, as a short table."""
    rows = [*_flat(info.depends), ("better", "higher" if info.higher_is_better else "lower")]
    body = [tag("tr", tag("th", key, scope="row"), tag("td", value)) for key, value in rows]
    mark = tag("tr", tag("th", "fingerprint", scope="row"), tag("td", tag("code", info.fingerprint[:12])))
    return tag("table", tag("tbody", body, mark), class_="facts depends")


def _flat(values: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    for key, value in values.items():
        name = f"{before}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}: ")
        else:
            yield name, _plain(value)


def _plain(value: Any) -> str:
    if value is None or value is False:
        return "no"
    if value is True:
        return "yes"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def missing(cells: Sequence[ScoreCell]) -> Html | None:
    """Return why answers have no number, most frequent reason first, with the models they belong to on demand."""
    reasons: Counter[str] = Counter()
    for cell in cells:
        reasons.update(cell.reasons)
    if not reasons:
        return None
    items = [tag("li", tag("b", f"{n:,}", class_="num"), f" {reason}") for reason, n in reasons.most_common()]
    rows = [
        tag(
            "tr",
            tag("th", cell.model, scope="row"),
            tag("td", f"{sum(cell.reasons.values()):,}", class_="num"),
            tag("td", "; ".join(f"{n:,} {reason}" for reason, n in cell.reasons.items())),
        )
        for cell in sorted(cells, key=lambda cell: -sum(cell.reasons.values()))
        if cell.reasons
    ]
    by_model = tag(
        "details",
        tag("summary", f"By model ({len(rows):,})"),
        tag("div", tag("table", tag("tbody", rows), class_="list"), class_="tall"),
        data_keep="missing",
    )
    title = tag("h3", f"Not computable: {plural(reasons.total(), 'answer')}")
    return tag("div", title, tag("ul", items, class_="reasons"), by_model)


def coverage(answers: int, with_reference: int, metrics: Sequence[MetricInfo]) -> Html:
    """Return how many answers the choice lets through, and how many of them a chosen metric can do nothing with."""
    if not answers:
        text = "No stored answer fits. Import answers under Data, fight battles, or let models answer a prompt set."
        return tag("p", text, class_="muted")
    lacking = answers - with_reference
    needing = [info.title for info in metrics if info.needs_reference]
    warning = None
    if lacking and needing:
        names = ", ".join(needing[:-1]) + (" and " if needing[:-1] else "") + needing[-1]
        word = "need" if len(needing) > 1 else "needs"
        said = f"{lacking:,} of them have no reference, which {names} {word}."
        warning = tag("p", said, class_="warn")
    return join(tag("p", plural(answers, "answer"), " to score.", class_="muted"), warning)


def start_label(answers: int, metrics: int) -> str:
    """Return what the start button says, which is what it would do."""
    if not metrics:
        return "Choose a metric"
    return (
        f"Score {plural(answers, 'answer')} by {plural(metrics, 'metric')}" if answers else "Nothing to score"
    )


def cannot(error: WorkbenchError) -> Html:
    """Return why nothing can be counted."""
    return tag("p", str(error), class_="bad")


def report(job: JobView) -> str | None:
    """Return what came of an ended job, in one line."""
    found = load_result(job.kind, job.result)
    if isinstance(found, GoldenReport):
        return found.sentence
    if not isinstance(found, ScoringReport):
        return None
    without = sum(sum(one.reasons.values()) for one in found.scorers)
    parts = [f"{plural(sum(one.scored for one in found.scorers), 'new score')}"]
    if kept := sum(one.kept for one in found.scorers):
        parts.append(f"{kept:,} known before")
    if without:
        parts.append(f"{without:,} not computable")
    return " \u00b7 ".join([*parts, duration(found.seconds)])
