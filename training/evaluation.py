"""How well held-out pairs are told apart, with intervals, since held-out sets are small.

The margin of a pair is its reward of the chosen minus that of the rejected answer. A pair is right when its margin is
above zero; one of exactly zero counts half, which is what a coin would give (before DPO every margin is zero, since the
model still is its own reference).
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Figures on held-out pairs; `loss` is the mean of -log σ(margin), intervals are at 95 %."""

    pairs: int
    loss: float
    accuracy: float
    accuracy_lower: float
    accuracy_upper: float
    margin: float
    margin_lower: float
    margin_upper: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as stored."""
        return asdict(self)


def measure(margins: Sequence[float]) -> HeldOut:
    """Return accuracy, margin and loss of pairs with these margins.

    >>> measure([2.0, 1.0, -1.0, 0.0]).accuracy
    0.625
    """
    n = len(margins)
    right = sum(1.0 if m > 0 else 0.5 if m == 0 else 0.0 for m in margins)
    lower, upper = wilson(right, n)
    mean = sum(margins) / n
    spread = math.sqrt(sum((m - mean) ** 2 for m in margins) / (n - 1) / n) if n > 1 else math.inf
    return HeldOut(
        pairs=n,
        loss=sum(softplus(-m) for m in margins) / n,
        accuracy=right / n,
        accuracy_lower=lower,
        accuracy_upper=upper,
        margin=mean,
        margin_lower=mean - Z95 * spread,
        margin_upper=mean + Z95 * spread,
    )


def wilson(successes: float, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion (Wilson 1927); it stays sensible at 0, at 1 and for few pairs.

    >>> tuple(round(x, 3) for x in wilson(8, 10))
    (0.49, 0.943)
    """
    p = successes / n
    scale = 1 + Z95**2 / n
    centre = (p + Z95**2 / (2 * n)) / scale
    half = Z95 / scale * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def softplus(x: float) -> float:
    """Return log(1 + e^x) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
