"""The benchmark of ratings says what it can measure, and its homes hold what they say."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_an_unknown_part_is_refused_with_the_known_ones(tmp_path):
    command = [
        sys.executable,
        str(BENCHMARKS / "ratings.py"),
        "--only",
        "nothing",
        "--homes",
        str(tmp_path / "homes"),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert ran.returncode == 2 and "counts, elo, bootstrap, refresh" in ran.stderr
    assert not (tmp_path / "homes").exists()


@pytest.mark.slow
def test_a_home_to_measure_has_its_votes_and_some_corrected_ones(tmp_path):
    home = tmp_path / "home"
    command = [
        sys.executable,
        "-P",
        str(BENCHMARKS / "ratings_home.py"),
        str(home),
        "--votes",
        "5000",
        "--models",
        "20",
    ]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=300)
    with duckdb.connect(str(home / "workbench.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM standing_votes").fetchall() == [(5000,)]
        assert con.execute("SELECT count(*) FROM votes WHERE revision > 0").fetchall() == [(5,)]
        assert con.execute("SELECT count(DISTINCT model_a) FROM votes").fetchall() == [(20,)]
