"""`workbench people ...` on a home where three people agree, one guesses, and one votes alone."""

import csv
import io
import json

import numpy as np
import pytest

from arena.types import ModelKind, ModelSpec, Voter, VoterKind, Winner
from tests.workbench.test_people import vote
from tests.workbench.test_review_commands import run as run
from tests.workbench.test_reviews import furnish
from workbench.bench import Workbench

A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE


@pytest.fixture
def home(tmp_path):
    """Thirty battles with four people's votes and a judge's; eve voted on one that nobody else saw."""
    rng = np.random.default_rng(2)
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        for name in ("owl", "wren"):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        *battles, alone = furnish(bench, 31)
        for battle_id in battles:
            truth = int(rng.integers(3))
            for name in ("anna", "ben", "cleo", "dora"):
                right = name != "dora" and rng.random() < 0.9
                vote(bench, battle_id, name, (A, B, TIE)[truth if right else int(rng.integers(3))])
            vote(bench, battle_id, "gpt", (A, B, TIE)[truth], VoterKind.JUDGE)
        vote(bench, alone, "eve", A)
    return tmp_path / "home"


def rows(done):
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_agreement_says_alpha_in_words_and_lists_voters(run, home):
    done = run("--home", home, "people", "agreement")
    assert "30 of 31 battles have votes by two voters or more." in done.stdout
    assert "Krippendorff's alpha 0." in done.stdout
    assert "had others voted" in done.stdout
    table = rows(run("--home", home, "--format", "csv", "people", "agreement"))
    assert [row["voter"] for row in table] == ["anna", "ben", "cleo", "dora", "eve"]
    assert table[-1]["agrees"] == ""
    worst = max(table[:4], key=lambda row: float(row["alpha_without"]))
    assert worst["voter"] == "dora"


def test_pairs_are_listed_with_their_kappas(run, home):
    table = rows(run("--home", home, "--format", "csv", "people", "agreement", "--pairs"))
    assert len(table) == 6
    kappa = {(row["first"], row["second"]): float(row["kappa"]) for row in table}
    assert kappa["anna", "ben"] > 0.5 > kappa["anna", "dora"]


def test_reliability_finds_who_guesses_and_takes_judges_among_people_when_asked(run, home):
    table = rows(run("--home", home, "--format", "csv", "people", "reliability"))
    weights = {row["voter"]: float(row["weight"]) for row in table}
    assert weights["dora"] == min(weights.values())
    assert weights["eve"] == 1.0
    done = run("--home", home, "people", "reliability", "--voters", "human", "--voters", "judge")
    assert "judge:gpt" in done.stdout
    assert "Nothing is known of 1 of 6 voters" in done.stdout
    found = json.loads(run("--home", home, "--format", "json", "people", "reliability").stdout)
    assert len(found["voters"]) == 5 and found["refusal"] == ""
    assert np.array(found["voters"][0]["errors"]).sum(axis=0) == pytest.approx([1, 1, 1])


def test_a_board_can_weigh_votes_by_reliability(run, home):
    plain = json.loads(run("--home", home, "--format", "json", "leaderboard").stdout)
    done = run("--home", home, "--format", "json", "leaderboard", "--weights", "reliability")
    assert done.returncode == 0, done.stderr
    weighed = json.loads(done.stdout)
    assert {row["name"] for row in weighed} == {row["name"] for row in plain}
    assert [row["rating"] for row in weighed] != [row["rating"] for row in plain]


def test_what_is_too_little_for_weights_is_refused_plainly(run, home):
    done = run("--home", home, "people", "reliability", "--voter", "anna", "--voter", "ben")
    assert done.returncode == 0
    assert "of two who differ nobody can say who is right" in done.stderr
    done = run("--home", home, "leaderboard", "--weights", "reliability", "--voter", "anna", "--voter", "ben")
    assert done.returncode == 2
    assert "Votes cannot be weighed by the reliability of their voters" in done.stderr


def test_disputed_battles_are_listed_and_queued(run, home):
    table = rows(run("--home", home, "--format", "csv", "people", "contested", "--limit", "4"))
    assert len(table) == 4
    expected = [float(row["expected"]) for row in table]
    assert expected == sorted(expected, reverse=True)
    opposed = rows(run("--home", home, "--format", "csv", "people", "contested", "--opposed"))
    assert all(int(row["wins_a"]) and int(row["wins_b"]) for row in opposed)
    done = run(
        "--home", home, "--format", "json", "people", "queue", "again", "--limit", "4", "--more", "1",
        "--attention", "0",
    )  # fmt: skip
    made = json.loads(done.stdout)
    assert (made["name"], made["battles"], made["overlap"], made["missing"]) == ("again", 4, 5, 4)
    with Workbench.open(home) as bench:
        queued = {str(item.battle_id) for item in bench.store.reviews.items("again")}
    assert queued == {row["battle_id"] for row in table}
    assert run("--home", home, "people", "queue", "again").returncode == 4


def test_without_votes_it_says_what_to_do(run, tmp_path):
    with Workbench.open(tmp_path / "empty"):
        pass
    done = run("--home", tmp_path / "empty", "people", "agreement")
    assert (done.returncode, done.stdout) == (0, "")
    assert "workbench review create --overlap 2" in done.stderr
    done = run("--home", tmp_path / "empty", "people", "contested")
    assert "No two voters differ on a battle." in done.stderr
    assert run("--home", tmp_path / "empty", "people", "queue", "x").returncode == 3


def test_voters_are_told_apart_by_kind(run, home):
    with Workbench.open(home) as bench:
        vote(bench, bench.contested(limit=1)[0].battle_id, "anna", A, VoterKind.SIMULATED)
        assert Voter(VoterKind.SIMULATED, "anna") != Voter(VoterKind.HUMAN, "anna")
    done = run("--home", home, "people", "agreement", "--voters", "human", "--voters", "simulated")
    assert "simulated:anna" in done.stdout
