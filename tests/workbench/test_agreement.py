import csv
from uuid import uuid4

import pytest

from arena.errors import InvalidInput, NotFound
from arena.judgments import Failure, JudgeKind, JudgeSpec, Verdict
from arena.ratings.options import RatingOptions
from arena.types import (
    Answer,
    Battle,
    ModelKind,
    ModelSpec,
    Prompt,
    Turn,
    VoteFilter,
    Voter,
    VoterKind,
)
from tests.workbench.judged_by_people import TIE, A, B, add_judged_battles, cast, judge
from workbench.bench import Workbench
from workbench.views.data import waterfall

PEOPLE_AND_JUDGES = VoteFilter(voter_kinds=(VoterKind.HUMAN, VoterKind.JUDGE))
EVERYONE = VoteFilter()


@pytest.fixture
def battles(bench):
    return add_judged_battles(bench)


def test_a_judge_that_agrees_with_people_has_its_licence_and_one_that_guesses_has_none(bench, battles):
    found = {one.judge.name: one for one in bench.licences()}
    assert found["sound"].granted
    assert not found["blind"].granted
    assert "κ" in found["blind"].reason


def test_only_licensed_judges_count_on_the_board_and_it_says_who_does_not(bench, battles):
    board = bench.leaderboard(PEOPLE_AND_JUDGES)
    assert board.votes == 3 * 80
    assert any("'blind' do not count" in note for note in board.notes)
    assert not any("'sound'" in note for note in board.notes)
    assert bench.leaderboard(EVERYONE, RatingOptions("elo")).votes == 3 * 80
    assert bench.win_matrix(EVERYONE).votes.sum() == 2 * 3 * 80
    assert bench.voters(EVERYONE) == 3


def test_a_board_of_people_asks_for_no_licence(bench, battles):
    board = bench.leaderboard(VoteFilter(voter_kinds=(VoterKind.HUMAN,)))
    assert (board.votes, board.notes) == (160, ())


def test_a_judge_counts_when_it_is_asked_for_by_name(bench, battles):
    alone = bench.leaderboard(VoteFilter(voter_kinds=(VoterKind.JUDGE,), voters=("blind",)))
    assert (alone.votes, alone.notes) == (80, ())
    beside = bench.leaderboard(VoteFilter(trusted=("blind",)))
    assert (beside.votes, beside.notes) == (4 * 80, ())


def test_an_export_holds_no_vote_of_a_judge_without_licence(bench, battles):
    assert bench.preview_export(EVERYONE).votes == 3 * 80
    manifest = bench.export("all", EVERYONE)
    assert manifest.votes == 3 * 80
    assert manifest.filter["without_voters"] == [{"kind": "judge", "name": "blind"}]
    trusting = bench.export("trusting", VoteFilter(trusted=("blind",)))
    assert (trusting.votes, trusting.filter["trusted"]) == (4 * 80, ["blind"])


def test_the_data_tab_says_whose_votes_are_left_out(bench, battles):
    shown = waterfall(bench.preview_export(EVERYONE), bench.left_out(EVERYONE))
    assert "judge &#39;blind&#39; do not count" in shown
    alone = VoteFilter(voter_kinds=(VoterKind.JUDGE,), without_voters=(judge("sound"),))
    nothing = waterfall(bench.preview_export(alone), bench.left_out(alone))
    assert "No votes that count" in nothing and "blind" in nothing


def test_votes_that_leave_as_a_file_are_those_that_count(bench, battles, tmp_path):
    path = tmp_path / "votes.csv"
    assert bench.export_votes(path, EVERYONE) == 3 * 80
    with path.open(encoding="utf-8") as file:
        assert {row["judge"] for row in csv.DictReader(file)} == {"ann", "bob", "sound"}


def test_nothing_is_exported_of_a_judge_without_licence_alone(bench, battles):
    with pytest.raises(InvalidInput, match="no standing vote"):
        bench.export("none", VoteFilter(voter_kinds=(VoterKind.JUDGE,), without_voters=(judge("sound"),)))


