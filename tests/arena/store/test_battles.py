from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from arena.errors import AlreadyVoted, Conflict, InvalidInput, NotFound, NotVotable
from arena.store import Store
from arena.types import Answer, Battle, Prompt, Turn, Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle


def follow_up(*, error: str | None = None) -> Turn:
    return Turn(
        "And then?",
        Answer("ada", "more", "stop"),
        Answer("bob", "", error=error) if error else Answer("bob", "well"),
    )


def test_a_battle_comes_back_with_prompt_turns_answers_and_starter(store):
    add_models(store, "ada", "bob")
    fought = replace(make_battle(started_by=ANNA), created_at=datetime(2024, 5, 6, 7, 8, 9, 10, tzinfo=UTC))
    store.battles.add(fought)
    assert store.battles.get(fought.battle_id) == fought
    assert store.battles.count() == 1


def test_a_battle_without_a_time_gets_the_time_of_storing(store, battle):
    stored = store.battles.get(battle.battle_id)
    assert abs((datetime.now(UTC) - stored.created_at).total_seconds()) < 60
    assert replace(stored, created_at=None) == battle


def test_a_failed_answer_is_kept_with_its_error(store):
    add_models(store, "ada", "bob")
    failed = make_battle(error="the endpoint is dead")
    store.battles.add(failed)
    stored = store.battles.get(failed.battle_id)
    assert stored.turns[0].answer_b.error == "the endpoint is dead"
    assert not stored.votable


def test_many_battles_are_stored_in_one_transaction_or_not_at_all(store, battle):
    good, unknown = make_battle(), make_battle(model_b="eve")
    for wrong, error in (
        ([good, unknown], NotFound),
        ([good, battle], Conflict),
        ([good, make_battle(model_b="ada")], InvalidInput),
        ([good, replace(make_battle(), prompt=None)], InvalidInput),
        ([good, replace(make_battle(), created_at=datetime(2024, 1, 1))], InvalidInput),
    ):
        with pytest.raises(error):
            store.battles.add_many(wrong)
    assert store.battles.count() == 1
    with pytest.raises(NotFound, match="was never stored"):
        store.battles.get(good.battle_id)
    store.battles.add_many([])


def test_a_follow_up_is_one_more_turn(store, battle):
    store.battles.add_turn(battle.battle_id, follow_up())
    stored = store.battles.get(battle.battle_id)
    assert [turn.user for turn in stored.turns] == [None, "And then?"]
    assert [m.content for m in stored.conversation("b")] == [
        "What is a lighthouse?",
        "bob says B",
        "And then?",
        "well",
    ]
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))


@pytest.mark.parametrize("seen_before", [False, True])
def test_a_failed_follow_up_takes_the_battle_out_of_voting(store, battle, seen_before):
    if seen_before:
        store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
        store.votes.undo(battle.battle_id, ANNA)
    store.battles.add_turn(battle.battle_id, follow_up(error="cut off"))
    with pytest.raises(NotVotable):
        store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))


def test_a_follow_up_needs_a_battle_that_nobody_has_voted_on(store, battle):
    with pytest.raises(NotFound):
        store.battles.add_turn(uuid4(), follow_up())
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    with pytest.raises(Conflict, match="has been voted on, so it takes no follow-up"):
        store.battles.add_turn(battle.battle_id, follow_up())
    store.votes.undo(battle.battle_id, ANNA)
    store.battles.add_turn(battle.battle_id, follow_up())


def test_the_open_battle_of_a_voter_is_their_latest_votable_one_without_their_vote(store):
    add_models(store, "ada", "bob")
    assert store.battles.open_for(ANNA) is None
    first, second = make_battle(started_by=ANNA), make_battle(started_by=ANNA)
    bens = make_battle(started_by=Voter(VoterKind.HUMAN, "ben"))
    for fought in (first, second, bens, make_battle(started_by=ANNA, error="dead")):
        store.battles.add(fought)
    assert store.battles.open_for(ANNA).battle_id == second.battle_id
    store.votes.cast(Vote(second.battle_id, Winner.TIE, Voter(VoterKind.JUDGE, "anna")))
    assert store.battles.open_for(ANNA).battle_id == second.battle_id
    store.votes.cast(Vote(second.battle_id, Winner.TIE, ANNA))
    assert store.battles.open_for(ANNA).battle_id == first.battle_id
    store.votes.undo(second.battle_id, ANNA)
    assert store.battles.open_for(ANNA).battle_id == second.battle_id


def test_the_prompts_a_voter_has_seen_are_those_of_the_battles_they_started(store):
    add_models(store, "ada", "bob")
    why = Prompt.from_text("Why?")
    store.battles.add_many([make_battle(why, started_by=ANNA), make_battle("How?")])
    assert store.battles.prompts_seen(ANNA) == {why.prompt_id}


def test_a_battle_is_known_to_voting_after_reopening_and_after_being_forgotten(path, monkeypatch):
    monkeypatch.setattr("arena.store.store.KNOWN_BATTLES", 3)
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        battles: list[Battle] = [make_battle() for _ in range(12)]
        store.battles.add_many(battles)
        for _ in range(2):
            for number, fought in enumerate(battles):
                voter = Voter(VoterKind.HUMAN, f"voter {number % 2}")
                try:
                    store.votes.cast(Vote(fought.battle_id, Winner.MODEL_A, voter))
                except AlreadyVoted:
                    store.votes.undo(fought.battle_id, voter)
                if number % 5 == 4:
                    store.votes.count()
        assert [len(store.votes.history(fought.battle_id)) for fought in battles] == [2] * 12
        assert store.votes.count() == 0
    with Store.open(path) as store:
        assert store.votes.cast(Vote(battles[0].battle_id, Winner.TIE, ANNA)).revision == 0
