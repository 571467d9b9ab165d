"""Between which ranks a model lies: from intervals, and from what is known of all its differences at once.

Intervals that do not overlap are a rough sign of a difference: they ignore that ratings move together, and nothing
bounds how often a whole rank interval is wrong. The joint one does: with 95 % the true rank of a model lies in it,
however many models there are and however close they are (M. Mogstad, J. Romano, A. Shaikh, D. Wilhelm, Inference for
Ranks, Review of Economic Studies 91, 2024, the marginal set). Percentiles of ranks over a bootstrap's rounds do not:
where models are equal they hold the truth far less often, since every round repeats the order of the estimate.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

DRAWS = 1_000
"""So many times differences are drawn to find how large the largest of them gets by chance."""

LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """The best and the worst rank of each model, 1 the highest rating; shapes (models,)."""

    best: Places
    worst: Places


def of_intervals(lower: Floats, upper: Floats) -> Ranks:
    """Return 1 + the models whose lower end lies above a model's upper end, and likewise from below."""
    above = len(lower) - np.searchsorted(np.sort(lower), upper, side="right")
    below = np.searchsorted(np.sort(upper), lower, side="left")
    return Ranks(1 + above, len(lower) - below)


def joint(ratings: Floats, covariance: Floats, rng: np.random.Generator) -> Ranks:
    """Return rank intervals that hold each model's true rank with 95 %, from normal ratings of this covariance.

    A model's differences from all others are compared with the largest of them that chance alone would give:
    `max over k of |d_k* - d_k| / se_k` over draws of the ratings, its 95 % point in the place of 1.96. Once some are
    sure, the largest of the others is what counts (step by step, J. Romano, M. Wolf, Econometrica 73, 2005).
    """
    size = len(ratings)
    errors = normal(covariance, DRAWS, rng)
    variance = np.diag(covariance)
    best, worst = np.ones(size, dtype=np.intp), np.full(size, size, dtype=np.intp)
    for model in range(size):
        spread = np.sqrt(np.maximum(variance + variance[model] - 2.0 * covariance[model], 0.0))
        others = np.flatnonzero(spread > 1e-9 * (1.0 + spread.max()))
        by_chance = np.abs((errors[:, others] - errors[:, [model]]) / spread[others])
        ahead = (ratings[others] - ratings[model]) / spread[others]
        sure = _sure(np.abs(ahead), by_chance)
        best[model] = 1 + (sure & (ahead > 0)).sum()
        worst[model] = size - (sure & (ahead < 0)).sum()
    return Ranks(best, worst)


def _sure(sizes: Floats, by_chance: Floats) -> npt.NDArray[np.bool_]:
    """Return which of the `sizes` (differences,) chance does not explain; `by_chance` is (draws, differences)."""
    sure = np.zeros(len(sizes), dtype=bool)
    while not sure.all():
        reach = np.quantile(by_chance[:, ~sure].max(axis=1), LEVEL)
        more = ~sure & (sizes > reach)
        if not more.any():
            break
        sure |= more
    return sure


def normal(covariance: Floats, number: int, rng: np.random.Generator) -> Floats:
    """Return draws (number, models) of mean 0 with a covariance that may be singular."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    found: Floats = rng.standard_normal((number, len(covariance))) @ root.T
    return found
