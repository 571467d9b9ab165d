from uuid import uuid4

import pytest

from arena.errors import InvalidInput, NotFound
from arena.preferences import WrittenText
from arena.store import Store
from arena.types import Aside, Vote, VoteFilter, Voter, VoterKind, Winner, WrittenAnswer
from tests.arena.store.conftest import ANNA

BEN = Voter(VoterKind.HUMAN, "ben")


def write(store, battle, text, voter=ANNA, criterion="overall"):
    return store.written.write(WrittenAnswer(battle.battle_id, voter, text, criterion))


def counting(store, battle, votes=None):
    """What is read as written on the battle, by those whose votes pass a filter."""
    pairs = {pair.battle_id: pair for pair in store.preferences.judged_pairs(votes or VoteFilter())}
    return pairs[battle.battle_id].written if battle.battle_id in pairs else ()


def test_a_rewritten_answer_replaces_the_earlier_one_and_keeps_it_as_history(store, battle):
    first, second = write(store, battle, "One."), write(store, battle, "Two.")
    assert (first.revision, second.revision) == (0, 1)
    assert store.written.by(battle.battle_id, ANNA) == second
    assert [w.text for w in store.written.history(battle.battle_id)] == ["One.", "Two."]
    assert store.written.count() == 1


def test_the_same_text_again_is_no_new_revision(store, battle):
    assert write(store, battle, "One.") == write(store, battle, "One.")
    assert len(store.written.history(battle.battle_id)) == 1


def test_a_withdrawn_answer_no_longer_stands_and_may_be_written_anew(store, battle):
    write(store, battle, "One.")
    write(store, battle, None)
    assert store.written.by(battle.battle_id, ANNA) is None
    assert store.written.standing(battle.battle_id) == []
    assert write(store, battle, "One.").revision == 2
    assert [w.text for w in store.written.history(battle.battle_id)] == ["One.", None, "One."]


def test_nothing_is_withdrawn_twice_or_before_it_was_written(store, battle):
    with pytest.raises(NotFound, match="no written answer"):
        write(store, battle, None)
    write(store, battle, "One.")
    write(store, battle, None)
    with pytest.raises(NotFound):
        write(store, battle, None)


@pytest.mark.parametrize("text", ["", " \n", "a\ud800"])
def test_a_text_that_cannot_stand_is_refused(store, battle, text):
    with pytest.raises(InvalidInput):
        write(store, battle, text)
    assert store.written.count() == 0


def test_there_is_nothing_to_write_on_a_battle_that_was_never_stored(store):
    with pytest.raises(NotFound, match="never stored"):
        store.written.write(WrittenAnswer(uuid4(), ANNA, "One."))


def test_every_voter_has_an_answer_of_their_own(store, battle):
    write(store, battle, "Anna's.")
    write(store, battle, "Ben's.", BEN)
    assert [w.text for w in store.written.standing(battle.battle_id)] == ["Anna's.", "Ben's."]
    assert store.written.by(battle.battle_id, BEN).text == "Ben's."


def test_an_answer_counts_while_its_writers_vote_stands(store, battle):
    write(store, battle, "Anna's.")
    assert counting(store, battle) == ()
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, BEN))
    assert counting(store, battle) == ()
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    assert counting(store, battle) == (WrittenText("Anna's.", VoterKind.HUMAN),)
    store.votes.undo(battle.battle_id, ANNA)
    assert counting(store, battle) == ()


def test_an_answer_counts_under_the_filters_that_let_its_writers_vote_through(store, battle):
    for voter in (ANNA, BEN):
        store.votes.cast(Vote(battle.battle_id, Winner.TIE, voter))
        store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, voter, "safe"))
        write(store, battle, f"{voter.name}'s.", voter)
    assert [w.text for w in counting(store, battle)] == ["anna's.", "ben's."]
    only = VoteFilter(voters=("ben",))
    assert [w.text for w in counting(store, battle, only)] == ["ben's."]
    assert counting(store, battle, VoteFilter(criterion="safe")) == ()
    assert counting(store, battle, VoteFilter(voter_kinds=(VoterKind.JUDGE,))) == ()


def test_what_is_written_on_a_battle_set_aside_counts_only_where_its_votes_do(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    write(store, battle, "Anna's.")
    store.set_aside.add(battle.battle_id, Aside.NAMED)
    assert counting(store, battle) == ()
    assert [w.text for w in counting(store, battle, VoteFilter(named=True))] == ["Anna's."]


def test_what_was_written_is_there_after_the_store_was_closed(store, battle, path):
    kept = write(store, battle, "One.\n\n\u05e9\u05dc\u05d5\u05dd $x$")
    store.close()
    with Store.open(path) as again:
        assert again.written.standing(battle.battle_id) == [kept]
