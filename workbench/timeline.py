"""Ratings over time as one picture: a line a model, two of them in colour with their intervals, the rest to compare.

The lines are stretched to the width there is, so all words stand beside the SVG and stay readable on a phone. The axis
holds where the models are now and what the chosen ones went through; a rating of the first few votes may lie outside.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from arena.history import Course, RatingHistory
from workbench.axis import Scale, scale
from workbench.dates import date_ticks, day
from workbench.html import Html, join, number, plural, points, tag

SIDES = ("a", "b")
MOST_LINES = 60
"""Further models are not drawn unless they are chosen."""

NAMED_LINES = 14
"""With more lines only the chosen ones are named at their end."""

_WIDTH = 1000.0
_HEIGHT = 100.0
_APART = 4.9
"""Per cent of the height that two names at the line ends need between them."""

Place = Callable[[int], float]
"""Where a moment lies, 0 to 100 per cent of the width."""


def timeline(history: RatingHistory, chosen: Sequence[str], *, by_date: bool = True) -> Html:
    """Return the picture with its key, and the same figures as a table behind a fold.

    `chosen` are up to two models in colour. `by_date` spreads the moments by their time, otherwise by votes.
    """
    coloured = [course for name in chosen[: len(SIDES)] if (course := history.course(name))]
    others = [course for course in history.courses[:MOST_LINES] if course not in coloured]
    axis = _axis(history, coloured)
    place, ticks = _along(history, by_date)
    lines = [_line(course, axis, place, None) for course in reversed(others)]
    for course, side in reversed(list(zip(coloured, SIDES, strict=False))):
        lines += [_band(course, axis, place, side), _line(course, axis, place, side)]
    drawing = tag(
        "svg",
        [_rule(y=_up(axis, tick)) for tick in axis.ticks],
        lines,
        viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}",
        preserveAspectRatio="none",
        focusable="false",
    )
    heights = [
        tag("span", points(tick), class_="tick-y", style=f"top:{_up(axis, tick):.2f}%") for tick in axis.ticks
    ]
    below = [tag("span", label, class_="tick-x", style=f"left:{x:.2f}%") for x, label in ticks]
    plot = tag(
        "div",
        tag("div", drawing, heights, below, class_="plot"),
        tag("div", _names(coloured, others, axis), class_="line-names"),
        class_="timeline",
        role="img",
        aria_label=_said(history, coloured),
    )
    return join(_key(coloured), plot, _table(history))


def spread_over_time(history: RatingHistory) -> bool:
    """Return whether dates tell the moments apart: no pause between two takes most of the time."""
    at = [moment.at for moment in history.moments]
    if len(at) < 2 or at[0] == at[-1]:
        return False
    return max(later - earlier for earlier, later in pairwise(at)) <= (at[-1] - at[0]) / 2


def _axis(history: RatingHistory, coloured: Sequence[Course]) -> Scale:
    """Return an axis that holds the later half of every line and the coloured intervals of that half."""
    half = len(history.moments) // 2
    shown = [rating for course in history.courses for rating in course.ratings[half:] if rating is not None]
    reach = max(60.0, max(shown) - min(shown))
    low, high = min(shown), max(shown)
    for course in coloured:
        for end in (*course.lower[half:], *course.upper[half:]):
            if end is not None:
                low, high = max(min(low, end), low - reach / 2), min(max(high, end), high + reach / 2)
    return scale(low, high, 4)


def _along(history: RatingHistory, by_date: bool) -> tuple[Place, list[tuple[float, str]]]:
    first, last = history.moments[0], history.moments[-1]
    span = (last.at - first.at).total_seconds()
    if by_date and span > 0:

        def since(moment: int) -> float:
            return 100 * (history.moments[moment].at - first.at).total_seconds() / span

        ticks = date_ticks(first.at, last.at)
        return since, [(100 * (at - first.at).total_seconds() / span, label) for at, label in ticks]
    counted = Scale(0, last.votes, tuple(t for t in scale(0, last.votes, 4).ticks if 0 <= t <= last.votes))
    labels = [number(tick) for tick in counted.ticks[:-1]] + [f"{number(counted.ticks[-1])} votes"]
    return (
        lambda moment: counted.at(history.moments[moment].votes),
        [(counted.at(tick), label) for tick, label in zip(counted.ticks, labels, strict=True)],
    )


def _up(axis: Scale, value: float) -> float:
    """Return where a rating lies from the top, in per cent; beyond 0 to 100 where it is off the axis."""
    return _HEIGHT - 100 * (value - axis.low) / (axis.high - axis.low)


def _rule(y: float) -> Html:
    return tag("line", x1=0, x2=_WIDTH, y1=f"{y:.2f}", y2=f"{y:.2f}", class_="grid")


def _line(course: Course, axis: Scale, place: Place, side: str | None) -> Html:
    known = [
        (place(moment) * 10, _up(axis, rating))
        for moment, rating in enumerate(course.ratings)
        if rating is not None
    ]
    path = " ".join(f"{x:.1f},{y:.2f}" for x, y in known)
    kind = f"course {side}" if side else "course"
    return tag("g", tag("title", course.name), tag("polyline", points=path), class_=kind)


def _band(course: Course, axis: Scale, place: Place, side: str) -> Html:
    """Return the area of the interval; an open end runs out of the picture."""
    known = [moment for moment, rating in enumerate(course.ratings) if rating is not None]
    upper, lower = (
        [
            (place(moment) * 10, beyond if end[moment] is None else _up(axis, float(end[moment] or 0)))
            for moment in known
        ]
        for end, beyond in ((course.upper, -10.0), (course.lower, _HEIGHT + 10))
    )
    path = "L".join(f"{x:.1f},{y:.2f}" for x, y in [*upper, *reversed(lower)])
    return tag("path", d=f"M{path}Z", class_=f"band {side}")


def _names(coloured: Sequence[Course], others: Sequence[Course], axis: Scale) -> list[Html]:
    """Return the names at the line ends, pushed apart where lines end close to each other."""
    named = [*coloured, *(others if len(coloured) + len(others) <= NAMED_LINES else ())]
    sides = dict(zip((course.name for course in coloured), SIDES, strict=False))
    ends = sorted((_up(axis, course.ratings[-1] or 0.0), course.name) for course in named)
    places = spaced([min(100.0, max(0.0, y)) for y, _ in ends], _APART)
    return [
        tag(
            "span", name, class_=f"line-name {sides.get(name, '')}".strip(), title=name, style=f"top:{y:.2f}%"
        )
        for y, (_, name) in zip(places, ends, strict=True)
    ]


def spaced(values: Sequence[float], apart: float) -> list[float]:
    """Return ascending `values` moved as little as it takes to lie `apart`, and back up where they run past 100."""
    moved: list[float] = []
    for value in values:
        moved.append(max(value, moved[-1] + apart) if moved else value)
    limit = max(100.0, (len(moved) - 1) * apart)
    for i in range(len(moved) - 1, -1, -1):
        moved[i] = min(moved[i], limit)
        limit = moved[i] - apart
    assert all(b - a >= apart - 1e-9 for a, b in pairwise(moved))
    return moved


def _key(coloured: Sequence[Course]) -> Html:
    entries = [
        tag(
            "span",
            tag("i", class_=f"dash {side}"),
            tag("b", course.name, class_="course-name"),
            f" {points(course.ratings[-1] or 0.0)}",
            tag("span", _ends(course, -1), class_="muted"),
            class_="key-line num",
        )
        for course, side in zip(coloured, SIDES, strict=False)
    ]
    return tag("p", entries, class_="keys-of") if entries else Html("")


def _ends(course: Course, moment: int) -> str:
    low, high = course.lower[moment], course.upper[moment]
    if low is None and high is None:
        return ""
    return f"{'open' if low is None else points(low)}\u2013{'open' if high is None else points(high)}"


def _said(history: RatingHistory, coloured: Sequence[Course]) -> str:
    first, last = history.moments[0], history.moments[-1]
    parts = []
    for course in coloured:
        met = next(i for i, rating in enumerate(course.ratings) if rating is not None)
        begun, now = course.ratings[met] or 0.0, course.ratings[-1] or 0.0
        ends = _ends(course, -1)
        interval = f", 95 % interval {ends}" if ends else ""
        parts.append(f"{course.name} from {points(begun)} to {points(now)}{interval}")
    about = (
        f"Ratings of {plural(len(history.courses), 'model')} from {day(first.at)} to {day(last.at)}, "
        f"{plural(last.votes, 'vote')}"
    )
    return f"{about}: {'; '.join(parts)}." if parts else f"{about}."


_COLUMNS = 6


def _table(history: RatingHistory) -> Html:
    count = len(history.moments)
    shown = sorted(
        {(count * (i + 1)) // _COLUMNS - 1 for i in range(_COLUMNS) if count * (i + 1) >= _COLUMNS}
    )
    heads = [
        tag(
            "th",
            day(history.moments[i].at),
            tag("span", plural(history.moments[i].votes, "vote"), class_="note"),
            scope="col",
            class_="num",
        )
        for i in shown
    ]
    rows = [
        tag(
            "tr",
            tag("th", course.name, scope="row"),
            [tag("td", _cell(course, i), class_="num") for i in shown],
        )
        for course in history.courses
    ]
    caption = tag("caption", "Ratings at some moments, with 95 % intervals", class_="unseen")
    table = tag(
        "table",
        caption,
        tag("thead", tag("tr", tag("th", "Model", scope="col"), heads)),
        tag("tbody", rows),
        class_="list compact",
    )
    scroller = tag(
        "div", table, class_="scroll", tabindex=0, role="region", aria_label="Ratings at some moments"
    )
    return tag("details", tag("summary", "The figures"), scroller, data_keep="board-history")


def _cell(course: Course, moment: int) -> Html | str:
    rating = course.ratings[moment]
    if rating is None:
        return "\u2013"
    return join(tag("b", points(rating)), tag("span", _ends(course, moment), class_="note"))
