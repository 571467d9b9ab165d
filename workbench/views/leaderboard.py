"""The leaderboard's pieces around its pictures: totals, notes, empty state, download link."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from arena.leaderboard import Leaderboard, WinMatrix
from workbench.charts import FEW_MEETINGS, forest, heat_map
from workbench.html import Html, plural, tag

FEW_IDLE = 6
"""So many models without votes are named below the board; more are folded."""
SECTIONS = (
    ("certainty", "What is sure"),
    ("history", "Over time"),
    ("matrix", "Win rates"),
    ("boards", "Side by side"),
    ("style", "Style"),
    ("plan", "More votes"),
)
"""The cards below the board and how the links to them read; the style sheet hides links to cards that are not there."""


def totals(board: Leaderboard, voters: int, refined: int = 0) -> Html:
    """Return the line of totals, with the board's own notes; `refined` choices stand behind "More"."""
    rated = sum(row.rating is not None for row in board.rows)
    idle = len(board.rows) - rated
    parts = [
        tag("span", plural(rated, "model"), f", {idle:,} without votes here" if idle else None),
        tag("span", plural(board.votes, "vote")),
        tag("span", plural(voters, "voter")),
        tag("span", plural(refined, "choice"), " behind More", class_="chip") if refined else None,
    ]
    jumps = tag("span", [tag("a", title, href=f"#{place}") for place, title in SECTIONS], class_="jumps")
    notes = [tag("span", note, class_="muted") for note in _notes(board)]
    return tag("div", parts, notes, jumps if board.votes else None, class_="totals")


def _notes(board: Leaderboard) -> list[str]:
    notes = list(board.notes)
    if (ties := board.parameters.get("tie_share")) is not None:
        notes.append(ties.words)
    if board.votes and board.basis:
        notes.append(f"Intervals: {board.basis}.")
    return notes


def explained() -> Html:
    """Return what the choices behind "More" do, for whoever opens them."""
    lines = (
        (
            "Intervals take as one",
            "Votes on one prompt, or by one person, resemble each other. Intervals that take them as one are wider, "
            "and the ones to believe where few prompts or people stand behind many votes.",
        ),
        ("By reliability", "Voters weigh as much as they agree with others on the battles they share."),
        (
            "Prior",
            "Ties with an average model beside its votes keep a model with few votes near the average.",
        ),
        ("At equal style", "As if all answers were equally long and laid out alike."),
        (
            "With a judge\u2019s help",
            "People\u2019s votes alone count; the judge makes them surer by what it says of battles nobody voted "
            "on, less what it says of those people did. People\u2019s battles must be a random draw from those they "
            "are compared with: of the same pair of models, of pair and category, or of all it judged.",
        ),
        ("Rao\u2013Kupper, Davidson", "A tie is an outcome of its own, and not half a win and half a loss."),
    )
    return tag(
        "details",
        tag("summary", "What these do"),
        tag("dl", [(tag("dt", name), tag("dd", text)) for name, text in lines]),
        class_="explained",
    )


def table(board: Leaderboard) -> Html:
    """Return the forest plot, or what to do while there is nothing to rate."""
    if not board.votes:
        text = "Every vote in the Arena moves this table. Votes can be imported, too, or choose other voters above."
        return empty("No votes to rate yet", text, "Arena", "Data")
    rows = tuple(row for row in board.rows if row.votes)
    idle = [row.name for row in board.rows if not row.votes]
    return tag("div", forest(replace(board, rows=rows)), _idle(idle) if idle else None, class_="scroll")


def _idle(names: Sequence[str]) -> Html:
    """Return the models that no vote has met, folded where they are many."""
    text = ", ".join(names)
    if len(names) <= FEW_IDLE:
        return tag("p", tag("b", "No votes here: "), text, class_="unmet muted")
    count = tag("summary", plural(len(names), "model"), " without votes here")
    return tag("details", count, tag("p", text, class_="muted"), class_="unmet")


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


def history_title(*, plain: bool = False) -> Html:
    """Return the heading of the picture of ratings over time; `plain` where the board's own way has no history."""
    why = "plain Bradley\u2013Terry: this way of rating has no history"
    note = tag("span", why, class_="muted") if plain else None
    return tag("h2", "Rating over time ", note)


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
