"""The measurements of BERTScore and perplexity run and report; only that the numbers are the same is asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.encoders import sentence_model

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
def test_both_parts_print_ratios_and_find_no_difference(tmp_path):
    sentence_model()
    home = tmp_path / "environments" / "neural"
    python = home / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (home / "requirements.txt").write_text("torch==2.13.0\ntransformers==5.23.0\nbert-score==0.3.13\n")
    out = tmp_path / "metrics.json"
    command = [sys.executable, str(BENCHMARKS / "metrics.py"), "bertscore", "perplexity", "--rounds", "1"]
    command += ["--bert-pairs", "6", "--texts", "20", "--environments", str(home.parent), "--out", str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "ratio: bert_score / ours = " in ran.stdout
    assert "ratio: evaluate's padding loop / ours = " in ran.stdout
    entries = json.loads(out.read_text())
    assert entries["bertscore"]["largest_difference_pair_by_pair"] < 1e-5
    assert entries["bertscore"]["largest_change_in_calls_of_seven"] < 1e-5
    assert entries["perplexity"]["largest_relative_difference"] < 1e-4
