import csv
import io
import json
from uuid import uuid4

import pytest

from arena.errors import InvalidInput, NotFound
from arena.ratings.options import RatingOptions
from arena.types import (
    Answer,
    Battle,
    ModelKind,
    ModelSpec,
    Prompt,
    Turn,
    Vote,
    VoteFilter,
    Voter,
    VoterKind,
    Winner,
)
from workbench.bench import Workbench
from workbench.cli import main

ANY = VoteFilter()
SIDES = {"owl": "A long and careful answer.", "crow": "No.", "wren": "Something short."}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home in which people take the longer answer on sums and the shorter one on poems, and a simulated voter."""
    home = tmp_path_factory.mktemp("control") / "home"
    pairs = [("owl", "crow"), ("owl", "wren"), ("wren", "crow")]
    with Workbench.open(home, seed=0) as bench:
        for name in SIDES:
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        for number in range(72):
            first, second = pairs[number % 3]
            category = "sums" if number < 36 else "poems"
            prompt = Prompt.from_text(f"Number {number}?", category=category, language="en")
            turn = Turn(None, Answer(first, SIDES[first], "stop"), Answer(second, SIDES[second], "stop"))
            battle = Battle(uuid4(), prompt, first, second, (turn,))
            bench.store.battles.add(battle)
            longer = (number // 3) % 4 != 0
            winner = Winner.MODEL_A if longer == (category == "sums") else Winner.MODEL_B
            bench.store.votes.cast(Vote(battle.battle_id, winner, Voter(VoterKind.HUMAN, f"v{number % 5}")))
            if number == 1:
                bench.store.votes.cast(Vote(battle.battle_id, Winner.TIE, Voter(VoterKind.SIMULATED, "sim")))
    return home


@pytest.fixture
def voted(home):
    with Workbench.open(home, seed=0) as bench:
        yield bench


PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))


def test_a_board_for_each_category_says_where_a_model_is_another(voted):
    boards = voted.boards_by(PEOPLE, "category")
    assert {part.value: part.votes for part in boards.parts} == {"sums": 36, "poems": 36}
    sums, poems = boards.part("sums"), boards.part("poems")
    assert sums.cells["owl"].rating > boards.overall.row("owl").rating > poems.cells["owl"].rating
    assert sums.cells["crow"].rating < poems.cells["crow"].rating
    assert sum(cell.rating for cell in sums.cells.values()) == pytest.approx(3000.0)


def test_boards_by_kind_of_voter_show_kinds_that_the_filter_leaves_out(voted):
    boards = voted.boards_by(PEOPLE, "voter_kind")
    assert boards.overall.votes == 72
    assert {part.value: part.votes for part in boards.parts} == {"human": 72, "simulated": 1}
    assert "tell any two" in boards.part("simulated").thin


def test_boards_take_the_options_of_the_board(voted):
    boards = voted.boards_by(PEOPLE, "category", RatingOptions(anchor="wren", anchor_rating=1200.0))
    assert {part.cells["wren"].rating for part in boards.parts} == {1200.0}
    assert {part.moved for part in boards.parts} == {0.0}


def test_a_value_that_cannot_be_rated_with_these_options_is_named_with_the_reason(voted):
    boards = voted.boards_by(ANY, "voter_kind", RatingOptions(anchor="crow"))
    assert [part.value for part in boards.parts] == ["human"]
    assert "No board for the kind of voter 'simulated'. The anchor 'crow' has no vote" in boards.notes[-1]


def test_votes_cannot_be_sorted_by_anything(voted):
    with pytest.raises(InvalidInput, match="Votes cannot be sorted by 'mood': choose category"):
        voted.boards_by(PEOPLE, "mood")


def test_at_equal_length_a_win_rate_is_another_one(voted):
    sums = VoteFilter(voter_kinds=(VoterKind.HUMAN,), category="sums")
    assert voted.win_rate("owl", "crow", sums).win_rate == 0.75
    level = voted.length_controlled("owl", "crow", sums)
    assert (level.win_rate, level.prompts, level.longer) == (0.75, 12, 1.0)
    assert voted.win_rate("crow", "owl", sums).win_rate == 0.25


@pytest.mark.parametrize("verb", ["win_rate", "length_controlled"])
def test_a_win_rate_needs_two_models_that_met(voted, verb):
    with pytest.raises(InvalidInput, match="'owl' was named twice"):
        getattr(voted, verb)("owl", "owl")
    with pytest.raises(NotFound, match="'owl' and 'nobody'"):
        getattr(voted, verb)("owl", "nobody")


def test_the_board_at_equal_style_names_the_weights_of_style(voted):
    board = voted.leaderboard(PEOPLE, RatingOptions(style=True))
    assert list(board.parameters) == ["tokens", "headers", "lists", "bold"]
    assert "too alike" in board.parameters["bold"].words
    assert board.basis.startswith("equal style") and board.votes == 72


def test_ratings_over_time_end_where_the_board_with_the_same_options_is(voted):
    for options in (
        RatingOptions(style=True),
        RatingOptions(style=True, cluster="voter"),
        RatingOptions(cluster="prompt"),
        RatingOptions(method="davidson"),
        RatingOptions(kind_weights={"human": 2.0}),
    ):
        board = voted.leaderboard(PEOPLE, options)
        found = voted.rating_history(PEOPLE, options, points=3)
        for row in board.rows:
            course = found.course(row.name)
            assert course.ratings[-1] == pytest.approx(row.rating)
            assert course.lower[-1] == pytest.approx(row.lower)


def run(home, capsys, *words):
    with pytest.raises(SystemExit) as left:
        main(["--home", str(home), *words])
    said = capsys.readouterr()
    return left.value.code or 0, said.out, said.err


def test_boards_come_as_columns_for_people_and_as_rows_for_programs(home, capsys):
    _, out, _ = run(home, capsys, "leaderboard", "--by", "category")
    assert "poems (36)" in out and "sums (36)" in out and "half their 95 % interval" in out
    _, out, _ = run(home, capsys, "leaderboard", "--by", "category", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["value"] for row in rows} == {"", "sums", "poems"} and len(rows) == 9
    _, out, _ = run(home, capsys, "leaderboard", "--by", "voter_kind", "--format", "json")
    assert [part["value"] for part in json.loads(out)["parts"]] == ["human", "simulated"]


def test_the_win_rate_is_shown_as_voted_and_at_equal_length(home, capsys):
    code, out, err = run(home, capsys, "win-rate", "owl", "--against", "crow", "--length-controlled")
    assert code == 0 and "as voted" in out and "at equal length" in out
    assert "Answers of owl are the longer ones on 100 % of the prompts" in err
    code, _, err = run(home, capsys, "win-rate", "owl", "--against", "owl")
    assert code == 2 and "named twice" in err


def test_the_weights_of_style_are_told_below_the_board(home, capsys):
    _, out, err = run(home, capsys, "leaderboard", "--style-control")
    assert "owl" in out and "Length: an answer twice as long is worth" in err
