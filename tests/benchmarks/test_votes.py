"""The measurement runs and reports; what it measures is not asserted here."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "votes.py"
SHORT = ["--seconds", "0.3", "--rounds", "2", "--threads", "4"]


@pytest.mark.slow
def test_the_vote_benchmark_prints_a_ratio_for_each_peer_and_writes_only_what_it_is_told_to(tmp_path):
    out = tmp_path / "rounds.json"
    command = [sys.executable, str(SCRIPT), *SHORT, "--out", str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"ratio: store / one commit per vote = \d+\.\d\d \(rounds: .+, .+\)", ran.stdout)
    assert "ratio: store / PostgreSQL" in ran.stdout or "PostgreSQL is left out: " in ran.stdout
    rounds = json.loads(out.read_text())["rounds"]
    assert sum(r["contender"] == "store" for r in rounds) == 2
    assert all(0 < r["p50_ms"] <= r["p99_ms"] for r in rounds)
    assert [path.name for path in tmp_path.iterdir()] == ["rounds.json"]
