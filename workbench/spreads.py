"""How values are spread, as one row of a picture: a histogram drawn as an area over an axis, with the mean on it.

Each row is scaled to its own highest bin, since rows are compared by where their values lie and not by how many there
are; the axis is shared. One path a row, so that the rows of sixty models stay light.
"""

from collections.abc import Sequence

from workbench.axis import Scale
from workbench.html import Html, tag

_HEIGHT = 100


def spread(
    axis: Scale, low: float, high: float, counts: Sequence[int], mean: float | None, said: str
) -> Html:
    """Return one row: `counts` are bins of one width from `low` to `high`; `said` is what a screen reader hears."""
    lines = [tag("i", style=f"left:{axis.at(tick):.1f}%") for tick in axis.ticks]
    point = tag("span", class_="point", style=f"left:{axis.at(mean):.2f}%") if mean is not None else None
    return tag(
        "div", lines, _area(axis, low, high, counts), point, class_="spread", role="img", aria_label=said
    )


def _area(axis: Scale, low: float, high: float, counts: Sequence[int]) -> Html | None:
    most = max(counts, default=0)
    if not most:
        return None
    width = (high - low) / len(counts)
    path = [f"M{axis.at(low):.2f},{_HEIGHT}"]
    for place, count in enumerate(counts):
        top = _HEIGHT - _HEIGHT * count / most
        left, right = axis.at(low + place * width), axis.at(low + (place + 1) * width)
        path.append(f"L{left:.2f},{top:.1f}L{right:.2f},{top:.1f}")
    path.append(f"L{axis.at(high):.2f},{_HEIGHT}Z")
    return tag(
        "svg",
        tag("path", d="".join(path)),
        viewBox=f"0 0 100 {_HEIGHT}",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )
