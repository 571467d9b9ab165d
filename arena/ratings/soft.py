"""Soft verdicts as matrices: outcomes between 0 and 1 with weights, summed so that Bradley-Terry can be fitted to them.

A judge that is 70 % sure gives 0.7 of a win and 0.3 of a loss; a verdict "much better" weighs as many as its strength
says (three in Arena-Hard, lmarena.ai/blog/arena-hard). Six sums a pair are all that ratings and sandwich need.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SoftCount:
    """Sums over the votes between two models: `w` is a vote's weight, `y` in [0, 1] its outcome for `model_a`."""

    model_a: str
    model_b: str
    votes: int
    weight: float
    """Sum of w."""
    points_a: float
    """Sum of w y."""
    squared_weight: float
    """Sum of w^2."""
    squared_points: float
    """Sum of w^2 y."""
    squared_outcomes: float
    """Sum of w^2 y^2."""


@dataclass(frozen=True, slots=True, eq=False)
class SoftTally:
    """Soft votes between models; `points[i, j]` is what i took from j, shape (models, models)."""

    names: tuple[str, ...]
    points: Floats
    squared_weight: Floats
    squared_points: Floats
    squared_outcomes: Floats
    votes: int

    @property
    def wins(self) -> Floats:
        """Return what i took from j; soft votes know no ties, half a point each way is the same."""
        return self.points

    def squares(self, p: Floats) -> Floats:
        """Return the sum over votes of `(w (y - p))^2` for each pair, symmetric."""
        squares = self.squared_outcomes - 2.0 * p * self.squared_points + p**2 * self.squared_weight
        return np.maximum(squares, 0.0)


def soft_tally(counts: Sequence[SoftCount]) -> SoftTally:
    """Put sums of pairs, in either order of the sides, into matrices; models without a vote are left out.

    Raises `InvalidInput` for a pair of one model, or an outcome beyond 0 or 1.
    """
    counts = [count for count in counts if count.votes]
    names = tuple(sorted({name for count in counts for name in (count.model_a, count.model_b)}))
    place = {name: i for i, name in enumerate(names)}
    points, weights, linear, outcomes = (np.zeros((len(names), len(names))) for _ in range(4))
    for count in counts:
        if count.model_a == count.model_b:
            raise InvalidInput(f"A pair compares {count.model_a!r} with itself; a vote needs two models.")
        if not 0.0 <= count.points_a <= count.weight:
            raise InvalidInput(
                f"The soft votes between {count.model_a!r} and {count.model_b!r} lie beyond 0 and 1."
            )
        a, b = place[count.model_a], place[count.model_b]
        points[a, b] += count.points_a
        points[b, a] += count.weight - count.points_a
        for i, j in ((a, b), (b, a)):
            weights[i, j] += count.squared_weight
        linear[a, b] += count.squared_points
        linear[b, a] += count.squared_weight - count.squared_points
        outcomes[a, b] += count.squared_outcomes
        outcomes[b, a] += count.squared_weight - 2.0 * count.squared_points + count.squared_outcomes
    return SoftTally(names, points, weights, linear, outcomes, sum(count.votes for count in counts))
