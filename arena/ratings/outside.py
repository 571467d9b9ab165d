"""Models outside the main group: at which end their intervals are open, where the other end lies, and why.

A model that never took a point from the main group, nor along a chain, could be any lower; the rating at which losing
every vote it lost still had a 2.5 % chance bounds it from above (as in a Clopper-Pearson interval). One that never gave
a point likewise from below. One that no chain of points joins is open at both ends.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from arena.ratings.graph import Groups
from arena.ratings.intervals import TAIL, highest_loser
from arena.ratings.rated import Floats

Losing = Callable[[float, Floats], Floats]
"""The log of the chance that a model of some rating loses to each of its opponents, all in log-odds."""


class Votes(Protocol):
    """What is read of the votes between models, (models, models): wins of row over column, and points taken."""

    @property
    def wins(self) -> Floats:
        """Return votes won."""

    @property
    def points(self) -> Floats:
        """Return wins and half the ties."""


def bounds(
    model: int,
    table: Votes,
    found: Groups,
    main: npt.NDArray[np.intp],
    ratings: Floats,
    losing: Losing | None = None,
) -> tuple[float, float]:
    """Return both ends of the interval of a model outside the main group, in log-odds, infinite where open."""
    lower, upper = -np.inf, np.inf
    find = highest_loser if losing is None else (lambda losses, others: highest(losses, others, losing))
    if main.size and not found.reaches[model, main[0]]:
        upper = find(table.wins[main, model], ratings[main])
    if main.size and not found.reaches[main[0], model]:
        lower = -find(table.wins[model, main], -ratings[main])
    return min(lower, float(ratings[model])), max(upper, float(ratings[model]))


def highest(losses: Floats, opponents: Floats, losing: Losing) -> float:
    """Return what `highest_loser` does, for any chance to lose."""
    if not losses.sum():
        return float("inf")
    low, high = float(opponents.min()) - 50.0, float(opponents.max()) + 50.0
    for _ in range(100):
        middle = (low + high) / 2.0
        chance = float(losses @ losing(middle, opponents))
        low, high = (middle, high) if chance > np.log(TAIL) else (low, middle)
    return (low + high) / 2.0


def why(model: int, table: Votes, found: Groups, main: npt.NDArray[np.intp]) -> str:
    """Return in a sentence why a model outside the main group has no rating in common with it."""
    points = table.points
    if main.size and not found.linked[model, main[0]]:
        return f"No chain of votes joins it to the main group of {main.size} models: it cannot be compared with them."
    if not points[model].any():
        return "No win or tie yet: its rating is provisional and could be any lower."
    if not points[:, model].any():
        return "No loss or tie yet: its rating is provisional and could be any higher."
    if main.size and found.reaches[main[0], model]:
        return "No win or tie against the main group, nor along a chain: provisional, could be any lower."
    if main.size and found.reaches[model, main[0]]:
        return "No loss or tie against the main group, nor along a chain: provisional, could be any higher."
    return "Too few votes to place it: its rating is provisional and could be any lower or higher."
