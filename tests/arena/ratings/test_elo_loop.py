"""The compiled loops of Elo do what the plain ones do, and are compiled for long histories only."""

import subprocess
import sys

import numpy as np
import pytest

from arena.ratings import elo, elo_loop
from tests.arena.ratings.arenas import simulated


@pytest.mark.slow
def test_a_compiled_loop_gives_the_ratings_of_the_plain_one(monkeypatch):
    table = simulated(np.linspace(-1, 1, 12), 3000, np.random.default_rng(3))
    plain = elo.intervals(table, np.random.default_rng(7), rounds=50)
    monkeypatch.setattr(elo_loop, "LONG", 1)
    compiled = elo.intervals(table, np.random.default_rng(7), rounds=50)
    np.testing.assert_allclose(compiled.ratings, plain.ratings, rtol=1e-12)
    np.testing.assert_allclose(compiled.draws, plain.draws, rtol=1e-12)


def test_votes_are_drawn_as_often_as_by_chance_with_replacement():
    drawn = elo._POISSON.astype(float)
    assert drawn.mean() == pytest.approx(1.0, abs=2e-5)
    assert drawn.var() == pytest.approx(1.0, abs=1e-4)
    assert (drawn == 0).mean() == pytest.approx(np.exp(-1.0), abs=1e-5)


def test_short_histories_do_without_the_compiler():
    code = (
        "import sys, numpy as np; from arena.ratings import elo, columns; from arena.types import Winner;"
        "elo.intervals(columns.from_votes([('a', 'b', Winner.TIE)] * 500), np.random.default_rng(0));"
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
