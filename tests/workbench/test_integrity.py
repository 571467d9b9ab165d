import json
from dataclasses import replace
from uuid import uuid4

import pytest

from arena.errors import InvalidInput
from arena.integrity.report import IntegrityOptions
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
from tests.support.command import run
from workbench.bench import Workbench
from workbench.views import integrity as view

HOSTILE = "<b onmouseover=x>${1}"
PEOPLE = ("ann", "ben", "cid", "dee", HOSTILE)
PROMPTS = tuple(f"What is number {n}?" for n in range(8))


def furnish(bench, each=30):
    """Claude beats owl three times in four and owl beats wren so; the last voter chooses what is shown first."""
    for name in ("claude-2.1", "owl", "wren"):
        bench.store.models.add(ModelSpec(name, ModelKind.RECORDED))
    pairs = [("claude-2.1", "owl"), ("owl", "wren"), ("wren", "claude-2.1")]
    better = {"claude-2.1": 2, "owl": 1, "wren": 0}
    votes, battles = [], []
    for place, voter in enumerate(PEOPLE):
        for n in range(each):
            a, b = pairs[n % 3] if (n // 3) % 2 else pairs[n % 3][::-1]
            said = "I am Claude. No, I cannot tell." if (place, n) == (0, 0) else "Perhaps it is, or not."
            prompt = PROMPTS[0] if n % 2 else PROMPTS[n % len(PROMPTS)]
            turn = Turn(
                None,
                *(Answer(m, said if m == "claude-2.1" else f"It may be {n} or so.", "stop") for m in (a, b)),
            )
            battle = Battle(uuid4(), Prompt.from_text(prompt), a, b, (turn,))
            battles.append(battle)
            first = (better[a] > better[b]) == (n % 4 != 0) or voter == HOSTILE
            winner = Winner.MODEL_A if first else Winner.MODEL_B
            votes.append(Vote(battle.battle_id, winner, Voter(VoterKind.HUMAN, voter)))
    bench.store.battles.add_many(battles)
    assert not any(bench.store.votes.settle_all(votes))


@pytest.fixture
def checked(tmp_path):
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        furnish(bench)
        yield bench


def test_the_report_says_who_is_first_and_what_holds_it(checked):
    found = checked.integrity(VoteFilter())
    assert (found.votes, found.all_voters, found.what_if[0].first) == (150, 5, "claude-2.1")
    assert found.removal.leader == found.flip.leader == "claude-2.1"
    assert found.flip.votes <= found.removal.votes
    assert found.false_alarms == pytest.approx(0.05)
    json.dumps(found.as_dict(), default=str)


def test_a_voter_who_goes_by_the_side_is_flagged_and_the_board_without_them_shown(checked):
    found = checked.integrity(VoteFilter())
    assert [row.voter.name for row in found.voters if row.flagged] == [HOSTILE]
    assert found.voters[0].reason == "Chose the answer shown first in 30 of 30 decided votes."
    (without,) = [one for one in found.what_if if one.what == "Without flagged voters"]
    assert without.votes == 120 and without.lead > found.what_if[0].lead


def test_a_prompt_asked_again_and_again_is_marked_and_held_back(checked):
    found = checked.integrity(VoteFilter(), IntegrityOptions(cap=5))
    assert found.prompts.prompts == 4
    assert found.prompts.most[0].text == PROMPTS[0]
    (capped,) = [one for one in found.what_if if one.what == "At most 5 votes a prompt"]
    assert capped.votes == 4 * 5


def test_answers_are_read_once_and_their_votes_can_be_left_out(checked):
    assert checked.integrity(VoteFilter()).unread == 300
    assert checked.read_answers() == 300
    found = checked.integrity(VoteFilter())
    assert found.unread == 0
    assert [(one.name, one.named, one.votes) for one in found.self_named] == [("claude-2.1", 1, 1)]
    assert checked.self_named(VoteFilter()) == list(found.self_named)
    assert (
        found.what_if[-1].what == "Without answers that name their model" and found.what_if[-1].votes == 149
    )


def test_voters_who_failed_attention_pairs_are_left_out_in_one_board(checked):
    queue = checked.create_queue(
        "q", battle_ids=[row.battle_id for row in checked.list_battles(limit=20)], attention=0.2, overlap=6
    )
    assert queue.attention
    eve = Voter(VoterKind.HUMAN, "eve")
    step = checked.next_in_queue("q", eve)
    while step.item is not None:
        step = checked.vote_in_queue("q", step.item.battle_id, Winner.BOTH_BAD, eve)
    found = checked.integrity(VoteFilter())
    (row,) = [row for row in found.voters if row.voter == eve]
    assert row.attention.met == queue.attention and row.attention.passed == 0
    assert "Without voters who failed an attention pair" in [one.what for one in found.what_if]


def test_a_home_without_votes_has_nothing_to_check(home):
    found = home.integrity(VoteFilter())
    assert (found.votes, found.removal, found.flip, found.voters) == (0, None, None, ())
    assert "No votes to check yet" in view.first_place(found)


def test_one_vote_puts_nobody_first(home):
    home.import_file(
        write(home.home / "one.csv", "model_a,model_b,winner,judge\nowl,wren,model_a,ann\n"), "votes"
    )
    found = home.integrity(VoteFilter())
    assert (found.votes, found.removal, found.what_if[0].first, found.voters[0].moved) == (
        1,
        None,
        None,
        None,
    )
    assert found.notes[0] == "2 of 2 models cannot be compared with the rest: they stand aside here."
    assert "No model stands first" in view.first_place(found)
    view.voters(found)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_one_voter_alone_is_said_to_be_alone(checked):
    found = checked.integrity(VoteFilter(voters=("ann",)))
    assert found.notes == ("All votes are one voter's, so there are no others to compare them with.",)
    assert found.what_if[0].votes == 30 and not found.voters[0].flagged


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"alpha": 0.0}, "chance of a false alarm"),
        ({"cap": 0}, "cap of 0 votes"),
        ({"rows": 0}, "0 voters cannot"),
    ],
)
def test_options_that_mean_nothing_are_refused(wrong, words):
    with pytest.raises(InvalidInput, match=words):
        IntegrityOptions(**wrong)


