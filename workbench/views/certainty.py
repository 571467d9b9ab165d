"""What the votes tell apart, as a card: sentences, the ranks left to each model, and the chance of every pair."""

from collections.abc import Sequence

from arena.ratings.certainty import Certainty, Standing
from workbench.axis import Scale, scale, ticks, track
from workbench.charts import MANY_ROWS, NAMED_COLUMNS, square
from workbench.html import Html, join, percent, tag

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SURE = 0.999


def card(found: Certainty) -> Html | str:
    """Return the card; nothing while fewer than two models have votes."""
    if len(found.standings) < 2:
        return ""
    first, *rest = found.sentences
    said = [tag("p", tag("b", first)), tag("ul", [tag("li", sentence) for sentence in rest], class_="muted")]
    return tag("div", tag("h2", "What is sure"), said, ranks(found), pairs(found))


def ranks(found: Certainty) -> Html:
    """Return a table whose middle column draws between which ranks each model lies."""
    last = max(one.rank_worst for one in found.standings)
    axis = _rank_axis(last)
    letters = lettered(found)
    some = any(letters)
    head = tag(
        "tr",
        _th("Rank", "num"),
        _th("Model"),
        tag(
            "th",
            tag("span", "Rank, 95\u202f% interval", class_="axis-title"),
            ticks(axis, [f"{tick:.0f}" for tick in axis.ticks]),
            scope="col",
            class_="axis",
        ),
        _th("Group", "wide") if some else None,
        _th("Best of all", "num"),
    )
    rows = [
        _rank_row(one, place, letters[place] if some else None, axis)
        for place, one in enumerate(found.standings, start=0)
    ]
    caption = tag("caption", "Between which ranks each model lies, with 95 %", class_="unseen")
    table = tag(
        "table",
        caption,
        tag("thead", head),
        tag("tbody", rows),
        class_="forest ranks many" if len(rows) > MANY_ROWS else "forest ranks",
    )
    legend = (
        "Ranks count what is sure of a model against all others at once, so they are wider than pair by pair."
    )
    if some:
        legend += " Neighbours that share a letter cannot be told apart."
    return join(table, tag("p", legend, class_="muted"))


def pairs(found: Certainty) -> Html:
    """Return the chance that the row's model is better than the column's, folded where the models are many."""
    names = found.names
    caption = "Chance that the row's model is better than the column's, in per cent"
    table = square(names, caption, lambda i, j: _cell(found, i, j), class_="chances")
    legend = tag(
        "p",
        "Chance that the row is better than the column, in per cent. ",
        tag("span", "Blue", class_="key-r"),
        ": the row is better. ",
        tag("span", "Orange", class_="key-c"),
        ": the column is. No colour: the votes do not tell them apart yet. A dot: not known.",
        class_="muted",
    )
    scroller = tag(
        "div", table, class_="scroll", tabindex=0, role="region", aria_label="Chances of every two models"
    )
    shown = f"Every pair of the {len(names)} highest" if len(names) < _all(found) else "Every pair"
    return tag(
        "details",
        tag("summary", shown),
        legend,
        scroller,
        open=len(names) <= NAMED_COLUMNS,
        data_keep="certainty-pairs",
    )


def lettered(found: Certainty) -> list[str]:
    """Return for each model the letters of the groups it belongs to; groups beyond z have none."""
    held: dict[str, str] = {}
    for letter, group in zip(_LETTERS, found.groups, strict=False):
        for name in group:
            held[name] = held.get(name, "") + letter
    return [held.get(name, "") for name in found.names]


def _all(found: Certainty) -> int:
    return max(one.rank_worst for one in found.standings)


def _rank_row(one: Standing, place: int, letters: str | None, axis: Scale) -> Html:
    rank = str(one.rank_best) if one.rank_best == one.rank_worst else f"{one.rank_best}\u2013{one.rank_worst}"
    best = "\u2013" if one.first is None else _share(one.first)
    where = min(max(place + 1, one.rank_best), one.rank_worst)
    return tag(
        "tr",
        tag("td", rank, class_="num rank"),
        tag("th", tag("span", one.name, class_="name"), scope="row", class_="model"),
        tag("td", track(axis, where, one.rank_best - 0.4, one.rank_worst + 0.4), class_="axis"),
        None if letters is None else tag("td", letters or "\u2013", class_="wide group"),
        tag("td", best, class_="num rating"),
    )


def _rank_axis(last: int) -> Scale:
    """Return an axis from the first rank to the last, with whole ranks as ticks."""
    whole = sorted({1, *(round(tick) for tick in scale(1, last).ticks if 1 <= tick <= last)})
    kept: Sequence[int] = [tick for tick in whole if tick == 1 or tick - 1 >= last / 12]
    return Scale(0.5, last + 0.5, tuple(float(tick) for tick in kept))


def _cell(found: Certainty, i: int, j: int) -> Html:
    if i == j:
        return tag("td", class_="self")
    chance = found.better[i][j]
    if chance is None:
        return tag("td", "\u00b7", class_="none")
    if not found.apart[i][j]:
        return tag("td", _share(chance)[:-2], class_="unsure")
    return tag("td", _share(chance)[:-2], class_="r6" if chance > 0.5 else "c6")


def _share(chance: float) -> str:
    """Return a chance in per cent, never rounded to certainty."""
    if chance > _SURE:
        return ">99.9\u202f%"
    if chance < 1 - _SURE:
        return "<0.1\u202f%"
    return percent(chance, 1 if chance > 0.985 or chance < 0.015 else 0)


def _th(label: str, class_: str | None = None) -> Html:
    return tag("th", label, scope="col", class_=class_)
