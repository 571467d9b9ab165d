"""LLMFAO as arena-rank 0.1.1 rates it; `benchmarks/sandwich_reference.py` asked it and wrote down the answer."""

import json
from pathlib import Path

import numpy as np
import pytest

from arena.ratings import bradley_terry, columns
from tests.arena.ratings.arenas import llmfao

SAID = json.loads(Path(__file__).with_name("arena_rank.json").read_text())


def said(setting, names):
    """Ratings of mean 1000, and half widths of the intervals."""
    table = np.array([SAID[setting][name] for name in names])
    return table[:, 0] - table[:, 0].mean() + 1000.0, (table[:, 2] - table[:, 1]) / 2.0


@pytest.fixture(scope="module")
def fitted():
    return bradley_terry.fit(columns.pair_counts(llmfao()))


def test_ratings_are_those_of_arena_rank(fitted):
    assert set(fitted.names) == set(SAID["small_ridge"])
    np.testing.assert_allclose(fitted.ratings, said("small_ridge", fitted.names)[0], rtol=1e-9)


def test_intervals_are_those_of_arena_rank_without_its_ridge(fitted):
    small, twice = (said(name, fitted.names)[1] for name in ("small_ridge", "twice_the_ridge"))
    half = (fitted.upper - fitted.lower) / 2.0
    np.testing.assert_allclose(half, 2.0 * small - twice, rtol=1e-6)


def test_its_ridge_narrows_intervals_by_less_than_half_a_percent(fitted):
    ratings, narrow = said("as_it_comes", fitted.names)
    half = (fitted.upper - fitted.lower) / 2.0
    np.testing.assert_allclose(fitted.ratings, ratings, rtol=2e-5)
    assert (narrow < half).all() and (narrow > 0.995 * half).all()
