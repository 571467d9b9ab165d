"""Arenas to pair: models with known strengths and the votes between them."""

from collections.abc import Sequence

import numpy as np

from arena.types import ModelKind, ModelSpec, PairCount


def models(*names: str) -> list[ModelSpec]:
    return [ModelSpec(name, ModelKind.ENDPOINT) for name in names]


def names(number: int) -> tuple[str, ...]:
    return tuple(f"m{i:03d}" for i in range(number))


def voted(
    strengths: Sequence[float], votes: np.ndarray, rng: np.random.Generator, *, ties: float = 0.0
) -> list[PairCount]:
    """Draw votes between models of these strengths (log-odds), `votes[i, j]` of them for each i < j.

    `ties` is the share of ties between equals; a tie takes as much from wins as from losses.
    """
    called, counts = names(len(strengths)), []
    for i, j in zip(*np.triu_indices(len(strengths), 1), strict=True):
        p = 1.0 / (1.0 + np.exp(strengths[j] - strengths[i]))
        t = ties * 4.0 * p * (1.0 - p)
        won, lost, tied = rng.multinomial(int(votes[i, j]), [p - t / 2, 1.0 - p - t / 2, t]).tolist()
        if won + lost + tied:
            counts.append(PairCount(called[i], called[j], won, lost, tied, 0))
    return counts


def expected(strengths: Sequence[float], votes: np.ndarray) -> list[PairCount]:
    """Return counts whose fit is as near to these strengths as whole votes allow; many votes make it close."""
    called, counts = names(len(strengths)), []
    for i, j in zip(*np.triu_indices(len(strengths), 1), strict=True):
        n = int(votes[i, j])
        won = round(n / (1.0 + np.exp(strengths[j] - strengths[i])))
        if n:
            counts.append(PairCount(called[i], called[j], won, n - won, 0, 0))
    return counts
