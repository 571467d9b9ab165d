"""Which battle of a queue comes next, and who holds which, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.desk import Desk, Pile
from arena.reviews import ItemState, Queue
from arena.types import Voter, VoterKind, Winner

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPACE = UUID(int=7)
ANNA = Voter(VoterKind.HUMAN, "anna")
BEN = Voter(VoterKind.HUMAN, "ben")


def item(
    number: int, *, attention: bool = False, people: tuple[str, ...] = (), met: int | None = None
) -> ItemState:
    winner = Winner.TIE if met is not None else None
    at = None if met is None else NOON + timedelta(seconds=met)
    return ItemState(uuid5(SPACE, str(number)), attention, people, winner, False, at)


def pile(ordinary: int, pairs: int = 0, *, overlap: int = 1, voter: Voter = ANNA) -> Pile:
    items = [item(n) for n in range(ordinary)] + [item(1000 + n, attention=True) for n in range(pairs)]
    return Pile(Queue("q", overlap), voter, tuple(items))


def go_through(start: Pile) -> list[ItemState]:
    """Vote on whatever comes next until nothing does; return it in order."""
    met: list[ItemState] = []
    while (battle_id := start.next()) is not None:
        start = start.voted(battle_id, Winner.MODEL_A, met_at=NOON + timedelta(seconds=len(met)))
        met.append(start.dealt[-1])
        assert start.dealt[-1].battle_id == battle_id
    return met


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(0, 12), st.text(min_size=1, max_size=8))
def test_everybody_meets_each_battle_once_and_all_attention_pairs(ordinary, pairs, name):
    start = pile(ordinary, pairs, voter=Voter(VoterKind.HUMAN, name))
    met = go_through(start)
    assert len({one.battle_id for one in met}) == len(met) == ordinary + pairs == start.total


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 200), st.integers(1, 10), st.text(min_size=1, max_size=8))
def test_attention_pairs_are_spread_over_the_whole_queue(ordinary, pairs, name):
    met = go_through(pile(ordinary, pairs, voter=Voter(VoterKind.HUMAN, name)))
    stretch = ordinary / pairs
    seen = 0
    for place, one in enumerate(met):
        if one.attention:
            before = place - seen
            assert stretch * seen <= before <= stretch * (seen + 1) + 1
            seen += 1
    assert seen == pairs


def test_the_total_that_is_promised_is_what_one_gets_and_never_wavers():
    start, totals = pile(37, 3), set()
    for number in range(start.total):
        totals.add(start.total)
        battle_id = start.next()
        assert battle_id is not None
        start = start.voted(battle_id, Winner.TIE, met_at=NOON + timedelta(seconds=number))
    assert totals == {40}
    assert start.next() is None


def test_attention_pairs_stand_at_other_places_for_other_people():
    def places(name: str) -> tuple[int, ...]:
        met = go_through(pile(100, 5, voter=Voter(VoterKind.HUMAN, name)))
        return tuple(place for place, one in enumerate(met) if one.attention)

    assert len({places(f"person {n}") for n in range(20)}) >= 19


def test_people_begin_at_different_battles():
    first = {pile(200, voter=Voter(VoterKind.HUMAN, f"person {n}")).next() for n in range(20)}
    assert len(first) >= 15


def test_the_battle_with_the_fewest_votes_comes_first():
    items = (item(1, people=("x", "y")), item(2, people=("x",)), item(3, people=("y",)), item(4))
    queue = Queue("q", overlap=3)
    assert Pile(queue, ANNA, items).next() == items[3].battle_id
    rest = Pile(queue, ANNA, items[:3])
    assert rest.next() in (items[1].battle_id, items[2].battle_id)
    assert Pile(queue, ANNA, (items[0],)).next() == items[0].battle_id


def test_a_battle_with_all_its_votes_is_not_handed_out():
    items = (item(1, people=("x", "y")),)
    assert Pile(Queue("q", overlap=2), ANNA, items).next() is None
    assert Pile(Queue("q", overlap=3), ANNA, items).next() == items[0].battle_id


def test_a_battle_in_enough_other_hands_is_not_handed_out():
    start = pile(1, overlap=2)
    battle_id = start.items[0].battle_id
    assert start.next([(battle_id, BEN)]) == battle_id
    assert start.next([(battle_id, BEN), (battle_id, Voter(VoterKind.HUMAN, "cleo"))]) is None


def test_who_holds_a_battle_and_has_voted_on_it_counts_once():
    start = Pile(Queue("q", overlap=2), ANNA, (item(1, people=("ben",)),))
    battle_id = start.items[0].battle_id
    assert start.next([(battle_id, BEN)]) == battle_id


def test_a_taken_back_vote_opens_the_battle_again():
    start = pile(2)
    battle_id = start.next()
    voted = start.voted(battle_id, Winner.MODEL_B, met_at=NOON)
    assert voted.complete == 0.5
    back = voted.voted(battle_id, None, met_at=None)
    assert back.complete == 0
    assert {one.battle_id for one in back.waiting} == {one.battle_id for one in start.items}


def test_what_was_dealt_with_stands_in_the_order_in_which_it_was_met():
    items = (item(1, met=30), item(2), item(3, met=10), replace(item(4, met=20), winner=None, skipped=True))
    assert [one.battle_id for one in Pile(Queue("q"), ANNA, items).dealt] == [
        items[2].battle_id,
        items[3].battle_id,
        items[0].battle_id,
    ]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_battle_is_in_somebodys_hands_for_a_while_only(clock):
    desk, battle_id = Desk(held_s=60, clock=clock), uuid5(SPACE, "x")
    desk.take("q", ANNA, battle_id)
    assert desk.mine("q", ANNA) == battle_id
    assert desk.others("q", BEN) == [(battle_id, ANNA)]
    assert desk.others("q", ANNA) == []
    assert desk.others("other", BEN) == []
    clock.now = 61
    assert desk.mine("q", ANNA) is None
    assert desk.others("q", BEN) == []


def test_the_battle_before_goes_on_counting_until_every_chooser_has_seen_the_vote(clock):
    desk, first, second = Desk(clock=clock), uuid5(SPACE, "1"), uuid5(SPACE, "2")
    desk.take("q", ANNA, first)
    desk.take("q", ANNA, second)
    assert set(desk.others("q", BEN)) == {(first, ANNA), (second, ANNA)}
    clock.now = 31
    assert desk.others("q", BEN) == [(second, ANNA)]


def test_a_skipped_battle_is_free_at_once(clock):
    desk, battle_id = Desk(clock=clock), uuid5(SPACE, "1")
    desk.take("q", ANNA, battle_id)
    desk.drop("q", ANNA, battle_id)
    assert desk.others("q", BEN) == []
    assert desk.mine("q", ANNA) is None
