"""Arenas to rate: drawn by hypothesis, simulated with known strengths, and the real votes of LLMFAO."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from arena.ratings import columns
from arena.types import OUTCOMES, PairCount, VoteColumns, Winner

LLMFAO = Path(__file__).parents[4] / "shared" / "data" / "llmfao" / "crowd-comparisons.csv"

Votes = list[tuple[str, str, Winner]]


@st.composite
def votes(draw: st.DrawFn, models: int = 6, most: int = 60) -> Votes:
    """Any votes at all between a few models: sparse, one-sided, in several pieces."""
    names = [f"m{i}" for i in range(draw(st.integers(2, models)))]
    pair = st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True)
    rows = draw(st.lists(st.tuples(pair, st.sampled_from(OUTCOMES)), min_size=1, max_size=most))
    return [(a, b, winner) for (a, b), winner in rows]


@st.composite
def connected_votes(draw: st.DrawFn, models: int = 6, most: int = 60) -> Votes:
    """Votes in which each model takes a point from the next around a ring, so that all ratings are finite."""
    rows = draw(votes(models, most))
    names = sorted({name for a, b, _ in rows for name in (a, b)})
    ring = [(a, b, Winner.MODEL_A) for a, b in zip(names, names[1:] + names[:1], strict=True) if a != b]
    return rows + ring


def simulated(
    ratings: Sequence[float], number: int, rng: np.random.Generator, *, tie_share: float = 0.2
) -> VoteColumns:
    """Votes between random pairs of models with these strengths (log-odds).

    A tie takes as much from the wins as from the losses, so the expected score is what Bradley-Terry says, ties
    included: between equals `tie_share` of the votes are ties, between unequals fewer.
    """
    size = len(ratings)
    a = rng.integers(0, size, number).astype(np.int32)
    b = ((a + 1 + rng.integers(0, size - 1, number)) % size).astype(np.int32)
    strength = np.asarray(ratings)
    p = 1.0 / (1.0 + np.exp(strength[b] - strength[a]))
    tie = tie_share * 2.0 * np.minimum(p, 1.0 - p)
    drawn = rng.random(number)
    winner = np.where(drawn < tie, 2, np.where(drawn < tie + p - tie / 2.0, 0, 1)).astype(np.int8)
    return VoteColumns(tuple(f"m{i:02d}" for i in range(size)), a, b, winner)


def swapped(count: PairCount) -> PairCount:
    """The same votes, seen from the other side."""
    return PairCount(count.model_b, count.model_a, count.wins_b, count.wins_a, count.ties, count.both_bad)


def llmfao() -> VoteColumns:
    """The 8,931 human votes of LLMFAO, in file order; skips the test where the data are absent."""
    if not LLMFAO.is_file():
        pytest.skip("the LLMFAO votes are not here (../shared/data/llmfao)")
    winner = {"left": Winner.MODEL_A, "right": Winner.MODEL_B, "tie": Winner.TIE}
    with LLMFAO.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return columns.from_votes((row["left"], row["right"], winner[row["winner"]]) for row in rows)
