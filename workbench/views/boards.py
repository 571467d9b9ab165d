"""Boards beside one another as one table: a row a model, a column a board, tinted by how far it lies from all votes."""

from arena.boards import WORDS, Boards, Cell, Part
from workbench.html import Html, join, plural, points, tag

_FULL = 200.0
"""A cell so many points off is tinted most."""


def title() -> Html:
    """Return the card's heading."""
    return tag("h2", "Boards side by side")


def card(boards: Boards) -> Html | str:
    """Return the table with its legend; where no vote has a value, that is said."""
    one, many = WORDS[boards.by]
    if not boards.parts:
        return tag("p", f"No vote here has a {one}.", class_="muted")
    legend = tag(
        "p",
        "Ratings with half their 95\u202f% interval, moved to the scale of all votes. ",
        tag("span", "Blue", class_="key-r"),
        ": above its rating there. ",
        tag("span", "Orange", class_="key-c"),
        ": below. Bold with an arrow: the two intervals do not touch. Faint: fewer than 10 votes.",
        class_="muted",
    )
    head = tag(
        "tr",
        tag("td", class_="corner"),
        tag("th", tag("b", "All"), tag("small", plural(boards.overall.votes, "vote")), scope="col"),
        [_column(part) for part in boards.parts],
    )
    rows = [
        tag(
            "tr",
            tag("th", tag("bdi", row.name, class_="short"), scope="row"),
            tag("td", _rating(row.rating, row.lower, row.upper), class_="all"),
            [_cell(part.cells.get(row.name), row.rating) for part in boards.parts],
        )
        for row in boards.overall.rows
        if row.rating is not None
    ]
    caption = tag("caption", f"Ratings of each model by {one}", class_="unseen")
    table = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="heat numbered boards")
    scroller = tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=f"Ratings by {one}")
    thin = [f"{part.value}: {part.thin}" for part in boards.parts if part.thin]
    own = [note for note in boards.notes if note not in boards.overall.notes]
    said = [tag("p", text, class_="muted small-facts") for text in (*thin, *own)]
    if len(boards.parts) == 1:
        said.insert(
            0, tag("p", f"All votes that have a {one} have the same; {many} would differ.", class_="muted")
        )
    return join(legend, scroller, said)


def _column(part: Part) -> Html:
    return tag(
        "th",
        tag("span", part.value, title=part.value),
        tag("small", plural(part.votes, "vote")),
        scope="col",
        class_="thin" if part.thin else None,
        title=part.thin or None,
    )


def _rating(rating: float | None, lower: float | None, upper: float | None) -> Html:
    half = "open" if lower is None or upper is None else f"\u00b1{points((upper - lower) / 2)}"
    return join(points(rating or 0.0), tag("small", half))


def _cell(cell: Cell | None, overall: float | None) -> Html:
    if cell is None:
        return tag("td", "\u00b7", class_="none")
    off = cell.rating - (overall or 0.0)
    known = cell.lower is not None and cell.upper is not None
    level = min(10, round(10 * abs(off) / _FULL)) if known and not cell.few else 0
    classes = [f"{'r' if off > 0 else 'c'}{level}"] if level else []
    arrow = None
    if cell.apart is not None:
        classes.append("apart")
        up = cell.apart > 0
        arrow = tag("span", "\u25b2" if up else "\u25bc", title=f"{points(abs(cell.apart))} points off")
    if cell.few or not known:
        classes.append("few")
    said = f"{plural(cell.votes, 'vote')}, rank {cell.rank_best}\u2013{cell.rank_worst}"
    inner = join(arrow, _rating(cell.rating, cell.lower, cell.upper))
    return tag("td", inner, class_=" ".join(classes) or None, title=said)
