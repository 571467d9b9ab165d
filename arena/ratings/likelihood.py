"""What one vote says of the distance between two models, under each model of preference.

Every model here is a likelihood of three outcomes (the first wins, the second wins, neither) in the distance
`d = r_first - r_second` in log-odds and at most one number more: how easily people call it a tie. So clusters,
bootstraps and refits are written once for all of them, on counts of pairs and outcomes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from arena.ratings.options import Method

Floats = npt.NDArray[np.float64]
Three = tuple[Floats, Floats, Floats]
"""A value for each outcome: the first wins, the second wins, neither."""

_LEAST_TIE = -20.0
_MOST_TIE = 30.0


class Likelihood(Protocol):
    """A model of preference; `d` is of any shape, `tie` its number for ties, of a shape that broadcasts to it."""

    @property
    def ties(self) -> bool:
        """Whether the number for ties is fitted."""

    def scores(self, d: Floats, tie: Floats) -> tuple[Three, Three]:
        """Return the derivatives of the log-likelihood of one vote by `d` and by `tie`, for each outcome."""

    def pull(
        self, first: Floats, second: Floats, neither: Floats, d: Floats, tie: Floats
    ) -> tuple[Floats, Floats]:
        """Return the two derivatives summed over so many votes of each outcome."""

    def curvature(self, first: Floats, second: Floats, neither: Floats, d: Floats, tie: Floats) -> Three:
        """Return minus the second derivatives, summed likewise: by `d` twice, by `d` and `tie`, by `tie` twice."""

    def moved(self, tie: Floats, step: Floats) -> Floats:
        """Return the number for ties after a step, within its range."""


def _chance(d: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(np.minimum(-d, 700.0)))


@dataclass(frozen=True, slots=True)
class TiesAsHalf:
    """Bradley-Terry: a tie is half a win and half a loss."""

    ties: bool = False

    def scores(self, d: Floats, tie: Floats) -> tuple[Three, Three]:
        """Return `y - p` for y = 1, 0 and 0.5."""
        p, none = _chance(d), np.zeros_like(d)
        return (1.0 - p, -p, 0.5 - p), (none, none, none)

    def pull(
        self, first: Floats, second: Floats, neither: Floats, d: Floats, tie: Floats
    ) -> tuple[Floats, Floats]:
        """Return points taken less points expected."""
        p = _chance(d)
        return first * (1.0 - p) - second * p + neither * (0.5 - p), np.zeros_like(d)

    def curvature(self, first: Floats, second: Floats, neither: Floats, d: Floats, tie: Floats) -> Three:
        """Return `p (1 - p)` a vote."""
        p, none = _chance(d), np.zeros_like(d)
        return (first + second + neither) * p * (1.0 - p), none, none

    def moved(self, tie: Floats, step: Floats) -> Floats:
        """Return `tie`, which says nothing here."""
        return tie


@dataclass(frozen=True, slots=True)
class Davidson:
    """`P(first) : P(second) : P(tie) = exp(d / 2) : exp(-d / 2) : exp(tie)` (R. Davidson, JASA 65, 1970)."""

    ties: bool = True

    def scores(self, d: Floats, tie: Floats) -> tuple[Three, Three]:
        """Return the derivatives of `d / 2`, `-d / 2` and `tie`, each less that of the log of their sum."""
        first, second, neither = self._shares(d, tie)
        lead = (first - second) / 2.0
        return (0.5 - lead, -0.5 - lead, -lead), (-neither, -neither, 1.0 - neither)

    def pull(
        self, first: Floats, second: Floats, neither: Floats, d: Floats, tie: Floats
    ) -> tuple[Floats, Floats]:
        """Return half the wins less half the losses, and the ties, each less what is expected of them."""
        p, q, t = self._shares(d, tie)
        votes = first + second + neither
        return (first - second - votes * (p - q)) / 2.0, neither - votes * t

    def curvature(self, first: Floats, second: Floats, neither: Floats, d: Floats, tie: Floats) -> Three:
        """Return the variances of the lead and of a tie, and their covariance, a vote."""
        p, q, t = self._shares(d, tie)
        votes = first + second + neither
        return votes * (p + q - (p - q) ** 2) / 4.0, -votes * t * (p - q) / 2.0, votes * t * (1.0 - t)

    def moved(self, tie: Floats, step: Floats) -> Floats:
        """Return the sum, held between where ties no longer happen and where nothing else does."""
        return np.clip(tie + np.clip(step, -4.0, 4.0), _LEAST_TIE, _MOST_TIE)

    def _shares(self, d: Floats, tie: Floats) -> Three:
        most = np.maximum(np.abs(d) / 2.0, tie)
        first, second, neither = np.exp(d / 2.0 - most), np.exp(-d / 2.0 - most), np.exp(tie - most)
        total = first + second + neither
        return first / total, second / total, neither / total


@dataclass(frozen=True, slots=True)
class RaoKupper:
    """`P(first) = 1 / (1 + exp(tie - d))`, likewise for the second; a tie is the rest.

    P. Rao, L. Kupper, Ties in Paired-Comparison Experiments, JASA 62, 1967.
    `tie` > 0 is the log of their theta: the distance that a voter does not notice.
    """

    ties: bool = True

    def scores(self, d: Floats, tie: Floats) -> tuple[Three, Three]:
        """Return the derivatives of the logs of the three chances; a tie's is `(exp(2 tie) - 1) p q`."""
        p, q = _chance(d - tie), _chance(-d - tie)
        wider = -2.0 / np.expm1(-2.0 * tie)
        return (1.0 - p, q - 1.0, q - p), (p - 1.0, q - 1.0, wider - 2.0 + p + q)

    def pull(
        self, first: Floats, second: Floats, neither: Floats, d: Floats, tie: Floats
    ) -> tuple[Floats, Floats]:
        """Return the sums of the derivatives."""
        p, q = _chance(d - tie), _chance(-d - tie)
        won, lost = (first + neither) * (1.0 - p), (second + neither) * (1.0 - q)
        return won - lost, -neither * 2.0 / np.expm1(-2.0 * tie) - won - lost

    def curvature(self, first: Floats, second: Floats, neither: Floats, d: Floats, tie: Floats) -> Three:
        """Return the sums of minus the second derivatives."""
        p, q = _chance(d - tie), _chance(-d - tie)
        one, other = (first + neither) * p * (1.0 - p), (second + neither) * q * (1.0 - q)
        wider = neither / np.sinh(np.minimum(tie, 300.0)) ** 2
        return one + other, other - one, one + other + wider

    def moved(self, tie: Floats, step: Floats) -> Floats:
        """Return the sum, held above a third of what it was: it stays above 0."""
        return np.clip(tie + np.minimum(step, 2.0), np.maximum(tie / 3.0, 1e-9), _MOST_TIE)


LIKELIHOODS: Mapping[Method, Likelihood] = {
    "bt": TiesAsHalf(),
    "davidson": Davidson(),
    "rao_kupper": RaoKupper(),
}
"""The methods that are likelihoods of counts."""
