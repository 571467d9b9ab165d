"""How well held-out pairs are told apart, with intervals, since held-out sets are small.

The margin of a pair is its reward of the chosen minus that of the rejected answer. A pair is right when its margin is
above zero; one of exactly zero counts half, which is what a coin would give (before DPO every margin is zero, since the
model still is its own reference).

Pairs on one prompt resemble each other and tell less than as many on prompts of their own. The intervals take that in:
variances are summed by prompt (the cluster sandwich, Liang and Zeger 1986), and accuracy's Wilson interval is that of
the number of independent pairs with the same variance.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from arena.ratings.intervals import Z95, wilson


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Figures on held-out pairs; `loss` is the mean of -log σ(margin), intervals are at 95 %, clustered by prompt."""

    pairs: int
    prompts: int
    loss: float
    accuracy: float
    accuracy_lower: float
    accuracy_upper: float
    margin: float
    margin_lower: float | None
    margin_upper: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as stored."""
        return asdict(self)


def measure(margins: Sequence[float], prompts: Sequence[str]) -> HeldOut:
    """Return accuracy, margin and loss of pairs with these margins, on these prompts.

    >>> measure([2.0, 1.0, -1.0, 0.0], ["a", "b", "c", "d"]).accuracy
    0.625
    """
    n = len(margins)
    right = [1.0 if m > 0 else 0.5 if m == 0 else 0.0 for m in margins]
    accuracy, margin = sum(right) / n, sum(margins) / n
    lower, upper = wilson(accuracy, independent_pairs(right, prompts))
    error = math.sqrt(clustered_variance(margins, prompts))
    return HeldOut(
        pairs=n,
        prompts=len(set(prompts)),
        loss=sum(softplus(-m) for m in margins) / n,
        accuracy=accuracy,
        accuracy_lower=lower,
        accuracy_upper=upper,
        margin=margin,
        margin_lower=margin - Z95 * error if math.isfinite(error) else None,
        margin_upper=margin + Z95 * error if math.isfinite(error) else None,
    )


def clustered_variance(values: Sequence[float], clusters: Sequence[str]) -> float:
    """Return the variance of the mean of `values` when those of one cluster may move together; infinite for one."""
    mean = sum(values) / len(values)
    sums: defaultdict[str, float] = defaultdict(float)
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] += value - mean
    count = len(sums)
    if count < 2:
        return math.inf
    return sum(s**2 for s in sums.values()) / len(values) ** 2 * count / (count - 1)


def independent_pairs(right: Sequence[float], prompts: Sequence[str]) -> float:
    """Return how many independent pairs would give accuracy the variance it has, from 1 to the number of pairs.

    Where the pairs show no variance (all right, or all wrong) the number of prompts stands in for it.
    """
    accuracy = sum(right) / len(right)
    alone = accuracy * (1 - accuracy)
    together = clustered_variance(right, prompts)
    if together == 0 or alone == 0:
        return float(len(set(prompts)))
    return max(1.0, min(float(len(right)), alone / together))


def softplus(x: float) -> float:
    """Return log(1 + e^x) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