def test_strangers_names_are_text_on_the_screen(checked):
    checked.read_answers()
    found = checked.integrity(VoteFilter())
    page = "".join(
        (view.first_place(found), view.voters(found), view.prompts(found.prompts), view.self_named(found))
    )
    assert HOSTILE not in page and "&lt;b onmouseover=x&gt;&#36;&#123;1}" in page
    assert "of 5 voters flagged" in page and "claude-2.1" in page
    assert "nobody" not in page


def test_unread_answers_come_with_a_button(checked):
    found = checked.integrity(VoteFilter())
    assert 'data-do="read"' in view.self_named(found)
    assert 'data-do="read"' not in view.self_named(replace(found, unread=0))


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    home = tmp_path_factory.mktemp("filled") / "home"
    with Workbench.open(home, seed=0) as bench:
        furnish(bench)
    return home


def test_the_command_says_it_in_words_and_reads_answers_first(filled):
    done = run("integrity", "--home", filled)
    assert done.returncode == 0, done.stderr
    assert "stands before claude-2.1." in done.stdout and "Voters: 1 of 5 flagged" in done.stdout
    assert "Answers that name their own model" in done.stdout and "I am Claude" in done.stdout
    again = run("integrity", "--home", filled, "--format", "json", "--rows", 2)
    assert again.stderr == ""
    found = json.loads(again.stdout)
    assert found["unread"] == 0 and len(found["voters"]) == 2 and found["all_voters"] == 5


def test_the_command_refuses_a_chance_that_is_none(filled):
    done = run("integrity", "--home", filled, "--alpha", 3)
    assert done.returncode == 2 and "between 0 and 0.5" in done.stderr
