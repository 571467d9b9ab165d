"""One scorer looked at closely: how its numbers are spread over each model, and the answers behind them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from arena.judgments import Score, ScoredAnswer, ScorerInfo
from arena.store.spreads import Spread
from judges.score_table import ScoreCell, ScoreColumn
from workbench.axis import Scale, scale, ticks
from workbench.charts import MANY_ROWS
from workbench.html import Html, join, number, plural, tag
from workbench.spreads import spread
from workbench.views.metrics import depends, missing, score, short

OPENING = 140
"""So many characters of a text stand in the row of an answer."""


def header(column: ScoreColumn, cells: Sequence[ScoreCell]) -> Html:
    """Return a scorer's name, what its numbers depend on, and what could not be computed."""
    facts = tag("div", tag("h3", "The numbers depend on"), depends(column.info))
    without = missing(cells)
    return join(tag("h2", column.label), tag("div", facts, without, class_="beside"))


def spreads(found: Spread, cells: Sequence[ScoreCell]) -> Html:
    """Return the distribution of each model, best mean first, on one axis."""
    title = tag("h2", "Distribution")
    if not found.counts:
        return join(title, tag("p", "No answer has a number by this scorer.", class_="muted"))
    axis = scale(found.low, found.high, 6)
    rows = [_spread(cell, found, axis) for cell in _ordered(cells, found)]
    head = tag(
        "tr",
        tag("th", "Model", scope="col"),
        tag("th", ticks(axis, [short(tick, axis) for tick in axis.ticks]), scope="col", class_="axis"),
        tag("th", "Mean", scope="col", class_="num"),
        tag("th", "Answers", scope="col", class_="num wide"),
    )
    caption = tag("caption", "How the scores of each model are spread", class_="unseen")
    picture = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="spreads")
    if len(rows) > MANY_ROWS:
        picture = tag("div", picture, class_="tall", tabindex=0, role="region", aria_label="Distributions")
    return join(title, tag("p", _legend(found), class_="muted"), picture)


def _legend(found: Spread) -> str:
    outside = (
        f" {plural(found.outside, 'answer')} beyond the axis stand in its last bins." if found.outside else ""
    )
    return f"Each row is scaled to its own highest bin; the stroke is the mean.{outside}"


def _ordered(cells: Sequence[ScoreCell], found: Spread) -> list[ScoreCell]:
    known = [cell for cell in cells if cell.mean is not None and cell.model in found.counts]
    return sorted(known, key=lambda cell: cell.mean or 0.0, reverse=found.higher_is_better)


def _spread(cell: ScoreCell, found: Spread, axis: Scale) -> Html:
    counts = found.counts[cell.model]
    said = f"{cell.model}: mean {score(cell.mean)}, {plural(cell.answers, 'answer')}"
    return tag(
        "tr",
        tag("th", tag("span", cell.model, class_="name", title=cell.model), scope="row"),
        tag("td", spread(axis, found.low, found.high, counts, cell.mean, said), class_="axis"),
        tag("td", tag("b", score(cell.mean)), class_="num"),
        tag("td", f"{cell.answers:,}", class_="num muted wide"),
    )


def answers(
    found: Sequence[ScoredAnswer], others: Mapping[UUID, Sequence[tuple[ScorerInfo, Score]]], first: int
) -> Html:
    """Return scored answers in the order given; each opens to its prompt, answer, reference and all its scores."""
    if not found:
        return tag("p", "No answer has been scored by this scorer.", class_="muted empty")
    items = [
        _answer(entry, others.get(entry.answer.answer_id, ()), first + place)
        for place, entry in enumerate(found)
    ]
    return tag("ol", items, class_="scored-list", start=first + 1)


def _answer(entry: ScoredAnswer, others: Sequence[tuple[ScorerInfo, Score]], place: int) -> Html:
    answer, own = entry.answer, entry.score
    summary = tag(
        "summary",
        tag("span", _value(own), class_="scored-value"),
        tag("span", answer.model, class_="scored-model"),
        tag("span", _opening(answer.prompt.text), class_="scored-prompt muted"),
        tag("span", _opening(answer.text) or "(blank)", class_="scored-text"),
    )
    body = tag(
        "div",
        tag("p", own.reason, class_="bad") if own.reason else None,
        tag(
            "div",
            _part("Prompt", answer.prompt.text),
            _part("Answer", answer.text),
            _part("Reference", answer.prompt.reference or "none"),
            class_="scored-parts",
        ),
        _scores(others),
        _detail(own),
        class_="scored-body",
    )
    return tag("li", tag("details", summary, body, data_keep=f"answer-{own.fingerprint}-{answer.answer_id}"))


def _value(found: Score) -> Html:
    if found.value is None:
        return tag("span", "none", class_="bad")
    return tag("b", score(found.value), class_="num")


def _opening(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= OPENING else said[:OPENING].rsplit(" ", 1)[0] + " \u2026"


def _part(title: str, text: str) -> Html:
    return tag("section", tag("h3", title), tag("p", text.strip() or "(blank)", class_="pre"))


def _scores(others: Sequence[tuple[ScorerInfo, Score]]) -> Html | None:
    if not others:
        return None
    parts = [
        tag(
            "span",
            info.scorer,
            " ",
            tag("b", score(found.value), class_="num")
            if found.value is not None
            else tag("span", "none", class_="bad"),
            class_="scored-other",
            title=found.reason,
        )
        for info, found in others
    ]
    return tag("p", tag("span", "All scores: ", class_="muted"), parts, class_="chip-line")


def _detail(own: Score) -> Html | None:
    known = [
        f"{key.replace('_', ' ')} {number(value, 3) if isinstance(value, float) else value}"
        for key, value in own.detail.items()
        if isinstance(value, int | float | str)
    ]
    return tag("p", " \u00b7 ".join(known), class_="muted num small-facts") if known else None
