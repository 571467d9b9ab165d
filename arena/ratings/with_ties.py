"""Ratings where a tie is an outcome of its own: Rao-Kupper and Davidson, with the strength of ties fitted beside them.

Bradley-Terry takes a tie for half a win and half a loss. These two say how often a vote is a tie, depending on how far
apart the models are (`likelihood.py`), and use that close models tie more often.

Ratings are finite inside the main group of `graph.py`, as there, but for one case more: votes whose ties could all be
explained by a step that people do not notice and whose wins by a wider one (such as a win and a tie between two models,
and nothing else). Then the ratings run away together with that step. It is found exactly, as a system of difference
constraints, and said; the ratings are then provisional, each with one tie with an average model, and all intervals
open. Where no vote is a tie, or all are, ratings are Bradley-Terry's.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import bradley_terry
from arena.ratings.bradley_terry import PRIOR_TIES
from arena.ratings.graph import groups
from arena.ratings.intervals import Z95
from arena.ratings.likelihood import LIKELIHOODS, Likelihood
from arena.ratings.outside import Losing, bounds, why
from arena.ratings.paired import Meetings, Paired
from arena.ratings.rated import CENTRE, POINTS, Floats, Parameter, Rated
from arena.ratings.refit import Point, curvature, pull, settle
from arena.ratings.tally import Tally
from arena.ratings.weights import WeightedTally

WithTies = Literal["rao_kupper", "davidson"]
Places = npt.NDArray[np.intp]

_STEPS = 200
_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class _Cells:
    """Votes of a set of models by pair and outcome, and the sums of their squared weights, (pairs, 3) each."""

    paired: Paired
    squares: Floats


def fit(table: Tally | WeightedTally, method: WithTies, prior: float = 0.0) -> Rated:
    """Fit ratings and the strength of ties; `prior` is how many ties with an average model each model counts beside.

    P. Rao, L. Kupper, Ties in Paired-Comparison Experiments, JASA 62 (1967); R. Davidson, JASA 65 (1970). Intervals are
    sandwiches as in `bradley_terry`, with the strength of ties as one parameter more. `parameters` holds `tie_share`,
    the chance that a vote between equal models is a tie, and `theta` or `nu`, as those papers call the strength.
    """
    size = len(table.names)
    found = groups(table.points)
    main = np.arange(size) if prior else found.main(table.points)
    ties = table.ties[np.ix_(main, main)]
    wins = table.wins[np.ix_(main, main)]
    if not ties.any() or not wins.any():
        return _of_one_kind(table, prior, 1.0 if ties.any() else 0.0)
    if not prior and not determined(wins, ties):
        return _undetermined(table, method)
    model = LIKELIHOODS[method]
    cells = _cells(table, main)
    start = Point(np.zeros(len(main)), np.array(0.5 if method == "rao_kupper" else -0.5))
    at = settle(cells.paired, model, start, prior)
    covariance, tie_spread = _sandwich(cells, model, at, prior)
    blind = _blind(table, main, prior)
    variance = np.diag(covariance).copy()
    variance[blind] = np.maximum(variance, _own(cells, model, at, prior))[blind]
    spread = Z95 * np.sqrt(variance)
    ratings, lower, upper = np.zeros(size), np.full(size, -np.inf), np.full(size, np.inf)
    ratings[main] = at.ratings - at.ratings.mean()
    lower[main], upper[main] = ratings[main] - spread, ratings[main] + spread
    whole = np.full((size, size), np.nan)
    whole[np.ix_(main, main)] = POINTS**2 * covariance
    outside = np.setdiff1d(np.arange(size), main)
    _place(table, model, ratings, outside, at.tie)
    notes = [""] * size
    for place in outside.tolist():
        chance = losing(method, float(at.tie))
        lower[place], upper[place] = bounds(place, table, found, main, ratings, chance)
        notes[place] = why(place, table, found, main)
    for place in main[blind].tolist():
        notes[place] = _one_sided(table, place)
    return Rated(
        names=table.names,
        ratings=CENTRE + POINTS * ratings,
        lower=CENTRE + POINTS * lower,
        upper=CENTRE + POINTS * upper,
        covariance=whole,
        provisional=np.isin(np.arange(size), outside),
        notes=tuple(notes),
        pieces=tuple(tuple(table.names[i] for i in piece) for piece in found.pieces()),
        votes=table.votes,
        basis=_basis(prior),
        parameters=strength(method, float(at.tie), Z95 * tie_spread),
    )


def strength(method: WithTies, tie: float, reach: float | None) -> dict[str, Parameter]:
    """Return the strength of ties as parameters; `reach` is half the interval of its logarithm, `None` without one."""
    value, classic, known = _share(method, tie), float(np.exp(tie)), ""
    share, strong = Parameter(value), Parameter(classic)
    if reach is not None:
        low = max(tie - reach, 0.0) if method == "rao_kupper" else tie - reach
        share = Parameter(value, _share(method, low), _share(method, tie + reach))
        strong = Parameter(classic, float(np.exp(low)), float(np.exp(tie + reach)))
        known = f" ({_percent(_share(method, low))} to {_percent(_share(method, tie + reach))})"
    words = f"Between models that are equal, {_percent(value)}{known} of votes are ties."
    return {"tie_share": replace(share, words=words), "theta" if method == "rao_kupper" else "nu": strong}


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}\u202f%"


def determined(wins: Floats, ties: Floats) -> bool:
    """Whether votes of models that points join, ties among them, have finite ratings and a finite strength of ties.

    They run away exactly if some levels exist with every win leading at least one level down and every tie at most one
    level up or down. A cycle of steps with more wins than ties rules that out, and nothing else does (Bellman-Ford).
    """
    won, tied = wins > 0, ties > 0
    if (won & won.T).any():
        return True
    step = np.where(tied, 1.0, np.inf)
    step[won] = -1.0
    level = np.zeros(len(wins))
    for _ in range(len(wins) + 1):
        lower = np.minimum(level, (level[:, None] + step).min(axis=0, initial=np.inf))
        if np.array_equal(lower, level):
            return False
        level = lower
    return True


def _cells(table: Tally | WeightedTally, members: Places) -> _Cells:
    within = np.ix_(members, members)
    wins, ties = table.wins[within], table.ties[within]
    first, second = np.nonzero(np.triu(wins + wins.T + ties, 1))
    meetings = Meetings(len(members), first, second)

    def outcomes(won: Floats, tied: Floats) -> Floats:
        return np.stack([won[first, second], won[second, first], tied[first, second]], axis=1)

    counts = outcomes(wins, ties)
    if isinstance(table, Tally):
        return _Cells(Paired(meetings, counts), counts)
    squares = outcomes(table.squared_wins[within], table.squared_ties[within])
    return _Cells(Paired(meetings, counts), squares)


def _sandwich(cells: _Cells, model: Likelihood, at: Point, prior: float) -> tuple[Floats, float]:
    """Return the covariance of centred ratings (models, models), and the standard error of the strength of ties."""
    paired, size = cells.paired, cells.paired.meetings.size
    by_d, by_tie = (
        np.stack(np.broadcast_arrays(*scores), axis=1)
        for scores in model.scores(paired.meetings.gaps(at.ratings), at.tie)
    )
    meat = np.zeros((size + 1, size + 1))
    of_pairs = paired.incidence.multiply((cells.squares * by_d**2).sum(axis=1)[None, :])
    meat[:size, :size] = (of_pairs @ paired.incidence.T).todense()
    mixed = paired.incidence @ (cells.squares * by_d * by_tie).sum(axis=1)
    meat[size, :size] = meat[:size, size] = mixed
    meat[size, size] = (cells.squares * by_tie**2).sum()
    if prior:
        p = 1.0 / (1.0 + np.exp(-at.ratings))
        meat[np.arange(size), np.arange(size)] += prior * p * (1.0 - p)
    inverse = np.linalg.inv(curvature(paired, model, at, prior))
    found = inverse @ meat @ inverse
    centre = np.eye(size) - 1.0 / size
    return centre @ found[:size, :size] @ centre, float(np.sqrt(found[size, size]))


def _own(cells: _Cells, model: Likelihood, at: Point, prior: float) -> Floats:
    """Return the variances that the model itself gives, for models whose votes show no spread."""
    size = cells.paired.meetings.size
    centre = np.eye(size) - 1.0 / size
    inverse = np.linalg.inv(curvature(cells.paired, model, at, prior))[:size, :size]
    return np.asarray(np.diag(centre @ inverse @ centre))


def _blind(table: Tally | WeightedTally, members: Places, prior: float) -> npt.NDArray[np.bool_]:
    """Return the members whose votes all say the same, so that they show no spread of their own."""
    within = np.ix_(members, members)
    won, lost = table.wins[within].any(axis=1), table.wins[within].any(axis=0)
    tied = table.ties[within].any(axis=1)
    kinds = won.astype(int) + lost + tied
    return kinds < 2


def _one_sided(table: Tally | WeightedTally, place: int) -> str:
    if table.wins[place].any():
        return "No loss or tie yet: the prior holds its rating."
    if table.wins[:, place].any():
        return "No win or tie yet: the prior holds its rating."
    return "Only ties so far: its interval is the wide one that the model itself gives."


def _place(
    table: Tally | WeightedTally, model: Likelihood, ratings: Floats, outside: Places, tie: Floats
) -> None:
    """Rate the models `outside` in place, all others held, each with the prior tie."""
    if not outside.size:
        return
    cells = _cells(table, np.arange(len(table.names)))
    for _ in range(_STEPS):
        at = Point(ratings, tie)
        gradient = pull(cells.paired, model, at, PRIOR_TIES)[outside]
        matrix = curvature(cells.paired, model, at, PRIOR_TIES)[np.ix_(outside, outside)]
        step = np.linalg.solve(matrix, gradient)
        longest = float(np.abs(step).max())
        ratings[outside] += step * (np.log1p(longest) / longest if longest > 1e-6 else 1.0)
        if longest < _TOLERANCE:
            return
    raise InvalidInput(f"The provisional ratings of {len(outside)} models did not settle in {_STEPS} steps.")


def losing(method: WithTies, tie: float) -> Losing:
    """Return the log of the chance to lose, by rating and opponents' ratings in log-odds, at a strength of ties."""
    if method == "rao_kupper":
        return lambda rating, others: -np.logaddexp(0.0, rating + tie - others)

    def davidson(rating: float, others: Floats) -> Floats:
        d = rating - others
        return -d / 2.0 - np.logaddexp(np.logaddexp(d / 2.0, -d / 2.0), tie)

    return davidson


