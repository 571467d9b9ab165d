"""The study of pairing: active pairing with the stop rule comes close to the fewest votes that any allocation needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "pairing.py"


@pytest.mark.slow
def test_active_pairing_needs_hardly_more_votes_than_the_best_allocation(tmp_path):
    out, picture = tmp_path / "pairing.json", tmp_path / "pairing.svg"
    command = [sys.executable, str(SCRIPT), "--quick", "--out", str(out), "--picture", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text("utf-8"))
    row = found["rows"][0]
    assert row["share"]["active"][0] < 0.65
    assert row["share"]["active"][0] == pytest.approx(row["floor"][0], abs=0.03)
    assert row["votes"]["active"][0] < row["votes"]["uniform"][0]
    assert found["foretold_over_taken"][0] == pytest.approx(1.0, abs=0.05)
    assert found["equal_models_told_apart"]["at_the_end"] == pytest.approx(0.05, abs=0.015)
    assert found["equal_models_told_apart"]["looking_after_every_vote"] > 0.3
    assert picture.read_text("utf-8").startswith("<svg")
