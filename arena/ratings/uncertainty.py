"""From ratings to how sure they are: the intervals that options ask for, in the place of those a fit came with.

A fit's own intervals take each vote by itself. Votes on one prompt, or by one voter, resemble each other; then the
same number of votes says less, and clustered intervals are the ones to believe. All of it works on any model of
preference that is a likelihood of counts (`likelihood.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import bootstrap, clustered
from arena.ratings.grouped import GroupedCounts
from arena.ratings.intervals import Z95
from arena.ratings.likelihood import LIKELIHOODS, Likelihood
from arena.ratings.options import RatingOptions
from arena.ratings.paired import Paired, Rows, paired, rows
from arena.ratings.rated import POINTS, Rated
from arena.ratings.refit import Point, curvature, settle
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
    ratings = (rated.ratings[main] - rated.ratings[main].mean()) / POINTS
    at = settle(votes.table, model, Point(ratings, np.array(0.5)), options.prior)
    anchor = names.index(options.anchor) if options.anchor in names else None
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
    covariance = _wide_where_blind(found.covariance[:size, :size], votes.table, model, at, options.prior)
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
    if found.clusters < FEW_CLUSTERS:
        basis += f"; with so few {kind}s the intervals are rough themselves"
    notes = list(rated.notes)
    for place in main[alone].tolist():
        notes[place] = notes[place] or ALONE.format(cluster=kind)
    centre = rated.ratings[main]
    return _put(
        replace(rated, basis=basis, notes=tuple(notes)), main, centre - reach, centre + reach, covariance
    )


def _wide_where_blind(
    covariance: Floats, table: Paired, model: Likelihood, at: Point, prior: float
) -> Floats:
    """Return the covariance with the model's own variance where all votes on a model say the same (only ties).

    There residuals are 0, which is no knowledge; a tie then counts as a coin toss, as in the intervals of a fit.
    """
    size = len(at.ratings)
    inverse = np.linalg.inv(curvature(table, model, at, prior))[:size, :size]
    own = np.diag(inverse - inverse.mean(axis=0))
    blind = np.flatnonzero(np.diag(covariance) < 1e-10 * own)
    covariance = covariance.copy()
    covariance[blind, blind] = own[blind]
    return covariance


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
        if number < FEW_CLUSTERS:
            basis += f"; with so few {kind}s the intervals are rough themselves"
    elif votes.rows is not None and votes.weighted:
        tables = bootstrap.weighted_votes_anew(votes.rows, rng)
    else:
        tables = bootstrap.votes_anew(votes.table, rng)
    found = bootstrap.draw(votes.table, model, at, tables, rounds=options.rounds, prior=options.prior)
    ratings = found.ratings - at.ratings.mean()
    if anchor is not None:
        ratings = _less(found.ratings, found.ratings[:, anchor])
        ratings[:, anchor] = 0.0
        centre = float(rated.ratings[main][anchor])
    elif options.prior:
        ratings, centre = _less(found.ratings, found.ratings.mean(axis=1)), float(rated.ratings[main].mean())
    else:
        centre = float(rated.ratings[main].mean())
    draws = np.full((options.rounds, len(rated.names)), np.nan)
    draws[:, main] = centre + POINTS * ratings
    lower, upper = bootstrap.ends(draws[:, main])
    own = rated.ratings[main]
    put = _put(
        replace(rated, basis=basis, draws=draws),
        main,
        np.minimum(lower, own),
        np.maximum(upper, own),
        bootstrap.covariance(draws[:, main]),
    )
    return put


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