def test_a_promotion_counts_no_judge_without_licence(bench, battles):
    bench.add_model(ModelSpec("owlet", ModelKind.RECORDED, {}, "owl"))
    fought = [
        Battle(
            uuid4(), Prompt.from_text(f"Owls {n}"), "owlet", "owl",
            (Turn(None, Answer("owlet", "hoo", "stop"), Answer("owl", "hu", "stop")),),
        )
        for n in range(4)
    ]  # fmt: skip
    bench.store.battles.add_many(fought)
    ids = [battle.battle_id for battle in fought]
    cast(bench, ids, judge("blind"), [A] * 4)
    cast(bench, ids, judge("sound"), [B] * 4)
    assert bench.standing("owlet", EVERYONE).win_rate.wins == 0
    assert bench.standing("owlet", EVERYONE).win_rate.losses == 4
    assert bench.standing("owlet", VoteFilter(voters=("blind",))).win_rate.wins == 4


def test_simulated_voters_need_no_licence(bench, battles):
    cast(bench, battles, Voter(VoterKind.SIMULATED, "bot"), [TIE] * 80)
    assert bench.leaderboard(VoteFilter(voter_kinds=(VoterKind.SIMULATED,))).votes == 80
    assert bench.agreement("bot").judged == 80


def test_a_licence_is_for_one_criterion(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "workbench.toml").write_text('criteria = ["overall", "safe"]\n[judging]\nmin_battles = 10\n')
    with Workbench.open(home) as bench:
        for name in ("x", "y"):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        fought = [
            Battle(
                uuid4(), Prompt.from_text(f"Q {n}"), "x", "y",
                (Turn(None, Answer("x", "one"), Answer("y", "two")),),
            )
            for n in range(40)
        ]  # fmt: skip
        bench.store.battles.add_many(fought)
        ids = [battle.battle_id for battle in fought]
        for criterion, right in (("overall", [A, B] * 20), ("safe", [B, A] * 20)):
            cast(bench, ids, Voter(VoterKind.HUMAN, "ann"), [A, B] * 20, criterion)
            cast(bench, ids, judge("gpt"), right, criterion)
        assert bench.licence("gpt").granted
        assert not bench.licence("gpt", "safe").granted
        assert bench.leaderboard(VoteFilter()).votes == 80
        assert bench.leaderboard(VoteFilter(criterion="safe")).votes == 40


def test_a_licence_is_measured_again_when_votes_come_in_or_go(bench, battles):
    assert bench.leaderboard(EVERYONE).votes == 3 * 80
    for battle_id in battles[:40]:
        bench.store.votes.undo(battle_id, judge("sound"))
    assert bench.leaderboard(EVERYONE).votes == 2 * 80
    assert "10 more are needed" in bench.licence("sound").reason
    cast(bench, battles[:10], judge("sound"), [TIE] * 10)
    assert "more are needed" not in bench.licence("sound").reason


def test_agreement_names_the_judges_there_are(bench, battles):
    with pytest.raises(NotFound, match="blind, sound"):
        bench.agreement("gpt")
    with pytest.raises(NotFound, match="no judge has any"):
        bench.agreement("sound", "safe")


def test_a_judge_that_only_failed_shows_its_failures(bench, battles):
    bench.store.verdicts.add([Verdict(battles[0], "mute", "f", None, failure=Failure.REFUSED)])
    found = bench.agreement("mute")
    assert (found.judged, dict(found.failures)) == (0, {Failure.REFUSED: 1})


def test_the_family_of_a_judge_is_known_from_its_model_and_the_settings(bench, battles):
    bench.store.judges.add(JudgeSpec("sound", JudgeKind.PAIRWISE, {"model": "owl"}))
    assert bench.agreement("sound").bias("family").battles == 80
    assert bench.agreement("blind").bias("family").battles == 0
    assert bench.agreement("blind", own=["crow"]).bias("family").battles == 80


def test_a_jury_is_of_the_family_of_its_members(bench, battles):
    bench.store.judges.add(JudgeSpec("one", JudgeKind.PAIRWISE, {"model": "owl"}))
    bench.store.judges.add(JudgeSpec("two", JudgeKind.RULE, {"pattern": "x"}))
    bench.store.judges.add(JudgeSpec("sound", JudgeKind.JURY, {"members": ["one", "two"]}))
    assert bench.agreement("sound").bias("family").battles == 80
