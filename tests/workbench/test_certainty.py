"""What is sure, from votes in a home: the verb, the command, the API and the card."""

import csv
import io
import json
import re

import gradio as gr
import numpy as np
import pytest

from arena.errors import InvalidInput
from arena.formats import import_file
from arena.ratings.certainty import certainty
from arena.ratings.options import RatingOptions
from arena.types import VoteFilter, VoterKind
from tests.support.served import served
from workbench.bench import Workbench
from workbench.cli import main
from workbench.opening import open_bench
from workbench.tabs.certainty_card import CertaintyCard
from workbench.tabs.chosen import Chosen
from workbench.views import certainty as view

STRENGTHS = {"owl": 0.5, "wren": 0.45, "crow": 0.0, "jay": -0.9}
PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))


@pytest.fixture
def voted(tmp_path):
    """A home with 600 votes of 12 people; owl and wren are close."""
    rng, names = np.random.default_rng(0), list(STRENGTHS)
    path = tmp_path / "votes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["model_a", "model_b", "winner", "judge"])
        for number in range(600):
            a, b = rng.choice(names, 2, replace=False)
            p = 1.0 / (1.0 + np.exp(STRENGTHS[b] - STRENGTHS[a]))
            writer.writerow(
                [
                    a,
                    b,
                    rng.choice(["model_a", "model_b", "tie"], p=[0.8 * p, 0.8 * (1 - p), 0.2]),
                    f"person{number % 12}",
                ]
            )
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        import_file(bench.store, path, "votes")
        yield bench


def run(capsys, home, *arguments):
    with pytest.raises(SystemExit) as left:
        main(["--home", str(home), *arguments])
    said = capsys.readouterr()
    return left.value.code or 0, said.out, said.err


@pytest.mark.parametrize(
    "options",
    [
        RatingOptions(),
        RatingOptions(cluster="voter"),
        RatingOptions(method="davidson", cluster="prompt"),
        RatingOptions(intervals="bootstrap", rounds=100),
        RatingOptions(method="rao_kupper", intervals="bootstrap", cluster="voter", rounds=50),
        RatingOptions(kind_weights={"human": 2.0}, intervals="bootstrap", rounds=50),
        RatingOptions(method="elo", rounds=50),
        RatingOptions(prior=1.0, anchor="owl"),
    ],
    ids=str,
)
def test_every_way_of_rating_says_what_is_sure(voted, options):
    found = voted.certainty(PEOPLE, options)
    assert set(found.names) == set(STRENGTHS)
    assert found.chance("owl", "jay") > 0.99
    assert found.standings[-1].name == "jay"
    assert found.standings[-1].rank_best >= 3
    assert sum(one.first for one in found.standings) == pytest.approx(1.0)
    assert found.basis


def test_the_board_and_what_is_sure_rest_on_the_same_ratings(voted):
    options = RatingOptions(cluster="voter")
    board, found = voted.leaderboard(PEOPLE, options), voted.certainty(PEOPLE, options)
    assert [row.name for row in board.rows] == list(found.names)
    assert [row.lower for row in board.rows] == [one.lower for one in found.standings]
    assert board.basis == found.basis
    assert "12 voters" in found.basis


def test_votes_of_one_person_taken_as_one_widen_the_board(voted):
    with pytest.raises(InvalidInput, match="cannot be clustered"):
        voted.certainty(PEOPLE, RatingOptions(method="soft", cluster="voter"))
    rows = voted.store.votes.grouped(PEOPLE, "voter")
    assert len(rows.groups) == 12
    one = voted.leaderboard(VoteFilter(voters=("person3",)), RatingOptions(cluster="voter"))
    assert all(row.lower is None and row.upper is None for row in one.rows)
    assert "one voter" in one.rows[0].note


def test_the_command_says_it_as_a_table_and_in_words(voted, capsys):
    voted.close()
    code, out, err = run(capsys, voted.home, "certainty")
    assert code == 0
    assert re.search(r"1-2\s+(owl|wren)", out)
    assert "The first place is open: " in out and "cannot be told apart yet" in out
    assert "Spread: each vote by itself" in err


def test_the_command_gives_every_pair(voted, capsys):
    voted.close()
    _, out, _ = run(capsys, voted.home, "certainty", "--pairs", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 6
    assert {row["apart"] for row in rows} == {"True", "False"}
    assert all(float(row["chance"]) >= 0.5 for row in rows)
    _, out, _ = run(capsys, voted.home, "certainty", "--limit", "2", "--format", "json")
    found = json.loads(out)
    assert len(found["standings"]) == len(found["better"]) == 2
    assert found["better"][0][0] is None


def test_the_command_says_when_there_is_nothing(voted, capsys):
    voted.close()
    code, out, err = run(capsys, voted.home, "certainty", "--voter", "nobody")
    assert (code, out) == (0, "")
    assert "No votes match." in err


def test_over_the_api_it_is_the_same(voted):
    here = voted.certainty(PEOPLE, RatingOptions(cluster="voter"), limit=3)
    with served(voted), open_bench(voted.home) as remote:
        assert type(remote).__name__ == "RemoteWorkbench"
        there = remote.certainty(PEOPLE, RatingOptions(cluster="voter"), limit=3)
    assert there == here


def test_the_card_is_of_the_votes_that_are_chosen(voted):
    with gr.Blocks():
        card = CertaintyCard(voted)
    first = card.show(Chosen(voters=("human",)))
    assert first["visible"] is True
    assert card.show(Chosen(voters=("human",)))["value"] == first["value"]
    assert card.show(Chosen(voters=("human",), cluster="voter"))["value"] != first["value"]
    assert card.show(Chosen(voters=("judge",)))["visible"] is False


def test_the_card_shows_ranks_letters_and_pairs_and_escapes_names(voted):
    rated = voted.rated(PEOPLE)
    names = tuple("<b>owl</b>" if name == "owl" else name for name in rated.names)
    found = certainty(type(rated)(**{**{f: getattr(rated, f) for f in rated.__slots__}, "names": names}))
    shown = view.card(found)
    assert "<b>owl</b>" not in shown and "&lt;b&gt;owl" in shown
    assert shown.count('class="unsure"') == 2 * sum(
        not a for i, row in enumerate(found.apart) for a in row[i + 1 :]
    )
    assert view.lettered(found)[:2] == ["a", "a"]
    assert "&gt;99.9" in shown
    assert "100\u202f%" not in shown


def test_a_long_board_folds_its_pairs(voted):
    from arena.ratings.rated import Rated

    n = 40
    rated = Rated(
        tuple(f"m{i:02d}" for i in range(n)),
        np.linspace(1200, 800, n),
        np.linspace(1180, 780, n),
        np.linspace(1220, 820, n),
        np.eye(n) * 104.0,
        np.zeros(n, dtype=bool),
        ("",) * n,
        (),
        9000,
    )
    shown = view.card(certainty(rated).highest(30))
    assert "Every pair of the 30 highest" in shown
    assert re.search(r"<details data-keep", shown), "folded"
    assert "m30" not in shown.split("<table")[1]
