from uuid import uuid4

import pytest

from arena.integrity.naming import own_names
from arena.integrity.report import Attention
from arena.reviews import Queue, QueueItem
from arena.types import (
    OUTCOMES,
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
from tests.arena.store.conftest import add_models, make_battle

ANN, BEN = Voter(VoterKind.HUMAN, "ann"), Voter(VoterKind.HUMAN, "ben")
ROBOT = Voter(VoterKind.JUDGE, "ann")


@pytest.fixture
def voted(store):
    add_models(store, "ada", "bob")
    said = [
        ("Why?", "bob", "ada", BEN, Winner.MODEL_A),
        ("Why?", "ada", "bob", ANN, Winner.MODEL_B),
        ("Why?", "ada", "bob", BEN, Winner.TIE),
        ("How?", "bob", "ada", ANN, Winner.MODEL_A),
        ("How?", "ada", "bob", ROBOT, Winner.BOTH_BAD),
    ]
    for prompt, a, b, voter, winner in said:
        battle = make_battle(prompt, a, b)
        store.battles.add(battle)
        store.votes.cast(Vote(battle.battle_id, winner, voter))
    return store


def rows(ballots):
    return [
        (ballots.voters[w], ballots.names[a], ballots.names[b], OUTCOMES[o])
        for w, a, b, o in zip(ballots.voter, ballots.model_a, ballots.model_b, ballots.winner, strict=True)
    ]


def test_votes_come_voter_by_voter_as_shown_and_in_their_order(voted):
    assert rows(voted.integrity.ballots(VoteFilter())) == [
        (ANN, "ada", "bob", Winner.MODEL_B),
        (ANN, "bob", "ada", Winner.MODEL_A),
        (BEN, "bob", "ada", Winner.MODEL_A),
        (BEN, "ada", "bob", Winner.TIE),
        (ROBOT, "ada", "bob", Winner.BOTH_BAD),
    ]


def test_votes_of_a_filter_have_only_their_voters(voted):
    people = voted.integrity.ballots(VoteFilter(voter_kinds=(VoterKind.HUMAN,), without_voters=(BEN,)))
    assert people.voters == (ANN,) and len(people) == 2
    wins, ties = people.matrices()
    assert wins.tolist() == [[0, 0], [2, 0]] and not ties.any()
    assert len(voted.integrity.ballots(VoteFilter(criterion="charm"))) == 0


def test_prompts_are_counted_with_their_voters(voted):
    counts, most = voted.integrity.prompts(VoteFilter())
    assert counts.tolist() == [3, 2]
    assert [(one.text, one.votes, one.voters, one.share) for one in most] == [
        ("Why?", 3, 2, 0.6),
        ("How?", 2, 2, 0.4),
    ]
    counts, most = voted.integrity.prompts(VoteFilter(criterion="charm"))
    assert len(counts) == 0 and most == []


def test_attention_pairs_are_counted_for_each_voter(voted):
    first, second = make_battle("Read?"), make_battle("Sure?")
    voted.battles.add_many([first, second])
    from arena.attention import Check

    checks = [
        Check(make_battle("Check one?"), Winner.MODEL_A),
        Check(make_battle("Check two?"), Winner.MODEL_B),
    ]
    voted.reviews.add(Queue("q", 1, "", "overall"), [QueueItem(first.battle_id)], checks)
    for check in checks:
        voted.votes.cast(Vote(check.battle.battle_id, Winner.MODEL_A, ANN))
    voted.votes.cast(Vote(first.battle_id, Winner.MODEL_A, ANN))
    voted.votes.cast(Vote(checks[1].battle.battle_id, Winner.MODEL_B, BEN))
    assert voted.integrity.attention() == {ANN: Attention(2, 1), BEN: Attention(1, 1)}
    assert len(voted.integrity.ballots(VoteFilter())) == 6


def names(store):
    return {spec.name: own_names(spec) for spec in store.models.ever()}


def telling(store, text, prompt="Who are you?"):
    battle = Battle(
        uuid4(),
        Prompt.from_text(prompt),
        "claude-2.1",
        "owl",
        (Turn(None, Answer("claude-2.1", text, "stop"), Answer("owl", "Hoo.", "stop")),),
    )
    store.battles.add(battle)
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANN))
    return battle


def test_answers_that_name_their_model_are_found_once_and_left_out_on_request(store):
    add_models(store, "claude-2.1", "owl")
    telling(store, "I am Claude.")
    telling(store, "Claude Monet, I believe.")
    assert store.integrity.unread(names(store)) == 4
    assert store.integrity.read_answers(names(store)) == 4
    assert store.integrity.read_answers(names(store)) == store.integrity.unread(names(store)) == 0
    assert store.votes.count(VoteFilter(without_self_named=True)) == 1
    (found,) = store.integrity.named(VoteFilter())
    assert (found.name, found.answers, found.named, found.votes) == ("claude-2.1", 2, 1, 1)
    assert found.words == ("I am Claude",)
    assert store.integrity.named(VoteFilter(criterion="charm"))[0].votes == 0


def test_only_new_answers_are_read_and_old_ones_again_for_new_names(store):
    add_models(store, "claude-2.1", "owl")
    telling(store, "Barnaby at your service.")
    assert store.integrity.read_answers(names(store)) == 2
    telling(store, "I'm Claude")
    assert store.integrity.unread(names(store)) == 2
    assert store.integrity.read_answers(names(store)) == 2
    assert store.integrity.named(VoteFilter())[0].named == 1
    store.models.add(ModelSpec("claude-2.1", ModelKind.RECORDED, {"aliases": ["Barnaby"]}), replace=True)
    assert store.integrity.unread(names(store)) == 2
    assert store.integrity.read_answers(names(store)) == 2
    assert store.integrity.named(VoteFilter())[0].named == 2
    store.models.add(ModelSpec("claude-2.1", ModelKind.RECORDED), replace=True)
    store.integrity.read_answers(names(store))
    assert store.integrity.named(VoteFilter())[0].named == 1


def test_a_name_that_the_user_said_on_the_way_is_no_giveaway(store):
    add_models(store, "claude-2.1", "owl")
    turns = [
        Turn(None, Answer("claude-2.1", "Hello.", "stop"), Answer("owl", "Hoo.", "stop")),
        Turn(
            "Are you claude-2.1?",
            Answer("claude-2.1", "claude-2.1? No.", "stop"),
            Answer("owl", "No.", "stop"),
        ),
        Turn("Who then?", Answer("claude-2.1", "Not claude-2.1.", "stop"), Answer("owl", "Hoo.", "stop")),
    ]
    store.battles.add(Battle(uuid4(), Prompt.from_text("Hello"), "claude-2.1", "owl", tuple(turns)))
    assert store.integrity.read_answers(names(store)) == 6
    assert store.integrity.named(VoteFilter()) == []


def test_what_was_read_is_remembered_when_the_store_is_opened_again(path):
    from arena.store import Store

    with Store.open(path) as first:
        add_models(first, "claude-2.1", "owl")
        telling(first, "I am Claude.")
        first.integrity.read_answers(names(first))
    with Store.open(path) as second:
        assert second.integrity.unread(names(second)) == 0
        telling(second, "My name is Claude.")
        assert second.integrity.read_answers(names(second)) == 2
        assert second.integrity.named(VoteFilter())[0].named == 2


def test_state_changes_with_answers_and_with_reading_them(store):
    add_models(store, "claude-2.1", "owl")
    before = store.integrity.state()
    telling(store, "I am Claude.")
    between = store.integrity.state()
    store.integrity.read_answers(names(store))
    assert len({before, between, store.integrity.state()}) == 3
