"""Ratings from people's votes with a judge's as a help: as unbiased as people alone, narrower where it predicts them.

The estimate is prediction-powered (A. Angelopoulos et al., arXiv 2301.09633, with the power tuning of arXiv
2311.01453), stratified by pair (`stratified.py`): within each pair people's points are moved by lambda times what the
judge says of the battles nobody voted on, less what it says of those people voted on. Bradley-Terry is then fitted to
the moved points, each pair weighing as many votes as people cast on it. A judge that favours a model favours it on both
kinds of battles, so its bias cancels, and a pair that only the judge knows adds nothing.

What must hold: among the battles of a stratum (a pair, or a pair and a category) that the judge voted on, those people
voted on are a random draw, however many. Nothing is asked of the judge. `Worth.p_value` tests it: were the draw
random, what the judge moves would be 0 but for chance. With `JointCounts.pooled` (`pooled.py`) they must be a random
draw from all the judge voted on, and pairs with few battles gain more.

Lambda makes the sum of the ratings' variances least, 0 where the judge's help could be chance. In the sandwich a battle
is one cluster, however many people voted on it.
"""

from dataclasses import replace

import numpy as np

from arena.errors import InvalidInput
from arena.ratings.correction import Correction, Meat
from arena.ratings.intervals import Z95
from arena.ratings.joint import JointCounts
from arena.ratings.pooled import Pooled
from arena.ratings.rated import CENTRE, POINTS, Floats, Parameter, Rated
from arena.ratings.stratified import Stratified
from arena.ratings.worth import FEWEST, Worth

_SURE = 3.84
"""The chi-squared quantile beyond which what the judge explains of people's votes is not by chance (5 %)."""
_HALVINGS = 4
"""So often lambda is halved where the moved points leave no finite ratings, before the judge is left out."""


def fit(counts: JointCounts, alone: Rated, *, weight: float | None = None) -> tuple[Rated, Worth]:
    """Return people's ratings with the judge's help, and what its help is worth.

    `alone` are the Bradley-Terry ratings of the same people's votes. The judge helps in their main group; models
    outside it stay where people's votes place them. `weight` holds lambda, else it is tuned.

    Raises:
        InvalidInput: no vote of people, a verdict beyond 0 and 1, or a judge without ratings of its own where all pairs
            are put together.
    """
    _check(counts)
    main = np.flatnonzero(~alone.provisional)
    kept = _within(counts, tuple(alone.names[i] for i in main.tolist()))
    correction = Pooled(kept) if kept.pooled and main.size else Stratified(kept)
    if not main.size:
        worth = _worth(counts, correction, 0.0)
        return replace(alone, basis=worth.basis), worth
    start = (alone.ratings[main] - CENTRE) / POINTS
    first, inverse = correction.meat(start), correction.inverse(start)
    if weight is None:
        weight = _tuned(first, inverse, correction)
    ratings, weight = _settled(correction, start, weight)
    bread = correction.inverse(ratings)
    helped = bread @ correction.meat(ratings).at(weight) @ bread
    people = inverse @ first.at(0.0) @ inverse
    worth = _worth(counts, correction, weight, start, people, helped)
    return _rated(alone, main, ratings, helped, worth), worth


def _check(counts: JointCounts) -> None:
    if not counts.votes.any():
        raise InvalidInput(
            "No vote of a person counts here: a judge can help people's votes, not replace them."
        )
    said = counts.verdict[~np.isnan(counts.verdict)]
    if said.size and not (said.min() >= 0.0 and said.max() <= 1.0):
        raise InvalidInput(f"A verdict of the judge {counts.judge.name!r} lies beyond 0 and 1.")


def _within(counts: JointCounts, names: tuple[str, ...]) -> JointCounts:
    """Return the battles between models of `names`, their places changed to those in `names`."""
    place = {name: i for i, name in enumerate(names)}
    moved = np.array([place.get(name, -1) for name in counts.names], dtype=np.int32)
    a, b = moved[counts.model_a], moved[counts.model_b]
    kept = (a >= 0) & (b >= 0)
    a, b = a[kept], b[kept]
    turned = a > b
    votes, points, verdict = counts.votes[kept], counts.points[kept], counts.verdict[kept]
    return JointCounts(
        judge=counts.judge,
        names=names,
        model_a=np.where(turned, b, a),
        model_b=np.where(turned, a, b),
        stratum=counts.stratum[kept],
        votes=votes,
        points=np.where(turned, votes - points, points),
        verdict=np.where(turned, 1.0 - verdict, verdict),
        battles=counts.battles[kept],
        cluster=None if counts.cluster is None else counts.cluster[kept],
        pooled=counts.pooled,
    )


