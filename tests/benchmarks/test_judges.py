"""The measurement runs and reports; what it measures is not asserted here."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "judges.py"
SHORT = ["--judgments", "120", "--slots", "16,32", "--median", "0.02", "--only", "ours"]


@pytest.mark.slow
def test_the_judgment_benchmark_loses_nothing_and_writes_only_what_it_is_told_to(tmp_path):
    out = tmp_path / "runs.json"
    command = [sys.executable, str(SCRIPT), *SHORT, "--out", str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"16 slots: ours / ideal = \d+\.\d\d", ran.stdout)
    runs = json.loads(out.read_text())["runs"]
    assert [run["slots"] for run in runs] == [16, 32]
    assert all(run["lost"] == 0 and run["verdicts"] == 120 and run["broke"] is None for run in runs)
    assert all(run["requests"] > 120 and run["most_in_flight"] <= run["slots"] for run in runs)
    assert [path.name for path in tmp_path.iterdir()] == ["runs.json"]


def test_an_unknown_contender_is_refused_with_the_known_ones(tmp_path):
    command = [sys.executable, str(SCRIPT), "--only", "nobody"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert ran.returncode == 2 and "FastChat" in ran.stderr
