"""Texts for benchmarks whose lengths differ as those of answers do: most short, a few long."""

import numpy as np
from metrics_rouge import make_pairs


def make_texts(number: int, rng: np.random.Generator, *, median: float, longest: int) -> list[str]:
    """Return texts of made words that look like English, their lengths in words log-normal about `median`."""
    lengths = np.clip(rng.lognormal(np.log(median), 0.8, number), 3, longest).astype(int)
    pool = " ".join(make_pairs(max(40, int(lengths.sum()) // 50), rng)[0]).split()
    begins = rng.integers(0, max(1, len(pool) - longest), number)
    return [" ".join(pool[begin : begin + length]) for begin, length in zip(begins, lengths, strict=True)]
