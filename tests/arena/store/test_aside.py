"""Battles set aside: their votes are kept, and count nowhere unless asked for."""

from uuid import uuid4

import pytest

from arena.errors import Conflict, NotFound
from arena.formats import export_votes
from arena.judgments import BattleFilter
from arena.types import Aside, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, make_battle

GPT = Voter(VoterKind.JUDGE, "gpt")
NAMED = VoteFilter(named=True)


def cast(store, battle_id, *voters, winner=Winner.MODEL_A):
    for voter in voters:
        store.votes.cast(Vote(battle_id, winner, voter))


@pytest.fixture
def three(store, new_battle):
    """One battle that counts, one with names, one attention check, each with a vote of a person and of a judge."""
    plain, named, attention = (new_battle() for _ in range(3))
    store.set_aside.add(named, Aside.NAMED)
    store.set_aside.add(attention, "attention")
    for battle_id in (plain, named, attention):
        cast(store, battle_id, ANNA, GPT)
    return plain, named, attention


def votes_counted(store, votes):
    return {
        "count": store.votes.count(votes),
        "pairs": sum(pair.votes for pair in store.votes.pair_counts(votes)),
        "outcomes": len(store.votes.outcomes(votes).winner),
        "soft": sum(pair.votes for pair in store.votes.soft_counts(votes)),
        "judged": sum(p.wins_a + p.wins_b + p.ties for p in store.preferences.judged_pairs(votes)),
    }


def test_votes_on_battles_set_aside_count_nowhere(store, three):
    assert set(votes_counted(store, VoteFilter()).values()) == {2}
    assert store.votes.count() == 2
    assert store.votes.voter_kinds() == {VoterKind.HUMAN: 1, VoterKind.JUDGE: 1}


def test_a_filter_brings_in_votes_with_names_but_never_attention_checks(store, three):
    assert set(votes_counted(store, NAMED).values()) == {4}


def test_votes_set_aside_are_in_no_file_of_votes(store, three, tmp_path):
    assert export_votes(store, tmp_path / "votes.jsonl", VoteFilter()) == 2
    assert export_votes(store, tmp_path / "all.jsonl", None) == 2
    assert export_votes(store, tmp_path / "named.jsonl", NAMED) == 4


def test_agreement_is_measured_on_no_battle_set_aside(store, three):
    assert len(store.agreement.battles(GPT, "overall").judge) == 1
    (found,) = store.agreement.judges()
    assert found.votes == 1


def test_no_judge_is_sent_to_a_battle_set_aside(store, battle, three):
    assert set(store.battles.chosen(BattleFilter())) == {battle.battle_id, three[0]}


def test_votes_set_aside_stand_all_the_same(store, three):
    assert [len(store.votes.standing(battle_id)) for battle_id in three] == [2, 2, 2]
    assert store.votes.count_by_voter(ANNA) == 3


def test_votes_cast_before_no_longer_count_once_a_battle_is_set_aside(store, new_battle):
    battle_id = new_battle()
    cast(store, battle_id, ANNA)
    assert store.votes.count(VoteFilter()) == 1
    state = store.agreement.state()
    store.set_aside.add(battle_id, Aside.NAMED)
    assert store.votes.pair_counts(VoteFilter()) == []
    assert store.agreement.state() != state


def test_the_reasons_are_told_of_those_set_aside(store, three):
    plain, named, attention = three
    assert store.set_aside.reasons([plain, named, attention, uuid4()]) == {
        named: Aside.NAMED,
        attention: Aside.ATTENTION,
    }
    assert store.set_aside.count() == {Aside.ATTENTION: 1, Aside.NAMED: 1}


def test_a_battle_can_be_stored_set_aside(store, battle):
    fought = make_battle()
    store.battles.add(fought, aside=Aside.NAMED)
    assert store.set_aside.reasons([fought.battle_id]) == {fought.battle_id: Aside.NAMED}


def test_setting_aside_again_changes_nothing_but_another_reason_is_refused(store, three):
    plain, named, _ = three
    store.set_aside.add(named, Aside.NAMED)
    with pytest.raises(Conflict, match=r"is set aside already as 'named': it cannot be 'attention' too"):
        store.set_aside.add_many([plain, named], Aside.ATTENTION)
    assert store.set_aside.reasons([plain]) == {}


def test_an_unknown_battle_cannot_be_set_aside(store, new_battle):
    known = new_battle()
    with pytest.raises(NotFound, match="was never stored"):
        store.set_aside.add_many([known, uuid4()], Aside.NAMED)
    assert store.set_aside.count() == {}
