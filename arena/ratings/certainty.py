"""What the votes tell apart and what they do not yet: chances between every two models, ranks, and plain sentences.

It reads a `Rated` alone, whatever the model of preference and wherever its spread came from. With a bootstrap's rounds
the chance that one model is better is the share of rounds in which it is; otherwise it is that of a normal difference
with the covariance of the ratings. Two models are apart when that chance is 97.5 % or more, which is a 95 % interval
of their difference that leaves out zero, each pair by itself. A model outside the main group is apart from another
only where their intervals do not overlap; its chances are not known.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput, NotFound
from arena.ratings.intervals import TAIL, Z95
from arena.ratings.ranks import Ranks, joint, normal
from arena.ratings.rated import Rated

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

APART = 1.0 - TAIL
"""The chance to be better from which on two models are apart."""

_DRAWS = 4_000
_GROUPS = 3
_NAMES = 6
"""So many groups, and so many names of one, are said in words."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One model: its rating with 95 % ends (`None` where open), and where it may stand.

    With 95 % its true rank lies from `rank_best` to `rank_worst`. `first` is the chance that it is the best of all,
    `None` where its rating is provisional. `beside` is how many models cannot be told apart from it.
    """

    name: str
    rating: float
    lower: float | None
    upper: float | None
    rank_best: int
    rank_worst: int
    first: float | None
    beside: int


@dataclass(frozen=True, slots=True)
class Step:
    """Two models next to each other by rating: the chance that the upper one is better, `None` where not known."""

    upper: str
    lower: str
    chance: float | None
    apart: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure an order of models is.

    `standings` run from the highest rating down. `better[i][j]` is the chance that model i is better than model j, both
    in this order, and `apart[i][j]` whether the votes tell them apart. `groups` are the longest runs of neighbours of
    which no two are apart. `sentences` say the same in words, `basis` what the spread rests on.
    """

    standings: tuple[Standing, ...]
    better: tuple[tuple[float | None, ...], ...]
    apart: tuple[tuple[bool, ...], ...]
    groups: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]
    sentences: tuple[str, ...]
    votes: int
    basis: str
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the models from the highest rating down."""
        return tuple(standing.name for standing in self.standings)

    def chance(self, first: str, second: str) -> float | None:
        """Return the chance that `first` is better than `second`, `None` where it is not known.

        Raises:
            NotFound: one of them is not here.
        """
        return self.better[self._place(first)][self._place(second)]

    def beside(self, name: str) -> tuple[str, ...]:
        """Return the listed models that cannot be told apart from `name`.

        Raises:
            NotFound: it is not here.
        """
        place = self._place(name)
        return tuple(other for i, other in enumerate(self.names) if i != place and not self.apart[place][i])

    def highest(self, number: int) -> "Certainty":
        """Return the same with the highest `number` models listed only; sentences stay those of all, groups whole.

        Raises:
            InvalidInput: `number` is below 2.
        """
        if number < 2:
            raise InvalidInput(f"{number} models cannot be compared: list 2 or more.")
        kept = set(self.names[:number])
        return replace(
            self,
            standings=self.standings[:number],
            better=tuple(row[:number] for row in self.better[:number]),
            apart=tuple(row[:number] for row in self.apart[:number]),
            groups=tuple(group for group in self.groups if not kept.isdisjoint(group)),
            steps=self.steps[: number - 1],
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return asdict(self)

    def _place(self, name: str) -> int:
        if name not in self.names:
            raise NotFound(f"No vote that counts here met {name!r}.")
        return self.names.index(name)


def certainty(rated: Rated, rng: np.random.Generator | None = None) -> Certainty:
    """Return how sure the order of `rated` is; `rng` draws what has no formula (equal without one)."""
    rng = np.random.default_rng(0) if rng is None else rng
    order = np.lexsort((np.array(rated.names, dtype=object).astype(str), -rated.ratings))
    chances = better(rated)
    apart = _apart(rated, chances)
    ranks = _ranks(rated, apart, rng)
    first = _first(rated, rng)
    standings = [
        Standing(
            rated.names[i],
            float(rated.ratings[i]),
            float(rated.lower[i]) if isfinite(rated.lower[i]) else None,
            float(rated.upper[i]) if isfinite(rated.upper[i]) else None,
            int(ranks.best[i]),
            int(ranks.worst[i]),
            float(first[i]) if isfinite(first[i]) else None,
            int((~apart[i]).sum()) - 1,
        )
        for i in order.tolist()
    ]
    chances, apart = chances[np.ix_(order, order)], apart[np.ix_(order, order)]
    groups = tuple(tuple(standings[i].name for i in range(*run)) for run in _runs(apart))
    steps = tuple(
        _step(standings[i].name, standings[i + 1].name, float(chances[i, i + 1]), bool(apart[i, i + 1]))
        for i in range(len(standings) - 1)
    )
    return Certainty(
        tuple(standings),
        tuple(tuple(round(c, 6) if isfinite(c) else None for c in row) for row in chances.tolist()),
        tuple(tuple(row) for row in apart.tolist()),
        groups,
        steps,
        tuple(_sentences(standings, apart, groups)),
        rated.votes,
        rated.basis,
        rated.remarks,
    )


def better(rated: Rated) -> Floats:
    """Return the chance that the row's model is better than the column's, (models, models), NaN where not known.

    Shares of rounds count half a round more each way, so that none is 0 or 1.
    """
    draws = rated.draws
    chances = _of_covariance(rated.ratings, _spread(rated)) if draws is None else _of_draws(draws)
    unknown = rated.provisional | (~np.isfinite(rated.lower) & ~np.isfinite(rated.upper))
    chances[unknown] = chances[:, unknown] = np.nan
    np.fill_diagonal(chances, np.nan)
    return chances


def _of_draws(draws: Floats) -> Floats:
    rounds, size = draws.shape
    chances = np.empty((size, size))
    for model in range(size):
        above = (draws[:, [model]] > draws).sum(axis=0)
        below = (draws[:, [model]] < draws).sum(axis=0)
        chances[model] = (above + (rounds - above - below) / 2.0 + 0.5) / (rounds + 1.0)
    return chances


def _of_covariance(ratings: Floats, covariance: Floats) -> Floats:
    from scipy.special import ndtr

    variance = np.diag(covariance)
    squared = variance[:, None] + variance[None, :] - covariance - covariance.T
    ahead = ratings[:, None] - ratings[None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        chances: Floats = ndtr(np.where(squared > 1e-9, ahead / np.sqrt(np.maximum(squared, 0.0)), np.nan))
    return chances


def _spread(rated: Rated) -> Floats:
    """Return the covariance, with the variance of an interval that is wider than it says (only ties)."""
    covariance = rated.covariance.copy()
    known = np.flatnonzero(np.isfinite(rated.lower) & np.isfinite(rated.upper) & ~rated.provisional)
    variance = ((rated.upper[known] - rated.lower[known]) / (2.0 * Z95)) ** 2
    covariance[known, known] = np.fmax(covariance[known, known], variance)
    return covariance


def _apart(rated: Rated, chances: Floats) -> Bools:
    with np.errstate(invalid="ignore"):
        known = np.where(np.isnan(chances), 0.5, chances)
        above = np.where(np.isnan(chances), rated.lower[:, None] > rated.upper[None, :], known >= APART)
    apart: Bools = above | above.T
    return apart


def _ranks(rated: Rated, apart: Bools, rng: np.random.Generator) -> Ranks:
    """Return joint rank intervals of the models with a covariance; the others widen them where they are not apart."""
    size = len(rated.names)
    known = np.flatnonzero(np.isfinite(np.diag(rated.covariance)) & ~rated.provisional)
    found = joint(rated.ratings[known], _spread(rated)[np.ix_(known, known)], rng)
    above = apart & (rated.ratings[:, None] > rated.ratings[None, :])
    outside = np.setdiff1d(np.arange(size), known)
    best, worst = 1 + above.sum(axis=0), size - above.sum(axis=1)
    best[known] = found.best + above[np.ix_(outside, known)].sum(axis=0)
    worst[known] = found.worst + (len(outside) - above[np.ix_(known, outside)].sum(axis=1))
    return Ranks(best, worst)


def _first(rated: Rated, rng: np.random.Generator) -> Floats:
    """Return the chance of each model to be the best of those that can be placed, NaN for the others."""
    first = np.full(len(rated.names), np.nan)
    known = np.flatnonzero(~rated.provisional & (np.isfinite(rated.lower) | np.isfinite(rated.upper)))
    if rated.draws is not None:
        draws = np.where(np.isnan(rated.draws[:, known]), -np.inf, rated.draws[:, known])
    else:
        known = known[np.isfinite(np.diag(rated.covariance)[known])]
        draws = rated.ratings[known] + normal(_spread(rated)[np.ix_(known, known)], _DRAWS, rng)
    if not known.size:
        return first
    top = draws == draws.max(axis=1, keepdims=True)
    first[known] = (top / top.sum(axis=1, keepdims=True)).mean(axis=0)
    return first


def _runs(apart: Bools) -> list[tuple[int, int]]:
    """Return the longest runs of two and more neighbours of which no two are apart, as (begin, end)."""
    size, begin = len(apart), 0
    runs: list[tuple[int, int]] = []
    for end in range(1, size + 1):
        if end < size and not apart[begin:end, end].any():
            continue
        if end - begin > 1 and (not runs or end > runs[-1][1]):
            runs.append((begin, end))
        while end < size and begin < end and apart[begin:end, end].any():
            begin += 1
    return runs


def _step(upper: str, lower: str, chance: float, apart: bool) -> Step:
    if not isfinite(chance):
        said = "lies below for sure" if apart else "cannot be compared with it yet"
        return Step(upper, lower, None, apart, f"{upper}: {lower} {said}.")
    words = f"{upper} is better than {lower} with {_percent(chance)}"
    tail = "." if apart else ": they cannot be told apart yet."
    return Step(upper, lower, round(chance, 6), apart, words + tail)


def _sentences(standings: Sequence[Standing], apart: Bools, groups: Sequence[Sequence[str]]) -> list[str]:
    if len(standings) < 2:
        return ["There is nothing to compare yet: fewer than two models have votes."]
    placed = [i for i, standing in enumerate(standings) if standing.first is not None]
    said = [_top(standings, apart, placed)] if placed else []
    top = {standings[i].name for i in placed if i == placed[0] or not apart[placed[0], i]}
    others = [group for group in groups if not set(group) <= top]
    said += [f"{_listed(group)} cannot be told apart yet." for group in others[:_GROUPS]]
    if len(others) > _GROUPS:
        said.append(
            f"{_plural(len(others) - _GROUPS, 'more group')} of neighbours cannot be told apart either."
        )
    unplaced = [standing.name for standing in standings if standing.first is None]
    if unplaced:
        said.append(f"{_listed(unplaced)} cannot be placed yet: too few votes bound the rating.")
    size = len(standings)
    pairs, sure = size * (size - 1) // 2, int(np.triu(apart, 1).sum())
    said.append(
        f"{sure:,} of {_plural(pairs, 'pair')} {'is' if pairs == 1 else 'are'} apart at 95 %, each pair by itself: "
        "of pairs that are truly equal, one in twenty will look so."
    )
    return said


def _top(standings: Sequence[Standing], apart: Bools, placed: Sequence[int]) -> str:
    best = standings[placed[0]]
    beside = [standings[i].name for i in placed[1:] if not apart[placed[0], i]]
    among = "" if len(placed) == len(standings) else "Of the models that can be placed, "
    if beside:
        first = "the first place is open" if among else "The first place is open"
        return (
            f"{among}{first}: {_listed([best.name, *beside])} cannot be told apart yet. "
            f"{best.name} is the best of all with {_percent(best.first or 0.0)}."
        )
    others = len(placed) - 1
    whom = "the other one" if others == 1 else f"each of the {others} others"
    if not others:
        return f"{among}{best.name} is the only one."
    return f"{among}{best.name} is first: it is better than {whom} with {_percent(APART)} or more."


def _plural(number: int, one: str) -> str:
    return f"{number:,} {one}" + ("" if number == 1 else "s")


def _listed(names: Sequence[str]) -> str:
    if len(names) > _NAMES:
        return f"{', '.join(names[: _NAMES - 1])} and {len(names) - _NAMES + 1} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _percent(chance: float) -> str:
    """Return a chance in per cent, never rounded to certainty."""
    share = 100.0 * chance
    if share > 99.9:
        return "more than 99.9 %"
    if share < 0.1:
        return "less than 0.1 %"
    return f"{share:.1f} %" if share > 97.0 or share < 3.0 else f"{share:.0f} %"
