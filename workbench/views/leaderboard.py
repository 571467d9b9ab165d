"""The leaderboard's pieces around its pictures: totals, notes, empty state, download link."""

from collections.abc import Mapping
from urllib.parse import urlencode

from arena.leaderboard import Leaderboard, WinMatrix
from workbench.charts import FEW_MEETINGS, MANY_ROWS, forest, heat_map
from workbench.html import Html, plural, tag


def totals(board: Leaderboard, voters: int, refined: int = 0) -> Html:
    """Return the line of totals, with the board's own notes; `refined` choices stand behind "More"."""
    rated = sum(row.rating is not None for row in board.rows)
    idle = len(board.rows) - rated
    parts = [
        tag("span", plural(rated, "model"), f", {idle:,} without votes" if idle else None),
        tag("span", plural(board.votes, "vote")),
        tag("span", plural(voters, "voter")),
        tag("span", plural(refined, "choice"), " behind More", class_="chip") if refined else None,
    ]
    jumps = (
        tag(
            "span",
            tag("a", "Rating over time", href="#history"),
            tag("a", "Win rate", href="#matrix"),
            class_="jumps",
        )
        if board.votes and len(board.rows) > MANY_ROWS
        else None
    )
    notes = [tag("span", note, class_="muted") for note in _notes(board)]
    return tag("div", parts, notes, jumps, class_="totals")


def _notes(board: Leaderboard) -> list[str]:
    notes = list(board.notes)
    if (ties := board.parameters.get("tie_share")) is not None:
        notes.append(ties.words)
    if board.votes and board.basis:
        notes.append(f"Intervals: {board.basis}.")
    return notes


def table(board: Leaderboard) -> Html:
    """Return the forest plot, or what to do while there is nothing to rate."""
    if not board.votes:
        text = "Every vote in the Arena moves this table. Votes can be imported, too, or choose other voters above."
        return empty("No votes to rate yet", text, "Arena", "Data")
    return tag("div", forest(board), class_="scroll")


def matrix(values: WinMatrix) -> Html | str:
    """Return the heat map with its legend, nothing while no two models have met."""
    if len(values.names) < 2:
        return ""
    legend = tag(
        "p",
        "Row against column, in per cent, ties as half. ",
        tag("span", "Blue", class_="key-r"),
        ": the row wins. ",
        tag("span", "Orange", class_="key-c"),
        f": the column wins. Faint: fewer than {FEW_MEETINGS} votes. A dot: they have not met.",
        class_="muted",
    )
    scroller = tag(
        "div", heat_map(values), class_="scroll", tabindex=0, role="region", aria_label="Win rates"
    )
    return tag("div", tag("h2", "Win rate"), legend, scroller)


def history_title() -> Html:
    """Return the heading of the picture of ratings over time."""
    return tag("h2", "Rating over time")


def download(query: Mapping[str, str]) -> Html:
    """Return the link to the shown table as CSV."""
    return tag(
        "a",
        "Download CSV",
        href="/leaderboard.csv?" + urlencode(query),
        class_="button",
        download="leaderboard.csv",
    )


def empty(title: str, text: str, *tabs: str, class_: str = "empty-state") -> Html:
    """Return an empty state: what is missing, what to do about it, and buttons to the tabs where that is done."""
    buttons = [tag("button", f"Open {name}", type="button", data_tab=name) for name in tabs]
    actions = tag("div", buttons, class_="actions") if buttons else None
    return tag("div", tag("h2", title), tag("p", text, class_="muted"), actions, class_=class_)
