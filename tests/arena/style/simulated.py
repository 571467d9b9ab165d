"""Votes whose style decides by a known amount."""

from collections.abc import Sequence

import numpy as np

from arena.style.features import FEATURES, differences
from arena.style.rows import Key, StyleRows

LENGTH = next(place for place, feature in enumerate(FEATURES) if feature.name == "tokens")


def styled(
    ratings: Sequence[float],
    weight: float,
    number: int,
    rng: np.random.Generator,
    *,
    verbose: Sequence[float] | None = None,
    tie_share: float = 0.2,
) -> StyleRows:
    """Votes between models of these strengths, each answer as long as its model is `verbose` (1 each) and chance says.

    `weight` is what the difference in length adds to the log-odds, unscaled; both are in log-odds.
    """
    size = len(ratings)
    a = rng.integers(0, size, number).astype(np.int32)
    b = ((a + 1 + rng.integers(0, size - 1, number)) % size).astype(np.int32)
    long = np.asarray(verbose if verbose is not None else np.ones(size))
    style_a, style_b = (rng.poisson(3.0, (number, len(FEATURES))).astype(float) for _ in range(2))
    for style, model in ((style_a, a), (style_b, b)):
        style[:, LENGTH] = np.ceil(100.0 * long[model] * rng.lognormal(0.0, 0.5, number))
    strength = np.asarray(ratings)
    odds = strength[a] - strength[b] + weight * differences(style_a, style_b)[:, LENGTH]
    p = 1.0 / (1.0 + np.exp(-odds))
    tie = tie_share * 2.0 * np.minimum(p, 1.0 - p)
    drawn = rng.random(number)
    winner = np.where(
        drawn < p - tie / 2.0, 0, np.where(drawn < 1.0 - tie / 2.0 - (1.0 - p - tie / 2.0), 2, 1)
    )
    return StyleRows(
        names=tuple(f"m{place}" for place in range(size)),
        model_a=a,
        model_b=b,
        winner=winner.astype(np.int8),
        votes=np.ones(number, dtype=np.int64),
        style_a=style_a,
        style_b=style_b,
    )


def keyed(rows: StyleRows, code: np.ndarray) -> StyleRows:
    """The same votes, cast by the voters that `code` numbers."""
    from dataclasses import replace

    names = tuple(f"human:v{place}" for place in range(int(code.max()) + 1))
    return replace(rows, keys={"voter": Key(names, code.astype(np.int32))})
