"""Review queues in a real database: what each annotator's state is, and what the figures count."""

from uuid import uuid4

import pytest

from arena.errors import Conflict, InvalidInput, NotFound, NotVotable
from arena.reviews import Queue, QueueItem
from arena.types import Aside, Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle

BEN = Voter(VoterKind.HUMAN, "ben")
A, B = Winner.MODEL_A, Winner.MODEL_B


@pytest.fixture
def battles(store):
    """Four battles and, last, an attention pair that expects A."""
    add_models(store, "ada", "bob")
    made = [make_battle(f"Question {n}?") for n in range(5)]
    store.battles.add_many(made[:4])
    store.battles.add(made[4], aside=Aside.ATTENTION)
    return [battle.battle_id for battle in made]


@pytest.fixture
def queue(store, battles) -> Queue:
    items = [QueueItem(b) for b in battles[:4]] + [QueueItem(battles[4], A)]
    store.reviews.add(Queue("first", overlap=2, instructions="Read both."), items)
    return store.reviews.get("first")


def cast(store, battle_id, voter, winner=A, criterion="overall"):
    return store.votes.cast(Vote(battle_id, winner, voter, criterion))


def states(store, queue, voter):
    return {item.battle_id: item for item in store.reviews.state(queue, voter)}


def test_a_queue_keeps_its_battles_in_order(store, queue, battles):
    assert [item.battle_id for item in store.reviews.items("first")] == battles
    assert [item.expected for item in store.reviews.items("first")] == [None] * 4 + [A]
    assert (queue.overlap, queue.instructions, queue.criterion, queue.closed) == (
        2,
        "Read both.",
        "overall",
        False,
    )
    assert queue.created_at is not None


def test_a_vote_shows_in_the_voters_own_state_and_as_a_person_in_others(store, queue, battles):
    cast(store, battles[0], ANNA, B)
    mine, others = states(store, queue, ANNA)[battles[0]], states(store, queue, BEN)[battles[0]]
    assert (mine.winner, mine.people, mine.skipped) == (B, ("anna",), False)
    assert mine.met_at is not None
    assert (others.winner, others.people, others.met_at) == (None, ("anna",), None)


def test_a_vote_taken_back_leaves_no_trace_in_the_state(store, queue, battles):
    cast(store, battles[0], ANNA)
    store.votes.undo(battles[0], ANNA)
    state = states(store, queue, ANNA)[battles[0]]
    assert (state.winner, state.people, state.met_at) == (None, (), None)


def test_a_corrected_vote_keeps_its_place_in_the_order(store, queue, battles):
    cast(store, battles[0], ANNA)
    cast(store, battles[1], ANNA)
    before = states(store, queue, ANNA)[battles[0]].met_at
    store.votes.correct(battles[0], ANNA, winner=B)
    after = states(store, queue, ANNA)[battles[0]]
    assert (after.winner, after.met_at) == (B, before)


def test_a_skip_counts_until_a_vote_stands(store, queue, battles):
    store.reviews.skip("first", battles[0], ANNA)
    store.reviews.skip("first", battles[0], ANNA)
    assert states(store, queue, ANNA)[battles[0]].skipped
    assert not states(store, queue, BEN)[battles[0]].skipped
    assert store.reviews.skips("first") == {ANNA: 1}
    cast(store, battles[0], ANNA)
    assert not states(store, queue, ANNA)[battles[0]].skipped
    assert store.reviews.skips("first") == {}
    store.reviews.unskip("first", battles[0], ANNA)
    store.votes.undo(battles[0], ANNA)
    assert states(store, queue, ANNA)[battles[0]].met_at is None


def test_votes_by_judges_and_on_other_criteria_count_for_nothing(store, queue, battles):
    cast(store, battles[0], Voter(VoterKind.JUDGE, "sage"))
    cast(store, battles[0], BEN, criterion="safe")
    assert states(store, queue, ANNA)[battles[0]].people == ()
    assert store.reviews.summary(queue).votes == 0
    assert store.reviews.votes(queue) == []


def test_the_summary_counts_ordinary_battles_only(store, queue, battles):
    for battle_id in (battles[0], battles[1], battles[4]):
        cast(store, battle_id, ANNA)
    cast(store, battles[0], BEN)
    store.reviews.skip("first", battles[2], BEN)
    store.reviews.skip("first", battles[4], BEN)
    found = store.reviews.summary(queue)
    assert (found.battles, found.complete, found.votes, found.missing) == (4, 1, 3, 5)
    assert (found.people, found.skips, found.attention) == (2, 1, 1)


