"""How many votes it takes until a board is as sure as wanted, under each way of pairing.

A course follows the expected standing: votes go to pairs by the policy's chances, say what the ratings say, and
narrow the intervals as they would on average. It knows no surprises; against simulated arenas it is right within a few
per cent (`benchmarks/pairing.py`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.pairing.policies import Policy, weights
from arena.pairing.standing import Standing, mean_half_width

STEP = 0.02
"""Votes grow by this share (and by at least half a vote a model) between two looks at the chances."""

_MANY = 60
"""With more models, of which each look takes longer, steps grow in proportion."""

MOST_VOTES = 50_000_000.0


@dataclass(frozen=True, slots=True)
class Course:
    """What one policy leads to: `half_widths[k]` points (mean over models) after `votes[k]` further votes.

    `needed` is the number of further votes until the target; `None` where it is beyond 50 million.
    """

    policy: Policy
    needed: int | None
    votes: tuple[float, ...]
    half_widths: tuple[float, ...]


def forecast(
    policy: Policy,
    now: Standing,
    target: float,
    *,
    wanted: npt.NDArray[np.intp] | None = None,
    scale: float = 1.0,
) -> Course:
    """Follow `policy` from `now` until the mean half width of the `wanted` models is `target` points.

    Only the wanted models meet. `scale` is what intervals of the board are to those of `now`, such as clustered ones.

    Raises:
        InvalidInput: the target is not above 0, or fewer than two models are wanted.
    """
    if not target > 0:
        raise InvalidInput(f"The target is ±{target:g} points; give a number above 0.")
    places = np.arange(len(now.names)) if wanted is None else wanted
    if len(places) < 2:
        raise InvalidInput("Votes compare two models, and there are fewer: add models first.")
    votes, widths = [0.0], [scale * mean_half_width(now, wanted)]
    while widths[-1] > target:
        if votes[-1] > MOST_VOTES:
            return Course(policy, None, tuple(votes), tuple(widths))
        step = max(STEP * max(1.0, len(places) / _MANY) * now.total, 0.5 * len(places))
        more = np.zeros_like(now.votes)
        more[np.ix_(places, places)] = step * weights(policy, now, places, wanted)
        now = now.expecting(more)
        votes.append(votes[-1] + step)
        widths.append(scale * mean_half_width(now, wanted))
    return Course(policy, _crossing(votes, widths, target), tuple(votes), tuple(widths))


def _crossing(votes: list[float], widths: list[float], target: float) -> int:
    """Return where the last step crosses `target`, along a straight line in 1 / width squared."""
    if len(votes) == 1:
        return 0
    before, after = widths[-2] ** -2, widths[-1] ** -2
    share = (target**-2 - before) / (after - before)
    return int(np.ceil(votes[-2] + share * (votes[-1] - votes[-2])))
