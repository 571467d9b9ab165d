from uuid import uuid4

from arena.store.bulk import STAGED_COLUMNS
from arena.types import Answer, Battle, Message, Prompt, Turn, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle

BEN = Voter(VoterKind.HUMAN, "ben")
HAL = Voter(VoterKind.JUDGE, "hal")


def test_a_judged_battle_has_prompt_both_continuations_and_its_counts(store):
    add_models(store, "ada", "bob")
    prompt = Prompt((Message("system", "Be brief."), Message("user", "Why?")), language="en")
    turns = (
        Turn(None, Answer("ada", "a1"), Answer("bob", "b1")),
        Turn("And?", Answer("ada", "a2"), Answer("bob", "b2")),
    )
    fought = Battle(uuid4(), prompt, "ada", "bob", turns)
    store.battles.add_many([fought, make_battle()])
    for voter, winner in ((ANNA, Winner.MODEL_A), (BEN, Winner.BOTH_BAD), (HAL, Winner.MODEL_A)):
        store.votes.cast(Vote(fought.battle_id, winner, voter))
    (pair,) = store.preferences.judged_pairs(VoteFilter())
    assert (pair.battle_id, pair.prompt_id, pair.prompt) == (
        fought.battle_id,
        prompt.prompt_id,
        prompt.messages,
    )
    assert pair.continuation_a == (
        Message("assistant", "a1"),
        Message("user", "And?"),
        Message("assistant", "a2"),
    )
    assert [message.content for message in pair.continuation_b] == ["b1", "And?", "b2"]
    assert (pair.model_a, pair.model_b, pair.language, pair.failed) == ("ada", "bob", "en", False)
    assert (pair.wins_a, pair.wins_b, pair.ties, pair.both_bad) == (2, 0, 0, 1)
    assert pair.voter_kinds == (VoterKind.HUMAN, VoterKind.JUDGE)


def test_only_votes_that_pass_the_filter_are_counted(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_B, HAL))
    (pair,) = store.preferences.judged_pairs(VoteFilter(voter_kinds=(VoterKind.JUDGE,)))
    assert (pair.wins_a, pair.wins_b, pair.voter_kinds) == (0, 1, (VoterKind.JUDGE,))
    assert list(store.preferences.judged_pairs(VoteFilter(criterion="safe"))) == []


def test_judged_battles_come_in_the_order_of_their_first_votes(store):
    add_models(store, "ada", "bob")
    battles = [make_battle() for _ in range(5)]
    store.battles.add_many(battles)
    for fought in reversed(battles):
        store.votes.cast(Vote(fought.battle_id, Winner.TIE, ANNA))
    pairs = list(store.preferences.judged_pairs(VoteFilter()))
    assert [pair.battle_id for pair in pairs] == [fought.battle_id for fought in reversed(battles)]


def test_battles_imported_without_texts_are_empty_conversations(store):
    def change(con):
        con.execute(f"CREATE OR REPLACE TEMP TABLE staging ({STAGED_COLUMNS})")
        con.execute(
            "INSERT INTO staging VALUES (1, NULL, 'a', 'b', 'tie', 'anna', 'human', 'overall', now(), NULL, NULL, NULL)"
        )
        return store.bulk.insert_staged_votes(con, "staging")

    store.bulk.run(change)
    (pair,) = store.preferences.judged_pairs(VoteFilter())
    assert (pair.prompt_id, pair.prompt, pair.continuation_a, pair.continuation_b) == (None, (), (), ())
    assert (pair.ties, pair.failed) == (1, False)


def test_reading_on_is_not_disturbed_by_other_reads_of_the_same_thread(store, monkeypatch):
    monkeypatch.setattr("arena.store.preferences._PORTION", 2)
    add_models(store, "ada", "bob")
    battles = [make_battle() for _ in range(7)]
    store.battles.add_many(battles)
    for fought in battles:
        store.votes.cast(Vote(fought.battle_id, Winner.TIE, ANNA))
    seen = 0
    for pair in store.preferences.judged_pairs(VoteFilter()):
        assert store.battles.get(pair.battle_id).conversation("a")[1:] == pair.continuation_a
        seen += 1
    assert seen == 7
