"""The whole road as a stranger goes it: two commands, one report."""

import json

import pytest

from tests.support.command import run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    home = tmp_path_factory.mktemp("road") / "home"
    done = run("demo", "--headless", "--home", home, "--format", "json")
    assert done.returncode == 0, done.stderr
    return home, json.loads(done.stdout)


@pytest.mark.timeout(900)
def test_the_report_holds_every_station_of_the_road(road):
    _, report = road
    assert set(report) == {"votes", "leaderboard", "export", "reward_model", "dpo", "tuned_vs_parent"}
    assert report["votes"]["voter"]["kind"] == "simulated"
    assert report["votes"]["total"] > 300
    waterfall = report["export"]["waterfall"]
    dropped = sum(n for reason, n in waterfall.items() if reason not in ("votes", "pairs"))
    assert waterfall["votes"] - dropped == waterfall["pairs"] == report["export"]["pairs"]


def test_the_reward_model_tells_held_out_pairs_apart(road):
    held_out = road[1]["reward_model"]["held_out"]
    assert held_out["accuracy_lower"] > 0.5
    assert held_out["margin"] > 0


def test_the_tuned_model_beats_its_parent_blind(road):
    tuned = road[1]["tuned_vs_parent"]
    assert tuned["battles"] >= 150
    assert 0.5 < tuned["lower"] < tuned["win_rate"] < tuned["upper"]
    assert tuned["promoted"] is True


def test_the_tuned_model_stands_in_the_arena_with_its_parent(road):
    home, report = road
    listed = {
        row["name"]: row
        for row in json.loads(run("models", "list", "--home", home, "--format", "json").stdout)
    }
    assert listed[report["tuned_vs_parent"]["model"]]["parent"] == report["tuned_vs_parent"]["parent"]


def test_simulated_votes_never_count_as_peoples(road):
    home, _ = road
    people = run("leaderboard", "--home", home, "--format", "json")
    simulated = run("leaderboard", "--voters", "simulated", "--home", home, "--format", "json")
    assert {row["votes"] for row in json.loads(people.stdout)} <= {0}
    assert sum(row["votes"] > 0 for row in json.loads(simulated.stdout)) == 3


def test_a_moved_home_still_answers(road, tmp_path):
    home, report = road
    moved = tmp_path / "moved"
    home.rename(moved)
    try:
        done = run("models", "check", report["tuned_vs_parent"]["model"], "--home", moved)
        assert done.returncode == 0, done.stderr
    finally:
        moved.rename(home)