def test_more_votes_than_the_overlap_do_not_make_up_for_missing_ones(store, queue, battles):
    for name in ("x", "y", "z"):
        cast(store, battles[0], Voter(VoterKind.HUMAN, name))
    assert store.reviews.summary(queue).missing == 6


def test_the_votes_of_a_queue_come_as_first_cast_with_what_was_expected(store, queue, battles):
    cast(store, battles[4], BEN, B)
    first = cast(store, battles[1], ANNA, A)
    store.votes.correct(battles[1], ANNA, winner=B)
    votes = store.reviews.votes(queue)
    assert [(v.battle_id, v.voter, v.winner, v.expected) for v in votes] == [
        (battles[4], BEN, B, A),
        (battles[1], ANNA, B, None),
    ]
    assert votes[1].first_at == first.created_at


def test_a_queue_can_be_closed_and_opened_again(store, queue, battles):
    assert store.reviews.takes_votes(battles[0])
    closed = store.reviews.set_closed("first", True)
    assert closed.closed
    assert store.reviews.set_closed("first", True).closed_at == closed.closed_at
    assert not store.reviews.takes_votes(battles[0])
    assert not store.reviews.set_closed("first", False).closed
    assert store.reviews.takes_votes(battles[0])


def test_closed_queues_are_listed_last_and_the_newest_first(store, queue, battles):
    for name in ("second", "third"):
        store.reviews.add(Queue(name), [QueueItem(battles[0])])
    store.reviews.set_closed("third", True)
    assert [found.name for found in store.reviews.list()] == ["second", "first", "third"]


def test_a_removed_queue_leaves_battles_and_votes(store, queue, battles):
    cast(store, battles[0], ANNA)
    store.reviews.skip("first", battles[1], ANNA)
    store.reviews.remove("first")
    assert store.reviews.list() == []
    assert store.votes.count() == 1
    assert not store.reviews.takes_votes(battles[0])
    store.reviews.add(Queue("first"), [QueueItem(battles[1])])
    assert not states(store, store.reviews.get("first"), ANNA)[battles[1]].skipped


def test_a_queue_outlives_its_process(path, store, queue, battles):
    cast(store, battles[0], ANNA)
    store.reviews.skip("first", battles[1], ANNA)
    before = store.reviews.state(queue, ANNA)
    store.close()
    from arena.store import Store

    with Store.open(path) as again:
        assert again.reviews.state(again.reviews.get("first"), ANNA) == before


def test_battles_of_a_queue_are_not_given_back_as_ones_own_open_battle(store):
    add_models(store, "ada", "bob")
    own, queued = make_battle("one?", started_by=ANNA), make_battle("two?", started_by=ANNA)
    store.battles.add(own)
    store.battles.add(queued)
    store.reviews.add(Queue("first"), [QueueItem(queued.battle_id)])
    assert store.battles.open_for(ANNA).battle_id == own.battle_id


def test_what_cannot_be_a_queue_is_refused_in_one_sentence_and_leaves_nothing(store, battles):
    ordinary = [QueueItem(battles[0])]
    with pytest.raises(InvalidInput, match="name of a review queue"):
        store.reviews.add(Queue("a/b"), ordinary)
    with pytest.raises(InvalidInput, match="overlap is 0"):
        store.reviews.add(Queue("q", overlap=0), ordinary)
    with pytest.raises(InvalidInput, match="no battle"):
        store.reviews.add(Queue("q"), [QueueItem(battles[4], A)])
    with pytest.raises(NotFound, match="never stored"):
        store.reviews.add(Queue("q"), [QueueItem(uuid4())])
    failed = make_battle("three?", error="broke")
    store.battles.add(failed)
    with pytest.raises(NotVotable, match="takes no vote"):
        store.reviews.add(Queue("q"), [QueueItem(failed.battle_id)])
    assert store.reviews.list() == []
    store.reviews.add(Queue("q"), ordinary)
    with pytest.raises(Conflict, match="already"):
        store.reviews.add(Queue("q"), ordinary)


def test_an_unknown_queue_is_named_with_the_nearest(store, queue):
    with pytest.raises(NotFound, match="did you mean 'first'"):
        store.reviews.get("frist")


def test_answers_shown_in_attention_pairs_are_not_scored(store, battles, queue):
    from arena.judgments import AnswerFilter

    covered = store.scores.coverage(AnswerFilter())
    assert [(one.model, one.answers) for one in covered] == [("ada", 4), ("bob", 4)]