def _tuned(meat: Meat, inverse: Floats, correction: Correction) -> float:
    """Return the best lambda, 0 where what it saves of the variance could be chance."""
    if correction.shared < FEWEST:
        return 0.0
    best, squared = meat.best(inverse), inverse @ inverse
    saved = 1.0 - float((squared * meat.at(best)).sum()) / float((squared * meat.people).sum())
    return best if saved * correction.usable > _SURE else 0.0


def _settled(correction: Correction, start: Floats, weight: float) -> tuple[Floats, float]:
    """Return the ratings and the lambda they stand on, less than asked for where that leaves no finite ratings."""
    for halved in [weight / 2**i for i in range(_HALVINGS)] if weight else []:
        found = correction.solve(start, halved)
        if found is not None:
            return found, halved
    return start, 0.0


def _rated(
    alone: Rated,
    main: np.ndarray[tuple[int], np.dtype[np.intp]],
    ratings: Floats,
    helped: Floats,
    worth: Worth,
) -> Rated:
    points, lower, upper = alone.ratings.copy(), alone.lower.copy(), alone.upper.copy()
    covariance = np.full_like(alone.covariance, np.nan)
    points[main] = CENTRE + POINTS * ratings
    covariance[np.ix_(main, main)] = POINTS**2 * helped
    reach = POINTS * Z95 * np.sqrt(np.maximum(np.diag(helped), 0.0))
    noted = np.array([bool(alone.notes[i]) for i in main.tolist()])
    reach = np.where(noted, np.maximum(reach, (alone.upper - alone.lower)[main] / 2.0), reach)
    lower[main], upper[main] = points[main] - reach, points[main] + reach
    weight = Parameter(worth.weight, words=f"lambda, the weight of the judge {worth.judge.name!r}")
    return replace(
        alone,
        ratings=points,
        lower=lower,
        upper=upper,
        covariance=covariance,
        basis=worth.basis,
        parameters={**alone.parameters, "judge": weight},
    )


def _worth(
    counts: JointCounts,
    correction: Correction,
    weight: float,
    start: Floats | None = None,
    people: Floats | None = None,
    helped: Floats | None = None,
) -> Worth:
    more = narrower = most = 0.0
    if start is not None and people is not None and helped is not None:
        if weight:
            more = float(np.trace(people) / np.trace(helped)) - 1.0
            wide, narrow = (np.sqrt(np.maximum(np.diag(v), 0.0)).mean() for v in (people, helped))
            narrower = 1.0 - float(narrow / wide)
        most = _most(correction, start) if correction.shared >= FEWEST else 0.0
    voted = counts.votes > 0
    return Worth(
        judge=counts.judge,
        votes=round(float((counts.votes * counts.battles).sum())),
        battles=round(float(counts.battles[voted].sum())),
        shared=correction.shared,
        usable=correction.usable,
        further=correction.further,
        weight=weight,
        more=more,
        narrower=narrower,
        most=max(most, more),
        p_value=_p_value(correction, start),
    )


def _most(correction: Correction, ratings: Floats) -> float:
    """Return what share of votes more the judge would be worth had it voted on battles without end."""
    meat, inverse = correction.meat(ratings, without_end=True), correction.inverse(ratings)
    squared, weight = inverse @ inverse, meat.best(inverse)
    least = float((squared * meat.at(weight)).sum())
    return float((squared * meat.people).sum()) / least - 1.0 if least > 0.0 else 0.0


def _p_value(correction: Correction, ratings: Floats | None) -> float | None:
    """Return the chance of what the judge moves, were people's battles a random draw (a chi-squared test)."""
    from scipy.special import chdtrc

    if ratings is None or not correction.usable:
        return None
    meat = correction.meat(ratings)
    if not meat.varies:
        return None
    spread, vectors = np.linalg.eigh(meat.judge)
    kept = spread > 1e-9 * float(spread.max())
    along = vectors[:, kept].T @ correction.contrast()
    return float(chdtrc(float(kept.sum()), float((along**2 / spread[kept]).sum())))
