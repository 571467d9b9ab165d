"""Ratings held to a named model: it stands where it is told to, and all others are as sure as their distance to it.

The centre of a board is the mean of its models, so a rating's interval says how sure it is against the average. Against
an anchor another question is answered: the interval of a model is that of its distance to the anchor, and the
anchor itself has none.
"""

from dataclasses import replace

import numpy as np

from arena.errors import InvalidInput
from arena.ratings.intervals import Z95
from arena.ratings.rated import Floats, Rated


def anchored(rated: Rated, anchor: str, at: float) -> Rated:
    """Return `rated` moved so that `anchor` stands at `at`, with the covariance of distances to it.

    With `A = I - 1 e'`, e the anchor's unit vector, the covariance becomes `A V A'`. An interval that was wider than
    its covariance says (only ties) keeps its share of that; one that is not symmetric (a bootstrap's) keeps its shape.

    Raises:
        InvalidInput: the anchor has no vote here, or no rating in common with the others.
    """
    if anchor not in rated.names:
        raise InvalidInput(f"The anchor {anchor!r} has no vote among these: choose a model that has.")
    place = rated.names.index(anchor)
    if rated.provisional[place]:
        raise InvalidInput(
            f"The anchor {anchor!r} cannot hold the others: {_lowered(rated.notes[place])} "
            "Choose one with wins and losses."
        )
    moved = at - float(rated.ratings[place])
    covariance = _about(rated.covariance, place)
    ratings = rated.ratings + moved
    widen = _widening(rated, covariance, place)
    lower = np.where(np.isfinite(rated.lower), ratings - (rated.ratings - rated.lower) * widen, -np.inf)
    upper = np.where(np.isfinite(rated.upper), ratings + (rated.upper - rated.ratings) * widen, np.inf)
    ratings[place] = lower[place] = upper[place] = at
    draws = None if rated.draws is None else rated.draws - rated.draws[:, place, None] + at
    return replace(rated, ratings=ratings, lower=lower, upper=upper, covariance=covariance, draws=draws)


def _about(covariance: Floats, place: int) -> Floats:
    """Return the covariance of the distances to the model at `place`; NaN rows and columns stay so."""
    to_anchor = covariance[:, place]
    found = covariance - to_anchor[:, None] - to_anchor[None, :] + covariance[place, place]
    known = np.isfinite(to_anchor)
    found[place, known] = found[known, place] = 0.0
    return found


def _widening(rated: Rated, covariance: Floats, place: int) -> Floats:
    """Return by what each half of an interval grows, (models,); 1 outside the main group."""
    before, after = np.diag(rated.covariance), np.diag(covariance)
    half = np.where(
        np.isfinite(rated.lower) & np.isfinite(rated.upper), (rated.upper - rated.lower) / 2.0, 0.0
    )
    own = half[place]
    known = np.isfinite(before) & np.isfinite(after) & ~rated.provisional
    grown = np.ones(len(half))
    sure = known & (Z95**2 * before > (0.01 * half) ** 2)
    grown[sure] = np.sqrt(np.maximum(after[sure], 0.0) / before[sure])
    flat = known & ~sure & (half > 0)
    grown[flat] = np.sqrt(half[flat] ** 2 + own**2) / half[flat]
    return grown


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:] if sentence else "it is outside the main group."
