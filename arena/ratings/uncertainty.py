"""From ratings to how sure they are: the intervals that options ask for, in the place of those a fit came with.

A fit's own intervals take each vote by itself. Votes on one prompt, or by one voter, resemble each other; then the
same number of votes says less, and clustered intervals are the ones to believe. All of it works on any model of
preference that is a likelihood of counts (`likelihood.py`).

Rounds that draw whole clusters vary as little as the uncorrected clustered sandwich says, so what they differ by from
the estimate is widened by the same two corrections (`clustered.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import bootstrap, clustered
from arena.ratings.grouped import GroupedCounts
from arena.ratings.intervals import Z95, highest_loser
from arena.ratings.likelihood import LIKELIHOODS, Likelihood
from arena.ratings.options import Method, RatingOptions
from arena.ratings.outside import highest
from arena.ratings.paired import Paired, Rows, paired, rows
from arena.ratings.rated import POINTS, Rated
from arena.ratings.refit import Point, curvature, settle
from arena.ratings.with_ties import losing, strength
from arena.types import PairCount

Floats = npt.NDArray[np.float64]

FEW_CLUSTERS = 10
"""With fewer prompts or voters than this, intervals themselves are only roughly known."""

ALONE = "All that joins it to the others comes from one {cluster}: how far it may lie from them is not known."


@dataclass(frozen=True, slots=True, eq=False)
class _Votes:
    """The votes between models of the main group: by pair, and by prompt or voter where that is known."""

    table: Paired
    rows: Rows | None
    weighted: bool


def with_intervals(
    rated: Rated,
    counts: Sequence[PairCount],
    grouped: GroupedCounts | None,
    options: RatingOptions,
    *,
    weights: Floats | None = None,
) -> Rated:
    """Return `rated` with the covariance and intervals that `options.intervals` and `options.cluster` ask for.

    `counts` are the votes it was fitted to. `grouped` are the same by prompt or voter where `options.cluster` is one of
    these, or where votes weigh differently: then `weights` (rows of `grouped`,) says what one vote of a row counts.
    Ratings stay as they are, of any mean; with `options.anchor` the intervals are those of the distance to it. Models
    outside the main group keep their open ends.

    Raises:
        InvalidInput: the method has no likelihood of counts, so that it can be neither clustered nor drawn anew.
    """
    if options.intervals == "sandwich" and options.cluster == "none":
        return rated
    model = LIKELIHOODS.get(options.method)
    if model is None:
        raise InvalidInput(
            f"Intervals of the method {options.method!r} cannot be clustered or drawn anew: "
            f"choose {', '.join(LIKELIHOODS)}, or leave out clusters and bootstrap."
        )
    if grouped is None and options.cluster != "none":
        raise InvalidInput(
            f"These votes do not say of which {options.cluster} they are: leave out the clusters."
        )
    main = np.flatnonzero(~rated.provisional)
    if len(main) < 2:
        return rated
    names = [rated.names[place] for place in main]
    if grouped is None:
        votes = _Votes(paired(counts, names), None, False)
    else:
        summed = rows(grouped, names, weights)
        votes = _Votes(summed.paired, summed, weights is not None)
    outcomes = votes.table.counts.sum(axis=0)
    if not outcomes[:2].any() or not outcomes[2]:
        model = LIKELIHOODS["bt"]
    ratings = (rated.ratings[main] - rated.ratings[main].mean()) / POINTS
    at = settle(votes.table, model, Point(ratings, np.array(0.5)), options.prior)
    anchor = names.index(options.anchor) if options.anchor in names else None
    if grouped is not None and options.cluster != "none":
        rated = _bounded_by_clusters(rated, main, grouped, options.method, model, float(at.tie))
    if options.intervals == "bootstrap":
        return _drawn(rated, main, votes, model, at, options, anchor)
    return _clustered(rated, main, votes, model, at, options, anchor)


def _clustered(
    rated: Rated,
    main: npt.NDArray[np.intp],
    votes: _Votes,
    model: Likelihood,
    at: Point,
    options: RatingOptions,
    anchor: int | None,
) -> Rated:
    assert votes.rows is not None
    found = clustered.covariance(votes.rows, model, at, options.prior)
    size = len(main)
    covariance = found.covariance[:size, :size].copy()
    blind, own = _blind(votes.table), _own(votes.table, model, at, options.prior)
    covariance[blind, blind] = np.maximum(np.diag(covariance), own)[blind]
    reference = np.full((size, size), 1.0 / size)
    alone = found.alone
    if anchor is not None:
        reference = np.zeros((size, size))
        reference[:, anchor] = 1.0
        alone = alone if not alone[anchor] else np.arange(size) != anchor
    moved = np.eye(size) - reference
    covariance = POINTS**2 * moved @ covariance @ moved.T
    reach = Z95 * np.sqrt(np.maximum(np.diag(covariance), 0.0))
    reach[alone] = np.inf
    covariance[alone, :] = covariance[:, alone] = np.nan
    kind = options.cluster
    basis = f"{found.clusters:,} {kind}s, each with all its votes as one (clustered sandwich)"
    basis += _rough(found.clusters, kind)
    notes = list(rated.notes)
    for place in main[alone].tolist():
        notes[place] = notes[place] or ALONE.format(cluster=kind)
    changed = replace(rated, basis=basis, notes=tuple(notes))
    if (options.method == "rao_kupper" or options.method == "davidson") and model.ties:
        tie_reach = Z95 * float(np.sqrt(found.covariance[size, size]))
        changed = replace(changed, parameters=strength(options.method, float(at.tie), tie_reach))
    centre = rated.ratings[main]
    return _put(changed, main, centre - reach, centre + reach, covariance)


def _bounded_by_clusters(
    rated: Rated,
    main: npt.NDArray[np.intp],
    grouped: GroupedCounts,
    method: Method,
    model: Likelihood,
    tie: float,
) -> Rated:
    """Return `rated` with the known ends of models outside the main group as wide as clusters leave them.

    Such an end is where a record of losses alone would still have a chance of 2.5 %. All losses by one voter, or on one
    prompt, are one loss there, shared out among the opponents they were to.
    """
    with_ties = model.ties and (method == "rao_kupper" or method == "davidson")
    chance = losing(method, tie) if with_ties else None  # type: ignore[arg-type]
    base = float(rated.ratings[main].mean())
    ratings = (rated.ratings[main] - base) / POINTS
    lower, upper = rated.lower.copy(), rated.upper.copy()
    for place in np.flatnonzero(rated.provisional).tolist():
        name = rated.names[place]
        if np.isfinite(upper[place]):
            lost = _one_each(grouped, name, rated, main, lost=True)
            end = highest_loser(lost, ratings) if chance is None else highest(lost, ratings, chance)
            upper[place] = max(upper[place], base + POINTS * end)
        if np.isfinite(lower[place]):
            won = _one_each(grouped, name, rated, main, lost=False)
            end = highest_loser(won, -ratings) if chance is None else highest(won, -ratings, chance)
            lower[place] = min(lower[place], base - POINTS * end)
    return replace(rated, lower=lower, upper=upper)


def _one_each(
    grouped: GroupedCounts, name: str, rated: Rated, main: npt.NDArray[np.intp], *, lost: bool
) -> Floats:
    """Return the losses (or wins) of a model to each of the main group, (main,), one in all for each cluster."""
    place = {rated.names[at]: i for i, at in enumerate(main.tolist())}
    code = np.array([place.get(one, -1) for one in grouped.names], dtype=np.intp)
    own = grouped.names.index(name)
    first, second = grouped.model_a == own, grouped.model_b == own
    other = np.where(first, code[grouped.model_b], code[grouped.model_a])
    kept = (first & (grouped.winner == (1 if lost else 0))) | (
        second & (grouped.winner == (0 if lost else 1))
    )
    kept &= other >= 0
    _, cluster = np.unique(grouped.group[kept], return_inverse=True)
    votes = grouped.votes[kept].astype(float)
    shares = votes / np.bincount(cluster, votes)[cluster] if votes.size else votes
    return np.bincount(other[kept], shares, len(main)).astype(np.float64)


def _blind(table: Paired) -> npt.NDArray[np.intp]:
    """Return the models whose votes all say the same (only ties, or only wins beside a prior).

    Their residuals show no spread, which is no knowledge; they vary as the model says, as in the intervals of a fit.
    """
    first, second = table.meetings.first, table.meetings.second
    kinds = np.zeros((table.meetings.size, 3), dtype=bool)
    for outcome, (of_first, of_second) in enumerate(((0, 1), (1, 0), (2, 2))):
        met = table.counts[:, outcome] > 0
        kinds[first[met], of_first] = kinds[second[met], of_second] = True
    return np.flatnonzero(kinds.sum(axis=1) < 2)


def _own(table: Paired, model: Likelihood, at: Point, prior: float) -> Floats:
    """Return the variances of centred ratings that the model itself gives, in log-odds squared."""
    size = len(at.ratings)
    centre = np.eye(size) - 1.0 / size
    inverse = np.linalg.inv(curvature(table, model, at, prior))[:size, :size]
    return np.asarray(np.diag(centre @ inverse @ centre))


def _drawn(
    rated: Rated,
    main: npt.NDArray[np.intp],
    votes: _Votes,
    model: Likelihood,
    at: Point,
    options: RatingOptions,
    anchor: int | None,
) -> Rated:
    rng = np.random.default_rng(options.seed)
    basis = f"{options.rounds:,} rounds of votes drawn anew (bootstrap)"
    if votes.rows is not None and options.cluster != "none":
        tables = bootstrap.clusters_anew(votes.rows, rng)
        number, kind = votes.rows.groups, options.cluster
        basis = (
            f"{options.rounds:,} rounds of {number:,} {kind}s drawn anew, each with all its votes (bootstrap)"
        )
        basis += _rough(number, kind)
    elif votes.rows is not None and votes.weighted:
        tables = bootstrap.weighted_votes_anew(votes.rows, rng)
    else:
        tables = bootstrap.votes_anew(votes.table, rng)
    found = bootstrap.draw(votes.table, model, at, tables, rounds=options.rounds, prior=options.prior)
    ratings, blind = found.ratings, _blind(votes.table)
    if votes.rows is not None and options.cluster != "none":
        widening = clustered.covariance(votes.rows, model, at, options.prior).widening
        ratings = at.ratings + (ratings - at.ratings) * widening
    own_spread = np.sqrt(_own(votes.table, model, at, options.prior)[blind])
    ratings[:, blind] += own_spread * rng.standard_normal((options.rounds, len(blind)))
    if anchor is not None:
        ratings = _less(ratings, ratings[:, anchor])
        ratings[:, anchor] = 0.0
        centre = float(rated.ratings[main][anchor])
    else:
        ratings = _less(ratings, ratings.mean(axis=1)) if options.prior else ratings - at.ratings.mean()
        centre = float(rated.ratings[main].mean())
    draws = np.full((options.rounds, len(rated.names)), np.nan)
    draws[:, main] = centre + POINTS * ratings
    lower, upper = bootstrap.ends(draws[:, main])
    changed = replace(rated, basis=basis, draws=draws)
    ties = found.tie[np.isfinite(found.tie)]
    if 2 * len(ties) >= options.rounds and (options.method == "rao_kupper" or options.method == "davidson"):
        reach = Z95 * float(ties.std(ddof=1))
        changed = replace(changed, parameters=strength(options.method, float(at.tie), reach))
    held = rated.ratings[main]
    covariance = bootstrap.covariance(draws[:, main])
    return _put(changed, main, np.minimum(lower, held), np.maximum(upper, held), covariance)


def _rough(clusters: int, kind: str) -> str:
    return f"; with so few {kind}s the intervals are rough themselves" if clusters < FEW_CLUSTERS else ""


def _less(ratings: Floats, reference: Floats) -> Floats:
    """Return ratings less a reference a round; infinity less infinity is not known."""
    with np.errstate(invalid="ignore"):
        return ratings - reference[:, None]


def _put(rated: Rated, main: npt.NDArray[np.intp], lower: Floats, upper: Floats, covariance: Floats) -> Rated:
    lowers, uppers = rated.lower.copy(), rated.upper.copy()
    lowers[main], uppers[main] = lower, upper
    whole = np.full_like(rated.covariance, np.nan)
    whole[np.ix_(main, main)] = covariance
    return replace(rated, lower=lowers, upper=uppers, covariance=whole)
