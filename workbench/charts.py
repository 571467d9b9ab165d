"""Pictures as plain HTML and SVG: the leaderboard that is a forest plot, the heat map, curves and interval bars.

They follow the theme through CSS classes, cost no script, and are tables where they show tables, so that a screen
reader reads the same numbers. Colour is never the only sign: sides have letters, curves have labels.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from arena.leaderboard import Leaderboard, LeaderboardRow, WinMatrix
from workbench.axis import Scale, scale, ticks, track
from workbench.html import Html, join, number, percent, points, tag

FEW_VOTES = 30
"""Below this a rating is marked: its interval is wide and may still move."""

FEW_MEETINGS = 8
"""Below this a cell of the heat map is drawn faint."""

NAMED_COLUMNS = 12
"""A heat map with more columns numbers them."""


MANY_ROWS = 24
"""A leaderboard with more rows draws them closer together."""


def forest(board: Leaderboard) -> Html:
    """Return the leaderboard as one table whose middle column draws each rating with its interval."""
    axis = _rating_axis(board.rows)
    head = tag(
        "tr",
        _th("Rank", "num"),
        _th("Model"),
        tag("th", _axis_head(axis), scope="col", class_="axis"),
        _th("Rating", "num"),
        _th("Interval", "num wide"),
        _th("Win rate", "num wide"),
        _th("Won\u2013lost\u2013tied", "num wider"),
        _th("Votes", "num wide"),
    )
    rows = [_forest_row(row, axis) for row in board.rows]
    caption = tag("caption", "Models by rating, with 95 % intervals", class_="unseen")
    return tag(
        "table",
        caption,
        tag("thead", head),
        tag("tbody", rows),
        class_="forest many" if len(rows) > MANY_ROWS else "forest",
    )


def _forest_row(row: LeaderboardRow, axis: Scale) -> Html:
    few = tag("span", "few votes", class_="chip") if 0 < row.votes < FEW_VOTES else None
    note = tag("span", row.note, class_="note") if row.note else None
    rank = "\u2013" if row.rank_best is None else _range(str(row.rank_best), str(row.rank_worst))
    record = f"{row.wins:,}\u2013{row.losses:,}\u2013{row.ties:,}"
    return tag(
        "tr",
        tag("td", rank, class_="num rank"),
        tag("th", tag("span", row.name, class_="name"), few, note, scope="row", class_="model"),
        tag("td", track(axis, row.rating, row.lower, row.upper), class_="axis"),
        tag("td", tag("b", _points(row.rating)), class_="num rating"),
        tag("td", _ends(row), class_="num wide muted"),
        tag("td", "\u2013" if row.win_rate is None else percent(row.win_rate), class_="num wide"),
        tag("td", record if row.votes else "\u2013", class_="num wider muted"),
        tag("td", f"{row.votes:,}", class_="num wide muted"),
    )


def _rating_axis(rows: Sequence[LeaderboardRow]) -> Scale:
    rated = [row for row in rows if row.rating is not None]
    if not rated:
        return scale(900, 1100)
    middle = [float(row.rating or 0) for row in rated]
    reach = max(150.0, max(middle) - min(middle))
    low = min(
        max(row.lower if row.lower is not None else r, r - reach)
        for row, r in zip(rated, middle, strict=True)
    )
    high = max(
        min(row.upper if row.upper is not None else r, r + reach)
        for row, r in zip(rated, middle, strict=True)
    )
    return scale(low, high)


def _axis_head(axis: Scale) -> Html:
    title = tag("span", "Rating, 95\u202f% interval", class_="axis-title")
    return join(title, ticks(axis, [points(tick) for tick in axis.ticks]))


def _points(value: float | None) -> str:
    return "\u2013" if value is None else points(value)


def _ends(row: LeaderboardRow) -> str:
    if row.rating is None:
        return "\u2013"
    low = "open" if row.lower is None else points(row.lower)
    high = "open" if row.upper is None else points(row.upper)
    return _range(low, high)


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low}\u2013{high}"


def _th(label: str, class_: str | None = None) -> Html:
    return tag("th", label, scope="col", class_=class_)


def heat_map(matrix: WinMatrix) -> Html:
    """Return win rates of row against column, in per cent, tinted from 50; many columns are numbered."""
    caption = "Win rate of the row's model against the column's, in per cent"
    return square(matrix.names, caption, lambda i, j: _cell(matrix, i, j))


def square(
    names: Sequence[str],
    caption: str,
    cell: Callable[[int, int], Html],
    *,
    most_named: int = NAMED_COLUMNS,
    closely: bool = True,
    class_: str = "",
) -> Html:
    """Return a table of everybody against everybody; `cell(i, j)` is what stands where row i meets column j.

    Beyond `most_named` columns these are numbered; with `closely` a large table is set in small type.
    """
    numbered = len(names) > most_named
    columns = [
        tag("th", str(i + 1) if numbered else tag("span", name), scope="col", title=name)
        for i, name in enumerate(names)
    ]
    rows = [
        tag(
            "tr",
            tag(
                "th",
                tag("span", str(i + 1), class_="place num") if numbered else None,
                tag("span", name, class_="short", title=name),
                scope="row",
            ),
            [cell(i, j) for j in range(len(names))],
        )
        for i, name in enumerate(names)
    ]
    dense = closely and len(names) > 2 * most_named
    size = "heat dense" if dense else "heat numbered" if numbered else "heat"
    return tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", tag("tr", tag("td", class_="corner"), columns)),
        tag("tbody", rows),
        class_=f"{size} {class_}".strip(),
    )


def _cell(matrix: WinMatrix, i: int, j: int) -> Html:
    if i == j:
        return tag("td", class_="self")
    votes = int(matrix.votes[i, j])
    if not votes:
        return tag("td", "\u00b7", class_="none")
    rate = float(matrix.win_rate[i, j])
    trust = min(1.0, votes / FEW_MEETINGS)
    level = round(10 * (2 * rate - 1) * trust)
    sign = "r" if level > 0 else "c"
    tint = f"{sign}{abs(level)}" if level else None
    faint = "faint" if votes < FEW_MEETINGS else None
    return tag("td", f"{100 * rate:.0f}", class_=" ".join(filter(None, (tint, faint))) or None)


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart: its label, its side colour (`a` or `b`) and its points (x, y)."""

    label: str
    side: str
    points: tuple[tuple[float, float], ...]


