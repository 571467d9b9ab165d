"""Bradley-Terry ratings from pair counts, with sandwich intervals, and plain words where the votes do not reach.

The likelihood needs only the counts of each pair, so the cost does not grow with the number of votes. A tie and a
both-bad count half for each side (one observation of 0.5).

Ratings are finite and common only inside a group in which points can be chained from every model to every other
(`graph.py`). The largest such group is the main group: its ratings are the maximum of the likelihood, untouched by
anything below, and its mean is 1000. Every other model with votes gets a provisional rating, as if it had also tied
once with an average model of the main group, and its interval is open at each end that the votes do not bound:

- never took a point from the main group, nor along a chain: open below; its upper end is the rating at which losing
  every vote it lost to the main group still had a 2.5 % chance (as in a Clopper-Pearson interval);
- never gave a point to the main group: the same from above;
- no chain of points to or from the main group: open at both ends, and the note says that it cannot be compared.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings.graph import Groups, groups
from arena.ratings.intervals import Z95, bread, chances, highest_loser, invert, sandwich_of
from arena.ratings.rated import CENTRE, POINTS, Floats, Rated
from arena.ratings.soft import SoftTally
from arena.ratings.tally import Tally, tally
from arena.types import PairCount

PRIOR_TIES = 1.0
"""Ties with an average model that a provisional rating counts beside its votes."""

_STEPS = 200
_TOLERANCE = 1e-11


def fit(counts: Sequence[PairCount]) -> Rated:
    """Fit `P(a beats b) = 1 / (1 + exp(r_b - r_a))` to pair counts, in any order, models sorted by name.

    R. Bradley, M. Terry, Rank Analysis of Incomplete Block Designs (1952); intervals from the sandwich covariance
    of `intervals.sandwich`, as in W.-L. Chiang et al., Chatbot Arena (arXiv 2403.04132), but with every vote
    weighing the same. Three wins and one loss between two models give them 400 log10(3) = 190.8 points apart.
    """
    return fit_table(tally(counts))


def fit_table(table: Tally | SoftTally) -> Rated:
    """Fit the same model to sums of votes that are there already, weighted and soft ones among them."""
    size = len(table.names)
    found = groups(table.points)
    main = found.main(table.points)
    ratings, lower, upper = np.zeros(size), np.full(size, -np.inf), np.full(size, np.inf)
    covariance = np.full((size, size), np.nan)
    notes = [""] * size
    if main.size:
        within = np.ix_(main, main)
        ratings[main] = _maximise(table.points[within])
        p = chances(ratings)
        weights, squares = (table.points + table.points.T)[within], table.squares(p)[within]
        covariance[within] = sandwich_of(weights, squares, ratings[main])
        wins = table.wins[within]
        only_ties = (wins.sum(axis=0) + wins.sum(axis=1)) == 0
        spread = _spread(
            weights,
            only_ties | (squares.sum(axis=1) <= 1e-12 * weights.sum(axis=1)),
            ratings[main],
            covariance[within],
        )
        lower[main], upper[main] = ratings[main] - spread, ratings[main] + spread
        for model in main[only_ties].tolist():
            notes[model] = "Only ties so far: its interval is the wide one that takes each for a coin toss."
    outside = np.setdiff1d(np.arange(size), main)
    ratings[outside] = _provisional(table.points, ratings, outside)
    for model in outside.tolist():
        lower[model], upper[model] = _bounds(model, table, found, main, ratings)
        notes[model] = _note(model, table, found, main)
    return Rated(
        names=table.names,
        ratings=CENTRE + POINTS * ratings,
        lower=CENTRE + POINTS * lower,
        upper=CENTRE + POINTS * upper,
        covariance=POINTS**2 * covariance,
        provisional=np.isin(np.arange(size), outside),
        notes=tuple(notes),
        pieces=tuple(tuple(table.names[i] for i in piece) for piece in found.pieces()),
        votes=table.votes,
        basis="each vote by itself (sandwich)",
    )


def _maximise(points: Floats) -> Floats:
    """Return the ratings of mean zero that maximise the likelihood of one main group, in log-odds."""
    ratings = _newton(points, np.zeros(len(points)), np.arange(len(points)), 0.0)
    return ratings - ratings.mean()


def _provisional(points: Floats, ratings: Floats, outside: npt.NDArray[np.intp]) -> Floats:
    """Return the ratings of the models `outside`, those of the others held, with the prior tie of each."""
    return _newton(points, ratings, outside, PRIOR_TIES)[outside]


def _newton(points: Floats, ratings: Floats, free: npt.NDArray[np.intp], prior: float) -> Floats:
    """Maximise `sum of points[i, j] log P(i beats j)` plus the prior ties with a model at 0, over `free` ratings.

    Newton's method with halved steps where a whole one overshoots; the likelihood is concave.
    """
    ratings = ratings.copy()
    votes = points + points.T
    best = _likelihood(points, ratings, free, prior)
    for _ in range(_STEPS if free.size else 0):
        p = chances(ratings)
        average = chances(np.append(ratings[free], 0.0))[:-1, -1]
        gradient = (points * p.T - points.T * p).sum(axis=1)[free] + prior * (0.5 - average)
        curvature = (np.diag((votes * p * p.T).sum(axis=1)) - votes * p * p.T)[np.ix_(free, free)]
        curvature += np.diag(prior * average * (1.0 - average)) if prior else 1.0 / len(free)
        step = np.linalg.solve(curvature, gradient)
        for _ in range(60):
            moved = ratings.copy()
            moved[free] += step
            value = _likelihood(points, moved, free, prior)
            if value >= best - 1e-12 * abs(best):
                break
            step = step / 2.0
        ratings, best = moved, value
        if float(np.abs(step).max()) < _TOLERANCE:
            return ratings
    if free.size:
        raise InvalidInput(
            f"The Bradley-Terry ratings of {len(free)} models did not settle in {_STEPS} steps."
        )
    return ratings


def _likelihood(points: Floats, ratings: Floats, free: npt.NDArray[np.intp], prior: float) -> float:
    behind = ratings[None, :] - ratings[:, None]
    tied = np.logaddexp(0.0, ratings[free]) + np.logaddexp(0.0, -ratings[free])
    return -float((points * np.logaddexp(0.0, behind)).sum()) - prior / 2.0 * float(tied.sum())


def _spread(
    weights: Floats, without_spread: npt.NDArray[np.bool_], ratings: Floats, covariance: Floats
) -> Floats:
    """Return half widths of the intervals.

    Where every vote on a model says the same (ties only) the sandwich sees no spread at all; there the larger one of
    the model itself stands, `H^-1`.
    """
    variance = np.diag(covariance).copy()
    own = np.diag(invert(bread(weights, ratings)))
    variance[without_spread] = np.maximum(variance, own)[without_spread]
    return Z95 * np.sqrt(np.maximum(variance, 0.0))


def _bounds(
    model: int, table: Tally | SoftTally, found: Groups, main: npt.NDArray[np.intp], ratings: Floats
) -> tuple[float, float]:
    lower, upper = -np.inf, np.inf
    if main.size and not found.reaches[model, main[0]]:
        upper = highest_loser(table.wins[main, model], ratings[main])
    if main.size and not found.reaches[main[0], model]:
        lower = -highest_loser(table.wins[model, main], -ratings[main])
    return min(lower, float(ratings[model])), max(upper, float(ratings[model]))


def _note(model: int, table: Tally | SoftTally, found: Groups, main: npt.NDArray[np.intp]) -> str:
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