def _share(method: WithTies, tie: float) -> float:
    if method == "rao_kupper":
        return float(np.tanh(tie / 2.0))
    return float(1.0 / (1.0 + 2.0 * np.exp(-tie)))


def _of_one_kind(table: Tally | WeightedTally, prior: float, share: float) -> Rated:
    """Return Bradley-Terry's ratings: where no vote or every vote is a tie, ties have no strength of their own."""
    words = (
        "no vote is a tie yet" if not share else "every vote is a tie, so that ties say nothing of distances"
    )
    rated = bradley_terry.fit_table(table, prior)
    return replace(rated, parameters={"tie_share": Parameter(share, None, None, words)})


def _undetermined(table: Tally | WeightedTally, method: WithTies) -> Rated:
    """Return provisional ratings where the votes do not tell a tie from a small step."""
    rated = fit(table, method, PRIOR_TIES)
    size = len(table.names)
    note = "Too few votes to tell a tie from a narrow win: its rating is provisional and could be any lower or higher."
    return replace(
        rated,
        lower=np.full(size, -np.inf),
        upper=np.full(size, np.inf),
        covariance=np.full((size, size), np.nan),
        provisional=np.ones(size, dtype=bool),
        notes=(note,) * size,
        basis="no interval can be given yet",
        parameters={},
    )


def _basis(prior: float) -> str:
    words = "each vote by itself (sandwich)"
    return f"{words}, and a prior of {prior:g} ties with an average model" if prior else words