_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 400, 190, 48, 26, 10, 12


def curves(
    title: str, lines: Sequence[Curve], *, base: float | None = None, steps: int | None = None
) -> Html:
    """Return a small line chart with its last values in the legend; `base` draws a dashed line (0.5, 0)."""
    lines = [line for line in lines if line.points]
    legend = [
        tag(
            "span",
            tag("i", class_=f"dash {line.side}"),
            f" {line.label} ",
            tag("b", f"{line.points[-1][1]:.2f}", class_="num"),
        )
        for line in lines
    ]
    head = tag("div", tag("h3", title), tag("span", legend, class_="legend"), class_="chart-head")
    if not lines:
        return tag("div", head, tag("p", "Nothing measured yet.", class_="muted empty"), class_="chart")
    values = [y for line in lines for _, y in line.points] + ([base] if base is not None else [])
    y_axis = scale(min(values), max(values), 4)
    last = max(x for line in lines for x, _ in line.points)
    x_axis = scale(0, max(steps or 0, last, 1), 4)
    x_axis = Scale(0, x_axis.high, tuple(t for t in x_axis.ticks if t >= 0 and t == int(t)))
    said = "; ".join(f"{line.label} {line.points[-1][1]:.2f}" for line in lines)
    svg = tag(
        "svg",
        _grid(x_axis, y_axis),
        _rule(y_axis, base) if base is not None else None,
        [_line(line, x_axis, y_axis) for line in lines],
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=f"{title} over steps, now at step {number(last)}: {said}",
    )
    return tag("div", head, svg, class_="chart")


def _x(axis: Scale, value: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * axis.at(value) / 100


def _y(axis: Scale, value: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * axis.at(value) / 100


def _grid(x_axis: Scale, y_axis: Scale) -> Html:
    step = y_axis.ticks[1] - y_axis.ticks[0] if len(y_axis.ticks) > 1 else 1.0
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    across = [
        join(
            tag(
                "line",
                x1=_LEFT,
                x2=_WIDTH - _RIGHT,
                y1=f"{_y(y_axis, t):.1f}",
                y2=f"{_y(y_axis, t):.1f}",
                class_="grid",
            ),
            tag("text", number(t, digits), x=_LEFT - 6, y=f"{_y(y_axis, t) + 3.5:.1f}", text_anchor="end"),
        )
        for t in y_axis.ticks
    ]
    along = [
        tag("text", number(t), x=f"{_x(x_axis, t):.1f}", y=_HEIGHT - 5, text_anchor="middle")
        for t in x_axis.ticks
    ]
    return join(across, along)


def _rule(y_axis: Scale, base: float) -> Html:
    y = f"{_y(y_axis, base):.1f}"
    return tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="rule")


def _line(line: Curve, x_axis: Scale, y_axis: Scale) -> Html:
    places = [(_x(x_axis, x), _y(y_axis, y)) for x, y in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    end_x, end_y = places[-1]
    dot = tag("circle", cx=f"{end_x:.1f}", cy=f"{end_y:.1f}", r=3.2, class_=f"dot {line.side}")
    return join(tag("polyline", points=path, class_=f"curve {line.side}"), dot)


def interval_bar(rate: float, lower: float, upper: float, bar: float = 0.5) -> Html:
    """Return a win rate with its interval on an axis from 0 to 1, and the bar it has to clear."""
    reach = tag("span", class_="reach", style=f"left:{100 * lower:.1f}%;width:{100 * (upper - lower):.1f}%")
    point = tag("span", class_="point", style=f"left:{100 * rate:.1f}%")
    rule = tag("i", class_="clear", style=f"left:{100 * bar:.1f}%")
    ends = tag("span", tag("span", "0"), tag("span", "50"), tag("span", percent(1)), class_="ends num")
    picture = tag(
        "div",
        rule,
        reach,
        point,
        class_="interval alone",
        role="img",
        aria_label=f"Win rate {percent(rate)}, from {percent(lower)} to {percent(upper)}, to clear {percent(bar)}",
    )
    return join(picture, tag("div", ends, aria_hidden="true"))
