"""A linear axis as HTML: where a value lies, its ticks, and a value with its interval drawn on it.

Positions are per cent of the width, so that a column of a table is the picture and no script measures anything. An
interval that leaves the axis fades out at that end, as does one whose end is not known.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.html import Html, tag

_THINNEST = 0.4
"""Per cent of the axis; a narrower interval could not be seen."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis with round ticks, mapping values to per cent of its length."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return where a value lies, 0 to 100, clipped at the ends."""
        return min(100.0, max(0.0, 100 * (value - self.low) / (self.high - self.low)))


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the axis at a value that means something: a threshold, a ceiling, zero."""

    value: float
    kind: str


def scale(low: float, high: float, wanted: int = 5) -> Scale:
    """Return an axis that holds `low` to `high` with about `wanted` ticks at 1, 2 or 5 times a power of ten.

    >>> scale(812, 1160).ticks
    (850.0, 900.0, 950.0, 1000.0, 1050.0, 1100.0, 1150.0)
    """
    if not high > low:
        low, high = low - 1, high + 1
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * f for f in (1, 2, 5, 10) if power * f >= rough * 0.7)
    pad = 0.02 * (high - low)
    low, high = low - pad, high + pad
    first = math.ceil(low / step)
    ticks = tuple(round(i * step, 10) for i in range(first, math.floor(high / step) + 1))
    return Scale(low, high, ticks)


def holding(values: Iterable[float | None], wanted: int = 4) -> Scale:
    """Return an axis that holds all the values that are known; from 0 to 1 where none is."""
    known = [value for value in values if value is not None]
    return scale(min(known), max(known), wanted) if known else Scale(0.0, 1.0, (0.0, 0.5, 1.0))


def track(
    axis: Scale,
    value: float | None,
    lower: float | None,
    upper: float | None,
    *,
    rules: Sequence[Rule] = (),
    class_: str = "",
) -> Html:
    """Return one row of a picture: grid lines, rules, the interval and its point; only lines without a value."""
    lines = [tag("i", style=f"left:{axis.at(tick):.1f}%") for tick in axis.ticks]
    marks = [tag("i", class_=f"rule {rule.kind}", style=f"left:{axis.at(rule.value):.2f}%") for rule in rules]
    kind = f"interval {class_}".strip()
    if value is None:
        return tag("div", lines, marks, class_=kind)
    low = axis.at(axis.low if lower is None else lower)
    high = axis.at(axis.high if upper is None else upper)
    reach = "reach"
    reach += " open-low" if lower is None or lower < axis.low else ""
    reach += " open-high" if upper is None or upper > axis.high else ""
    bar = tag("span", class_=reach, style=f"left:{low:.2f}%;width:{max(_THINNEST, high - low):.2f}%")
    point = tag("span", class_="point", style=f"left:{axis.at(value):.2f}%")
    return tag("div", lines, marks, bar, point, class_=kind)


def ticks(axis: Scale, labels: Sequence[str]) -> Html:
    """Return the line of tick labels over a column of tracks."""
    places = [
        tag("span", label, style=f"left:{axis.at(tick):.1f}%")
        for tick, label in zip(axis.ticks, labels, strict=True)
    ]
    return tag("span", places, class_="ticks num")
