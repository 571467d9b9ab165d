"""How sure a figure is: the sandwich covariance from counts, bounds for one-sided models, and shares."""

from math import log, sqrt

import numpy as np
import numpy.typing as npt

from arena.ratings import positive
from arena.ratings.tally import Tally

Floats = npt.NDArray[np.float64]

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

TAIL = 0.025
"""The chance beyond one end of a 95 % interval."""


def wilson(share: float, trials: float, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of a `share` of `trials` (E. B. Wilson, JASA 22, 1927); `trials` need not be whole.

    It stays sensible at 0, at 1 and for few trials.
    """
    scale = 1.0 + z * z / trials
    centre = (share + z * z / (2.0 * trials)) / scale
    reach = z / scale * sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials))
    return max(0.0, min(share, centre - reach)), min(1.0, max(share, centre + reach))


def chances(ratings: Floats) -> Floats:
    """Return P(row beats column), shape (models, models), for `ratings` (models,) in log-odds.

    Small chances keep their relative precision, so that the transpose is the chance to lose.
    """
    odds_against = np.exp(np.minimum(ratings[None, :] - ratings[:, None], 700.0))
    return 1.0 / (1.0 + odds_against)


def laplacian(weights: Floats) -> Floats:
    """Return `sum of weights[i, j] (e_i - e_j)(e_i - e_j)'` over pairs i < j of a symmetric matrix."""
    return np.diag(weights.sum(axis=1)) - weights


def invert(graph: Floats) -> Floats:
    """Return the pseudo-inverse of a connected graph's Laplacian: its inverse among vectors of sum zero."""
    mean = np.full_like(graph, 1.0 / len(graph))
    return positive.inverse(graph + mean) - mean


def bread(weights: Floats, p: Floats) -> Floats:
    """Return the Hessian `H = sum over votes of w p (1 - p) (e_a - e_b)(e_a - e_b)'`.

    `p` are the `chances` at the ratings. `weights` sums w over the votes of each pair, symmetric. A tie is one vote
    with outcome 0.5, so it adds to H as much as a decisive vote; the same as two rows of half weight, one each way.
    """
    return laplacian(weights * p * p.T)


def sandwich(wins: Floats, ties: Floats, ratings: Floats) -> Floats:
    """Return the covariance `H^-1 S H^-1` of centred ratings, (models, models), in log-odds squared.

    `wins[i, j]` counts i over j, `ties` is symmetric. `S = sum over votes of (y - p)^2 (e_a - e_b)(e_a - e_b)'`
    with y = 1, 0 or 0.5: per pair `wins_ab (1 - p)^2 + wins_ba p^2 + ties (0.5 - p)^2`. It stays right where the
    model is not: ties make votes less variable than coin tosses. P. Huber (1967), H. White (1982); used for
    arenas in arXiv 2403.04132. The ratings must be the maximum of the likelihood and their graph connected.
    """
    p = chances(ratings)
    return sandwich_of(wins + wins.T + ties, Tally((), wins, ties).squares(p), p)


def sandwich_of(weights: Floats, squares: Floats, p: Floats) -> Floats:
    """Return `H^-1 S H^-1` from sums over the votes of each pair: weights `w`, and squares `(w (y - p))^2`.

    Both are symmetric, shape (models, models), `p` the `chances` at the maximum; see `sandwich`, of which this is the
    weighted form.
    """
    inverse = invert(bread(weights, p))
    return inverse @ laplacian(squares) @ inverse


def highest_loser(losses: Floats, opponents: Floats) -> float:
    """Return the rating at which losing all of `losses` (per opponent) still has a chance of `TAIL`.

    `opponents` are their ratings, taken as known, all in log-odds. It is the upper Clopper-Pearson end when all
    opponents are equal; inf without a loss. The lowest rating of an unbeaten model is minus this of negated ratings.
    """
    if not losses.sum():
        return float("inf")
    low, high = float(opponents.min()) - 50.0, float(opponents.max()) + 50.0
    for _ in range(100):
        middle = (low + high) / 2.0
        chance = -float(losses @ np.logaddexp(0.0, middle - opponents))
        low, high = (middle, high) if chance > log(TAIL) else (low, middle)
    return (low + high) / 2.0
