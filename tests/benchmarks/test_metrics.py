"""The measurement runs and reports; what it measures is not asserted here, only that the numbers are the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def environments(tmp_path) -> Path:
    """Peers' environments that are this one, so that nothing is installed: a peer that is not here is left out."""
    home = tmp_path / "environments" / "rouge"
    python = home / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (home / "requirements.txt").write_text("rouge-score==0.1.2\nrouge-score-rs==0.2.1\n")
    return home.parent


def run(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(BENCHMARKS / "metrics.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_the_rouge_part_prints_ratios_finds_no_difference_and_keeps_the_other_parts(environments, tmp_path):
    out = tmp_path / "metrics.json"
    out.write_text(json.dumps({"other": {"kept": True}, "rouge": {"old": True}}))
    ran = run(
        *("rouge", "--rounds", "2", "--pairs", "40"), "--environments", str(environments), "--out", str(out)
    )
    assert ran.returncode == 0, ran.stderr
    assert "ratio: rouge_score / ours = " in ran.stdout
    entries = json.loads(out.read_text())
    assert entries["other"] == {"kept": True}
    assert entries["rouge"]["pairs_that_differ_from_ours"]["rouge_score"] == 0
    assert len([timing for timing in entries["rouge"]["rounds"] if timing["contender"] == "ours"]) == 2


def test_an_unknown_part_is_refused_with_those_there_are():
    ran = run("meteor")
    assert ran.returncode == 2
    assert "there is no part meteor; there are rouge" in ran.stderr
