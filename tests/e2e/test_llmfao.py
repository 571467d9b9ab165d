"""Real people's votes from file to leaderboard, export and a trainer that takes the export as it is."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import run

VOTES = Path(__file__).parents[3] / "shared" / "data" / "llmfao" / "crowd-comparisons.csv"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not VOTES.exists(), reason="the LLMFAO votes are not in ../shared/data"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("llmfao") / "home"
    done = run("import", VOTES, "--as", "votes", "--home", home, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["votes_added"] == 8931
    return home


@pytest.fixture(scope="module")
def exported(home):
    done = run("export", "people", "--home", home, "--format", "json")
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout)["folder"]) / "preferences.parquet"


def board(home, method):
    done = run("--format", "json", "leaderboard", "--method", method, "--home", home)
    return {row["name"]: row for row in json.loads(done.stdout)}


def columns():
    import evalica

    outcome = {"left": evalica.Winner.X, "right": evalica.Winner.Y, "tie": evalica.Winner.Draw}
    with VOTES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [r["left"] for r in rows], [r["right"] for r in rows], [outcome[r["winner"]] for r in rows]


def test_all_models_and_votes_are_on_the_board(home):
    rows = board(home, "bt").values()
    assert len(rows) == 59
    assert sum(row["votes"] for row in rows) == 2 * 8931
    assert all(row["lower"] < row["rating"] < row["upper"] for row in rows)


def test_bradley_terry_equals_an_independent_implementation(home):
    import evalica

    theirs = evalica.bradley_terry(*columns(), tolerance=1e-12, limit=100_000).scores
    ours = board(home, "bt")
    strengths = np.array([np.log(theirs[name]) for name in ours]) * 400 / np.log(10)
    strengths += 1000 - strengths.mean()
    np.testing.assert_allclose([row["rating"] for row in ours.values()], strengths, rtol=1e-6)


def test_elo_in_file_order_equals_an_independent_implementation(home):
    import evalica

    theirs = evalica.elo(*columns(), initial=1000.0, k=4.0).scores
    ours = board(home, "elo")
    np.testing.assert_allclose(
        [row["rating"] for row in ours.values()], [theirs[name] for name in ours], rtol=1e-6
    )


def test_the_exported_texts_are_the_recorded_answers(exported):
    import pyarrow.parquet as pq

    answers = {
        json.loads(line)["result"]
        for line in (VOTES.parent / "results.jsonl").read_text("utf-8").splitlines()
    }
    rows = pq.read_table(exported).to_pylist()
    assert len(rows) > 500
    for row in rows:
        assert row["chosen"][0]["content"] in answers
        assert row["rejected"][0]["content"] in answers


def test_trl_trains_on_the_exported_file_unchanged(exported, tiny_model_dir, tmp_path):
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    rows = load_dataset("parquet", data_files=str(exported), split="train", cache_dir=str(tmp_path / "cache"))
    settings = DPOConfig(
        output_dir=str(tmp_path / "out"),
        max_steps=2,
        per_device_train_batch_size=2,
        max_length=256,
        bf16=False,
        use_cpu=True,
        gradient_checkpointing=False,
        report_to="none",
    )
    trainer = DPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(tiny_model_dir),
        args=settings,
        train_dataset=rows.select(range(40)),
        processing_class=AutoTokenizer.from_pretrained(tiny_model_dir),
    )
    assert trainer.train().global_step == 2
