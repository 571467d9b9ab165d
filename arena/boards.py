"""Several boards beside one another: one for each category, language, criterion or kind of voter.

Each board is rated by itself, so its ratings have a mean of their own. To be read in one table they are moved until the
models that it has in common with the first board (the one of all votes) have the same mean there; an anchored board
stays. Two ratings stand apart where their 95 % intervals do not touch: a cautious sign, which hardly ever comes by
chance even in a large table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from arena.leaderboard import Leaderboard, LeaderboardRow

Sorting = Literal["category", "language", "criterion", "voter_kind"]
"""What votes may be sorted into boards by."""

WORDS: Mapping[Sorting, tuple[str, str]] = {
    "category": ("category", "categories"),
    "language": ("language", "languages"),
    "criterion": ("criterion", "criteria"),
    "voter_kind": ("kind of voter", "kinds of voter"),
}

FEW_VOTES = 10
"""A model with fewer votes on a board has next to no rating there."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one board says of one model: rating and 95 % ends (`None` where open) as moved, its votes and its ranks.

    `apart` is by how many points it lies above (below: negative) its rating on the first board where the two intervals
    do not touch, and `None` where they do. `few` marks fewer than `FEW_VOTES` votes.
    """

    rating: float
    lower: float | None
    upper: float | None
    votes: int
    rank_best: int
    rank_worst: int
    apart: float | None
    few: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One board: the value it is of, how many votes it rests on, by how many points it was moved, and its cells.

    `cells` has an entry for each model with votes there. `thin` says in a sentence why the board tells little; it is
    empty where it tells enough.
    """

    value: str
    votes: int
    moved: float
    cells: Mapping[str, Cell]
    thin: str = ""


@dataclass(frozen=True, slots=True)
class Boards:
    """The board of all votes and those of each value, the value with most votes first.

    `notes` say what must be said of all of them, such as how many votes have no such value.
    """

    by: Sorting
    overall: Leaderboard
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    def part(self, value: str) -> Part | None:
        """Return the board of a value, `None` if no vote has it."""
        return next((part for part in self.parts if part.value == value), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the boards as plain values."""
        return asdict(self)


def beside(
    by: Sorting,
    overall: Leaderboard,
    boards: Sequence[tuple[str, Leaderboard]],
    *,
    anchored: bool = False,
    without: int = 0,
) -> Boards:
    """Put the boards of each value beside the board of all votes; `without` votes have no such value."""
    notes = list(overall.notes)
    if without:
        notes.append(f"{without:,} votes have no {WORDS[by][0]}, and count on the first board only.")
    parts = [_part(value, board, overall, anchored) for value, board in boards]
    parts.sort(key=lambda part: (-part.votes, part.value))
    return Boards(by, overall, tuple(parts), tuple(notes))


def _part(value: str, board: Leaderboard, overall: Leaderboard, anchored: bool) -> Part:
    moved = 0.0 if anchored else _distance(board, overall)
    rows = [_moved(row, moved) for row in board.rows if row.rating is not None]
    cells = {row.name: _cell(row, overall.row(row.name)) for row in rows}
    return Part(value, board.votes, moved, cells, _thin(rows, board.votes))


def _distance(board: Leaderboard, overall: Leaderboard) -> float:
    """Return by how much a board's models in common with the first one lie lower there, on the mean."""
    pairs = [
        (row.rating, other.rating)
        for row in board.rows
        if _bounded(row) and (other := overall.row(row.name)) is not None and _bounded(other)
    ]
    apart = [there - here for here, there in pairs if here is not None and there is not None]
    return sum(apart) / len(apart) if apart else 0.0


def _bounded(row: LeaderboardRow) -> bool:
    return row.rating is not None and row.lower is not None and row.upper is not None


def _moved(row: LeaderboardRow, by: float) -> LeaderboardRow:
    def shift(value: float | None) -> float | None:
        return None if value is None else value + by

    return replace(row, rating=shift(row.rating), lower=shift(row.lower), upper=shift(row.upper))


def _cell(row: LeaderboardRow, other: LeaderboardRow | None) -> Cell:
    rating = row.rating or 0.0
    apart = None
    if other is not None and other.rating is not None and _disjoint(row, other):
        apart = rating - other.rating
    return Cell(
        rating,
        row.lower,
        row.upper,
        row.votes,
        row.rank_best or 1,
        row.rank_worst or 1,
        apart,
        row.votes < FEW_VOTES,
    )


def _disjoint(row: LeaderboardRow, other: LeaderboardRow) -> bool:
    above = row.lower is not None and other.upper is not None and row.lower > other.upper
    below = row.upper is not None and other.lower is not None and row.upper < other.lower
    return above or below


def _thin(rows: Sequence[LeaderboardRow], votes: int) -> str:
    """Say why a board tells little, nothing where it tells something."""
    bounded = sum(_bounded(row) for row in rows)
    if len(rows) < 2:
        return "No vote here."
    if bounded < 2:
        return f"{votes:,} votes on {len(rows)} models: too few to place any two of them on one scale."
    if all(row.rank_best == 1 for row in rows):
        return f"{votes:,} votes on {len(rows)} models: too few to tell any two of them apart."
    if 2 * bounded < len(rows):
        return f"{votes:,} votes place {bounded} of {len(rows)} models only."
    return ""
