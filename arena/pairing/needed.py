"""How many more votes tell two models apart.

They are told apart once the 95 % interval of the difference of their ratings leaves out zero. Let `d` be the difference
now, `v` its variance and `v'` the variance after more votes. The estimate then is an average of what is known and what
is new with weights `v'/v` and `1 - v'/v`, so given today's votes its mean is `v'/v d + (1 - v'/v) D`, with D the true
difference, and its variance `v' (1 - v'/v)`. Power is the chance that its distance from zero exceeds `1.96 sqrt(v')`.
D is taken to be `d` unless it is given.

Votes on the pair itself add `q^2 / (q - t/4)` each to `1/v` (q = p (1 - p), t the share of ties: a vote with a tie in
it varies less than a coin toss). Votes spread over pairs as they have been so far divide v by their growth.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp, inf, isfinite, sqrt
from statistics import NormalDist

from arena.errors import InvalidInput, NotFound
from arena.ratings.intervals import Z95
from arena.ratings.rated import POINTS, Rated
from arena.ratings.tally import Tally

MOST_VOTES = 10**9
_RAREST = 1e-9
"""No outcome is taken to be rarer."""
_TIES_BORROWED = 20.0
"""The share of ties of a pair counts this many votes of the whole arena beside its own."""


@dataclass(frozen=True, slots=True)
class VotesNeeded:
    """What it takes to tell two models apart.

    `difference` (first less second, with its 95 % interval) is in points, `None` where no votes join the two.
    `assumed` is the true difference that is reckoned with. `direct` is how many votes between the two are needed,
    `spread` how many in the whole arena, given to pairs as they have been so far; `None` where none suffices (or they
    are more than a thousand million) or where there is nothing to go by. `meetings` is how many votes the pair has.
    """

    first: str
    second: str
    difference: float | None
    lower: float | None
    upper: float | None
    assumed: float
    power: float
    separated: bool
    direct: int | None
    spread: int | None
    meetings: int
    ties: float
    words: str


def votes_needed(
    rated: Rated,
    table: Tally,
    first: str,
    second: str,
    *,
    power: float = 0.8,
    difference: float | None = None,
) -> VotesNeeded:
    """Return how many more votes tell `first` and `second` apart with the chance `power`.

    `rated` are the ratings and `table` the votes that they rest on. `difference` is the true difference to reckon
    with, in points; without it, it is taken to be what it looks like now.

    Raises:
        InvalidInput: the power is not between 0.5 and 0.999, the models are one, the difference is 0, or there is
            neither a difference known nor one given.
        NotFound: a model has no votes and no `difference` is given.
    """
    if not 0.5 <= power <= 0.999:
        raise InvalidInput(f"The power is {power}; give a chance from 0.5 to 0.999.")
    if first == second:
        raise InvalidInput(f"{first!r} cannot be told apart from itself: name two models.")
    if difference is not None and not (isfinite(difference) and difference != 0.0):
        raise InvalidInput("The difference to reckon with is 0 or not a number; give points other than 0.")
    now, variance = _difference(rated, first, second)
    if now is None and difference is None:
        for name in (first, second):
            if name not in rated.names:
                raise NotFound(
                    f"{name!r} has no votes here: give the difference (in points) that you want to tell."
                )
        raise InvalidInput(
            f"No votes join {first!r} and {second!r} yet: give the difference (in points) that you want to tell."
        )
    assumed = difference if difference is not None else (now or 0.0)
    met, ties = _meetings(table, first, second)
    told = _told(assumed, ties)
    start = 0.0 if now is None else now
    separated = now is not None and abs(now) > Z95 * sqrt(variance)
    votes, known = table.votes, now is not None

    def fewest(after: Callable[[float], float]) -> int | None:
        return 0 if separated else _fewest(after, start, variance, assumed, power)

    reach = Z95 * sqrt(variance)
    found = VotesNeeded(
        first=first,
        second=second,
        difference=now,
        lower=start - reach if known else None,
        upper=start + reach if known else None,
        assumed=assumed,
        power=power,
        separated=separated,
        direct=fewest(lambda more: 1.0 / (1.0 / variance + more * told)),
        spread=fewest(lambda more: variance * votes / (votes + more)) if known else None,
        meetings=met,
        ties=ties,
        words="",
    )
    return replace(found, words=_words(found, given=difference is not None))


def about(votes: int) -> str:
    """Return a number of votes to three places, as more of it would be a pretence: 28,136 is "28,100"."""
    places = max(0, len(str(votes)) - 3)
    return f"{round(votes, -places):,}"


def chance_of_telling(now: float, variance: float, then: float, assumed: float) -> float:
    """Return the chance that a difference is told, in either direction, when its variance falls to `then`.

    `now` and `variance` are what is known of it (`variance` inf: nothing), `assumed` the truth, in points.
    """
    kept = then / variance
    mean, error = kept * now + (1.0 - kept) * assumed, sqrt(then * (1.0 - kept))
    bound = Z95 * sqrt(then)
    if error <= 0.0:
        return float(abs(mean) > bound)
    normal = NormalDist(mean, error)
    return normal.cdf(-bound) + 1.0 - normal.cdf(bound)


def _difference(rated: Rated, first: str, second: str) -> tuple[float | None, float]:
    """Return the difference of two ratings and its variance, `None` and inf where no votes join them."""
    if first not in rated.names or second not in rated.names:
        return None, inf
    i, j = rated.names.index(first), rated.names.index(second)
    covariance = rated.covariance
    variance = float(covariance[i, i] + covariance[j, j] - covariance[i, j] - covariance[j, i])
    if not isfinite(variance) or variance <= 0.0:
        return None, inf
    return float(rated.ratings[i] - rated.ratings[j]), variance


def _meetings(table: Tally, first: str, second: str) -> tuple[int, float]:
    """Return the votes of a pair, and its share of ties, drawn towards that of all votes where it has few."""
    ties = float(table.ties.sum()) / 2.0
    overall = ties / table.votes if table.votes else 0.0
    if first not in table.names or second not in table.names:
        return 0, overall
    i, j = table.names.index(first), table.names.index(second)
    met = float(table.wins[i, j] + table.wins[j, i] + table.ties[i, j])
    return round(met), float(table.ties[i, j] + _TIES_BORROWED * overall) / (met + _TIES_BORROWED)


def _told(difference: float, ties: float) -> float:
    """Return what one vote on a pair adds to the inverse variance of its difference, in 1 / points squared."""
    upset = max(_RAREST, 1.0 / (1.0 + exp(min(abs(difference) / POINTS, 700.0))))
    q = upset * (1.0 - upset)
    ties = min(ties, 1.9 * upset)
    return q * q / (q - ties / 4.0) / POINTS**2


def _fewest(
    after: Callable[[float], float], now: float, variance: float, assumed: float, power: float
) -> int | None:
    """Return the fewest votes whose variance `after` them gives the power, `None` above `MOST_VOTES`."""
    if assumed == 0.0:
        return None

    def enough(more: int) -> bool:
        return chance_of_telling(now, variance, after(more), assumed) >= power

    high = 1
    while not enough(high):
        high *= 2
        if high > MOST_VOTES:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _words(found: VotesNeeded, *, given: bool) -> str:
    first, second, chance = found.first, found.second, f"{found.power:.0%}"
    if found.separated:
        ahead, behind = (first, second) if (found.difference or 0.0) > 0 else (second, first)
        return f"The votes tell them apart already: {ahead} is ahead of {behind}."
    if found.assumed == 0.0:
        return f"{first} and {second} look exactly equal: no number of votes is expected to tell them apart."
    if found.direct is None:
        return (
            f"{first} and {second} look {abs(found.assumed):.2g} points apart: "
            "more than a thousand million votes would be needed to tell that."
        )
    truth = "are truly" if given else "are truly as far apart as they look now,"
    text = (
        f"If {first} and {second} {truth} {abs(found.assumed):.0f} points{' apart' if given else ''}, "
        f"about {about(found.direct)} more votes between the two tell them apart with {chance} chance"
    )
    if found.spread is None:
        return text + "."
    return (
        f"{text}; about {about(found.spread)} if votes go on being spread over all pairs as they have been."
    )
