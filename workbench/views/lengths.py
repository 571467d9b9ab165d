"""How long chosen and rejected answers are, one above the other on one axis of powers of ten."""

from math import ceil, floor, log10

from arena.lengths import LengthSpread, PairLengths
from workbench.axis import Scale, ticks
from workbench.html import Html, join, number, percent, plural, tag
from workbench.spreads import spread

_STEPS = (1, 2, 5)


def lengths(found: PairLengths | None) -> Html | str:
    """Return the picture with what it says about length; nothing without pairs."""
    if found is None:
        return ""
    axis, values = _axis(found.low, found.high)
    head = tag(
        "tr",
        tag("th", "Side", scope="col"),
        tag("th", ticks(axis, [_characters(value) for value in values]), scope="col", class_="axis"),
        tag("th", "Median", scope="col", class_="num"),
        tag("th", "Middle half", scope="col", class_="num wide"),
    )
    rows = [
        _row(found, axis, "Chosen", found.chosen),
        _row(found, axis, "Rejected", found.rejected),
    ]
    caption = tag("caption", "Lengths of chosen and rejected answers in characters", class_="unseen")
    return join(
        tag("h2", "Lengths"),
        tag("p", _said(found), class_="muted"),
        tag("table", caption, tag("thead", head), tag("tbody", rows), class_="spreads lengths"),
    )


def _said(found: PairLengths) -> list[Html | str]:
    if found.longer is None or found.longer_lower is None or found.longer_upper is None:
        return ["The two sides of each pair are equally long."]
    ends = f"{percent(found.longer_lower)} to {percent(found.longer_upper)}"
    said: list[Html | str] = [
        "The chosen answer is the longer one in ",
        tag("b", percent(found.longer)),
        f" of {plural(found.unequal, 'pair')} of unequal length (95\u202f% interval {ends}). ",
    ]
    if found.longer_lower > 0.5:
        said.append("Training on them may teach length itself.")
    elif found.longer_upper < 0.5:
        said.append("Training on them may teach brevity itself.")
    else:
        said.append("Length alone does not tell them apart.")
    return said


def _row(found: PairLengths, axis: Scale, side: str, one: LengthSpread) -> Html:
    middle = f"{_characters(one.lower_quartile)}\u2013{_characters(one.upper_quartile)}"
    said = (
        f"{side}: median {number(one.median)} characters, half of them between {number(one.lower_quartile)} "
        f"and {number(one.upper_quartile)}"
    )
    drawn = spread(axis, log10(found.low), log10(found.high), one.counts, log10(max(1.0, one.median)), said)
    return tag(
        "tr",
        tag("th", side, scope="row"),
        tag("td", drawn, class_="axis"),
        tag("td", tag("b", number(one.median)), class_="num"),
        tag("td", middle, class_="num wide muted"),
        class_=side.lower(),
    )


def _axis(low: float, high: float) -> tuple[Scale, list[float]]:
    """Return an axis in powers of ten with ticks at 1, 2, 5 (or 1 only, where there would be many)."""
    first, last = log10(low), log10(high)
    steps = _STEPS if last - first < 2.2 else (1,)
    values = [
        float(step * 10**power)
        for power in range(floor(first), ceil(last) + 1)
        for step in steps
        if low <= step * 10**power <= high
    ]
    pad = 0.02 * (last - first)
    return Scale(first - pad, last + pad, tuple(map(log10, values))), values


def _characters(value: float) -> str:
    return number(value) if value < 10_000 else f"{number(value / 1000)}k"
