"""One model against another: the win rate with its interval, and whether it is enough to promote.

Ties and both-bad votes count half. The interval is Tango's score interval for the difference of two dependent
proportions, moved from `wins - losses` to the win rate: with no ties it is Wilson's interval, with only ties it
still has a width, and ties narrow it as much as they should.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from arena.errors import InvalidInput, NotFound
from arena.ratings.intervals import Z95
from arena.types import PairCount


@dataclass(frozen=True, slots=True)
class WinRate:
    """How often `model` wins against `against`, ties as half, with a 95 % interval; all rates from 0 to 1.

    `battles` is the number of standing votes between them, one a battle unless several people voted on one; the
    interval takes votes as independent.
    """

    model: str
    against: str
    win_rate: float
    lower: float
    upper: float
    battles: int
    wins: int
    losses: int
    ties: int


@dataclass(frozen=True, slots=True)
class Promotion:
    """A decision with its ground: `promoted` if the lower end of the win rate clears 0.5 by more than `margin`."""

    rate: WinRate
    margin: float
    promoted: bool
    reason: str


def win_rate(counts: Iterable[PairCount], model: str, against: str) -> WinRate:
    """Return the win rate of `model` against `against` from pair counts in either order of sides.

    Raises `NotFound` if no vote stands between them.
    """
    wins = losses = ties = 0
    for c in counts:
        if (c.model_a, c.model_b) == (model, against):
            wins, losses = wins + c.wins_a, losses + c.wins_b
        elif (c.model_a, c.model_b) == (against, model):
            wins, losses = wins + c.wins_b, losses + c.wins_a
        else:
            continue
        ties += c.ties + c.both_bad
    battles = wins + losses + ties
    if not battles:
        raise NotFound(
            f"No vote stands between {model!r} and {against!r}: let them meet in battles and vote first."
        )
    lower, upper = interval(wins, losses, ties)
    return WinRate(model, against, (wins + ties / 2.0) / battles, lower, upper, battles, wins, losses, ties)


def promotes(rate: WinRate, margin: float = 0.0) -> bool:
    """Return whether the lower end of the win rate lies above 0.5 + `margin`."""
    if not 0.0 <= margin < 0.5:
        raise InvalidInput(f"The margin is {margin}; give a share of votes from 0 to below 0.5.")
    return rate.lower > 0.5 + margin


def decide(rate: WinRate, margin: float = 0.0) -> Promotion:
    """Apply the promotion rule and say in one sentence what it rests on."""
    promoted = promotes(rate, margin)
    verdict = "lies above" if promoted else "does not lie above"
    reason = (
        f"{rate.model} wins {rate.win_rate:.1%} of {rate.battles} battles against {rate.against}; "
        f"the lower end of the 95 % interval, {rate.lower:.1%}, {verdict} {0.5 + margin:.1%}."
    )
    return Promotion(rate, margin, promoted, reason)


def interval(wins: int, losses: int, ties: int) -> tuple[float, float]:
    """Return the 95 % score interval of `(wins + ties / 2) / votes`.

    T. Tango, Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design, Statistics in Medicine 17 (1998): all differences d = P(win) - P(loss) that a score test does not
    reject. 7 wins, 3 losses, no tie: 0.397 to 0.892, as Wilson's.
    """
    if min(wins, losses, ties) < 0 or not wins + losses + ties:
        raise InvalidInput(
            f"A win rate needs votes; it was given {wins} wins, {losses} losses and {ties} ties."
        )
    upper = _end(wins, losses, wins + losses + ties)
    lower = -_end(losses, wins, wins + losses + ties)
    return max(0.0, (1.0 + lower) / 2.0), min(1.0, (1.0 + upper) / 2.0)


def _end(wins: int, losses: int, votes: int) -> float:
    """Return the largest difference that is not rejected, by bisection from the observed one up to 1."""
    low, high = (wins - losses) / votes, 1.0
    for _ in range(100):
        middle = (low + high) / 2.0
        low, high = (low, middle) if _score(wins, losses, votes, middle) < -Z95 else (middle, high)
    return (low + high) / 2.0


def _score(wins: int, losses: int, votes: int, difference: float) -> float:
    """Return the score statistic of a difference: (observed - expected) / standard deviation under it."""
    a = 2.0 * votes
    b = (2.0 * votes - wins + losses) * difference - wins - losses
    c = -losses * difference * (1.0 - difference)
    loss = max(0.0, (sqrt(max(0.0, b * b - 4.0 * a * c)) - b) / (2.0 * a))
    variance = votes * (2.0 * loss + difference * (1.0 - difference))
    gap = wins - losses - votes * difference
    if variance <= 0.0:
        return 0.0 if gap >= 0.0 else -float("inf")
    return gap / sqrt(variance)
