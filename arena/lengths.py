"""How long chosen and rejected answers are: what a model trained on the pairs may learn instead of what was meant.

Lengths are characters of the assistant's words. They spread over powers of ten, so the bins do too.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.ratings.intervals import wilson
from arena.types import Message, Preference

BINS = 40
_LEAST = 1.0
_HELD = (0.005, 0.995)


@dataclass(frozen=True, slots=True)
class LengthSpread:
    """The lengths of one side, in characters: `counts` by bin, the median, and the quartiles around it."""

    counts: tuple[int, ...]
    median: float
    lower_quartile: float
    upper_quartile: float
    mean: float


@dataclass(frozen=True, slots=True)
class PairLengths:
    """Lengths of both sides of `pairs` pairs on one set of bins.

    The bins are even in the logarithm from `low` to `high` characters, which hold 99 of 100 answers; the few shorter
    and longer ones stand in the first and the last. `longer` is the share of the pairs of unequal
    length (`unequal`) whose chosen side is the longer one, with Wilson's 95 % interval; `None` where all are equal.
    """

    pairs: int
    low: float
    high: float
    chosen: LengthSpread
    rejected: LengthSpread
    unequal: int
    longer: float | None
    longer_lower: float | None
    longer_upper: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return asdict(self)


def measure(pairs: Sequence[Preference], *, bins: int = BINS) -> PairLengths | None:
    """Return how long the sides of `pairs` are, `None` without a pair."""
    chosen, rejected = (
        np.array([characters(getattr(pair, side)) for pair in pairs], dtype=np.int64)
        for side in ("chosen", "rejected")
    )
    return measure_lengths(chosen, rejected, bins=bins)


def measure_lengths(
    chosen: npt.NDArray[np.int64], rejected: npt.NDArray[np.int64], *, bins: int = BINS
) -> PairLengths | None:
    """Return the same from the characters of each side, shape (pairs,)."""
    pairs = len(chosen)
    if not pairs:
        return None
    low, high = np.quantile(np.concatenate([chosen, rejected]), _HELD, method="closest_observation").tolist()
    low = max(_LEAST, low)
    if not high > low:
        low, high = low / 2, low * 2
    edges = np.geomspace(low, high, bins + 1)
    unequal = int((chosen != rejected).sum())
    longer = float((chosen > rejected).sum()) / unequal if unequal else None
    lower, upper = wilson(longer, unequal) if longer is not None else (None, None)
    spreads = (_spread(chosen, edges), _spread(rejected, edges))
    return PairLengths(pairs, low, high, *spreads, unequal, longer, lower, upper)


def _spread(lengths: npt.NDArray[np.int64], edges: npt.NDArray[np.float64]) -> LengthSpread:
    counts, _ = np.histogram(np.clip(lengths, edges[0], edges[-1]), edges)
    lower, median, upper = np.quantile(lengths, [0.25, 0.5, 0.75]).tolist()
    return LengthSpread(tuple(counts.tolist()), median, lower, upper, float(lengths.mean()))


def characters(conversation: Sequence[Message]) -> int:
    """Return how many characters the assistant's messages have."""
    return sum(len(message.content) for message in conversation if message.role == "assistant")
