"""Which pair next: four ways to weigh pairs, each leaving every pair possible.

`active` is for arenas that want narrow intervals for few votes. The chance of a pair goes by how far one more vote on
it is expected to lower the mean width of the intervals. W.-L. Chiang et al., Chatbot Arena (arXiv 2403.04132), eq. 9,
draw in proportion to how far a vote lowers the error of the pair's own win rate; that spreads votes over pairs that
tell little (far-apart models) and leaves out what a vote tells about third models. Here the drop is that of all
intervals at once, from the covariance, and it is sharpened: drawn in proportion, a design settles between the uniform
and the best one; drawn by a high power, next to the best one (`docs/ratings.md` has the figures).
"""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from arena.pairing.standing import Standing, drops
from arena.ratings.rated import Floats

Policy = Literal["active", "new", "few", "uniform"]
"""By the expected drop of intervals; models with few votes first; pairs with few votes first; all pairs alike."""

POLICIES: tuple[Policy, ...] = get_args(Policy)

SHARPNESS = 16.0
"""The power of the expected drop by which active pairing draws."""

EXPLORING = 0.05
"""The share of battles that active pairing draws from all pairs alike, whatever it expects of them."""

NEW_UNTIL = 100
"""A model with fewer votes is new."""


def weights(
    policy: Policy,
    now: Standing,
    places: npt.NDArray[np.intp],
    wanted: npt.NDArray[np.intp] | None = None,
    trust: Floats | None = None,
) -> Floats:
    """Return the chance of each pair of the models at `places`, symmetric; those of the pairs i < j sum to 1.

    `wanted` are the models whose intervals matter (all, if absent). `trust` (models,) is 1 but for models that fail to
    answer: their pairs come so much less often, and others of models that answer instead. No pair's chance is zero.
    Shape (places, places), zero on the diagonal.
    """
    found = _chances(policy, now, places, wanted)
    reliable = np.ones(len(places)) if trust is None else trust[places]
    sure = np.flatnonzero(reliable >= 1.0)
    if 2 <= len(sure) < len(places):
        found = found * np.outer(reliable, reliable)
        rest = 1.0 - found.sum() / 2.0
        found[np.ix_(sure, sure)] += rest * _chances(policy, now, places[sure], wanted)
    if policy != "active":
        return found
    apart = 1.0 - np.eye(len(places))
    return (1.0 - EXPLORING) * found + EXPLORING * apart / (apart.sum() / 2.0)


def _chances(
    policy: Policy, now: Standing, places: npt.NDArray[np.intp], wanted: npt.NDArray[np.intp] | None
) -> Floats:
    """Return chances as if every model answered and nothing were left to exploration."""
    found = _raw(policy, now, places, wanted)[np.ix_(places, places)]
    np.fill_diagonal(found, 0.0)
    most, apart = float(found.max(initial=0.0)), 1.0 - np.eye(len(places))
    found = found / most + 1e-9 * apart if most > 0.0 else apart
    return np.asarray(found / (found.sum() / 2.0))


def _raw(
    policy: Policy, now: Standing, places: npt.NDArray[np.intp], wanted: npt.NDArray[np.intp] | None
) -> Floats:
    if policy == "uniform":
        return np.ones_like(now.votes)
    if policy == "few":
        return 1.0 / (1.0 + now.votes)
    if policy == "new":
        return _newest(now, places)
    found = drops(now, wanted)
    within = found[np.ix_(places, places)].max(initial=0.0)
    return (found / within) ** SHARPNESS if within > 0.0 else np.ones_like(found)


def _newest(now: Standing, places: npt.NDArray[np.intp]) -> Floats:
    """Return how much either model lacks of being known, times what a vote between them tells; else all alike."""
    missing = np.maximum(0.0, 1.0 - now.votes.sum(axis=1) / NEW_UNTIL)
    if not missing[places].any():
        return np.ones_like(now.votes)
    return np.maximum(missing[:, None], missing[None, :]) * 4.0 * now.uncertainty
