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

With a prior all models are in the main group: each counts some ties with an average model beside its votes, which
bounds every rating, and joins groups that no vote joins (the board says so).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import newton
from arena.ratings.graph import groups
from arena.ratings.intervals import Z95, bread, chances, invert, laplacian, sandwich_of
from arena.ratings.outside import bounds, why
from arena.ratings.rated import CENTRE, POINTS, Floats, Rated
from arena.ratings.soft import SoftTally
from arena.ratings.tally import Tally, tally
from arena.ratings.weights import WeightedTally
from arena.types import PairCount

PRIOR_TIES = 1.0
"""Ties with an average model that a provisional rating counts beside its votes."""

_STEPS = 200
_TOLERANCE = 1e-11


def fit(counts: Sequence[PairCount], prior: float = 0.0) -> Rated:
    """Fit `P(a beats b) = 1 / (1 + exp(r_b - r_a))` to pair counts, in any order, models sorted by name.

    R. Bradley, M. Terry, Rank Analysis of Incomplete Block Designs (1952); intervals from the sandwich covariance
    of `intervals.sandwich`, as in W.-L. Chiang et al., Chatbot Arena (arXiv 2403.04132), but with every vote
    weighing the same. Three wins and one loss between two models give them 400 log10(3) = 190.8 points apart.
    """
    return fit_table(tally(counts), prior)


def fit_table(table: Tally | SoftTally | WeightedTally, prior: float = 0.0) -> Rated:
    """Fit the same model to sums of votes that are there already, weighted and soft ones among them.

    `prior` is how many ties with an average model every model counts beside its votes.
    """
    if prior:
        return _with_prior(table, prior)
    size, points = len(table.names), table.points
    found = groups(points)
    main = found.main(points)
    ratings, lower, upper = np.zeros(size), np.full(size, -np.inf), np.full(size, np.inf)
    covariance = np.full((size, size), np.nan)
    notes = [""] * size
    if main.size:
        within = np.ix_(main, main) if len(main) < size else np.s_[:, :]
        ratings[main] = _maximise(points[within])
        p = chances(ratings)
        weights, squares, p = (points + points.T)[within], table.squares(p)[within], p[within]
        covariance[within] = sandwich_of(weights, squares, p)
        wins = table.wins[within]
        only_ties = (wins.sum(axis=0) + wins.sum(axis=1)) == 0
        spread = _spread(
            weights,
            only_ties | (squares.sum(axis=1) <= 1e-12 * weights.sum(axis=1)),
            p,
            covariance[within],
        )
        lower[main], upper[main] = ratings[main] - spread, ratings[main] + spread
        for model in main[only_ties].tolist():
            notes[model] = "Only ties so far: its interval is the wide one that takes each for a coin toss."
    outside = np.setdiff1d(np.arange(size), main)
    ratings[outside] = _provisional(points, ratings, outside)
    for model in outside.tolist():
        lower[model], upper[model] = bounds(model, table, found, main, ratings)
        notes[model] = why(model, table, found, main)
    return Rated(
        names=table.names,
        ratings=CENTRE + POINTS * ratings,
        lower=CENTRE + POINTS * lower,
        upper=CENTRE + POINTS * upper,
        covariance=np.multiply(covariance, POINTS**2, out=covariance),
        provisional=np.isin(np.arange(size), outside),
        notes=tuple(notes),
        pieces=tuple(tuple(table.names[i] for i in piece) for piece in found.pieces()),
        votes=table.votes,
        basis="each vote by itself (sandwich)",
    )


def ratings_of(counts: Sequence[PairCount], near: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the rating of each model with votes as `fit` gives it, without intervals: for what changes with a vote.

    Ratings known of nearly the same votes (`near`) save half the steps.
    """
    table = tally(counts)
    points = table.points
    main = groups(points).main(points)
    ratings = np.zeros(len(table.names))
    if near is not None:
        ratings[:] = [(near.get(name, CENTRE) - CENTRE) / POINTS for name in table.names]
    if main.size:
        begin = None if near is None else ratings[main]
        ratings[main] = newton.maximise(points[np.ix_(main, main)], begin)
    outside = np.setdiff1d(np.arange(len(ratings)), main)
    ratings[outside] = 0.0
    ratings[outside] = _provisional(points, ratings, outside)
    return dict(zip(table.names, (CENTRE + POINTS * ratings).tolist(), strict=True))


def _with_prior(table: Tally | SoftTally | WeightedTally, prior: float) -> Rated:
    """Return ratings of mean 1000 with `prior` ties of each model with one that stands at the average.

    The prior's ties vary as the model says, votes as they do (sandwich), so that an interval is the prior's without a
    vote and the votes' with many. For models that only won or only lost votes vary as the model says, too: there
    they show no spread of their own.
    """
    size = len(table.names)
    raw = _newton(table.points, np.zeros(size), np.arange(size), prior)
    p, average = chances(raw), chances(np.append(raw, 0.0))[:-1, -1]
    held = np.diag(prior * average * (1.0 - average))
    hessian = bread(table.points + table.points.T, p) + held
    inverse = np.linalg.inv(hessian) if size else np.zeros((0, 0))
    centre = np.eye(size) - 1.0 / max(1, size)
    covariance = centre @ inverse @ (laplacian(table.squares(p)) + held) @ inverse @ centre
    variance, own = np.diag(covariance).copy(), np.diag(centre @ inverse @ centre)
    won, lost = table.points.any(axis=1), table.points.any(axis=0)
    decided = table.wins.any(axis=1) | table.wins.any(axis=0)
    blind = ~(won & lost & decided)
    variance[blind] = np.maximum(variance, own)[blind]
    spread = Z95 * np.sqrt(np.maximum(variance, 0.0))
    ratings = raw - raw.mean() if size else raw
    notes = np.where(won, np.where(lost, "", "No loss or tie yet: "), "No win or tie yet: ").tolist()
    return Rated(
        names=table.names,
        ratings=CENTRE + POINTS * ratings,
        lower=CENTRE + POINTS * (ratings - spread),
        upper=CENTRE + POINTS * (ratings + spread),
        covariance=POINTS**2 * covariance,
        provisional=np.zeros(size, dtype=bool),
        notes=tuple(f"{note}the prior holds its rating." if note else "" for note in notes),
        pieces=tuple(tuple(table.names[i] for i in piece) for piece in groups(table.points).pieces()),
        votes=table.votes,
        basis=f"each vote by itself (sandwich), and a prior of {prior:g} ties with an average model",
    )


def _maximise(points: Floats) -> Floats:
    """Return the ratings of mean zero that maximise the likelihood of one main group, in log-odds."""
    return newton.maximise(points)


def _provisional(points: Floats, ratings: Floats, outside: npt.NDArray[np.intp]) -> Floats:
    """Return the ratings of the models `outside`, those of the others held, with the prior tie of each."""
    return _newton(points, ratings, outside, PRIOR_TIES)[outside] if outside.size else np.zeros(0)


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


def _spread(weights: Floats, without_spread: npt.NDArray[np.bool_], p: Floats, covariance: Floats) -> Floats:
    """Return half widths of the intervals.

    Where every vote on a model says the same (ties only) the sandwich sees no spread at all; there the larger one of
    the model itself stands, `H^-1`.
    """
    variance = np.diag(covariance).copy()
    if without_spread.any():
        own = np.diag(invert(bread(weights, p)))
        variance[without_spread] = np.maximum(variance, own)[without_spread]
    return Z95 * np.sqrt(np.maximum(variance, 0.0))
