"""One voter's own votes: the list, the days, and others on the same battles."""

from datetime import UTC, date, datetime, timedelta

import pytest

from arena.types import Aside, Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle

BEN, CLEO = Voter(VoterKind.HUMAN, "ben"), Voter(VoterKind.HUMAN, "cleo")
A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE


@pytest.fixture
def battles(store):
    add_models(store, "ada", "bob")
    made = [make_battle(f"Question {n}?") for n in range(6)]
    store.battles.add_many(made)
    return [battle.battle_id for battle in made]


def test_the_list_holds_ones_own_standing_votes_newest_first_with_names_and_prompt(store, battles):
    store.votes.cast(Vote(battles[0], A, ANNA, reasons=("Clear",), comment="yes"))
    store.votes.cast(Vote(battles[1], B, BEN))
    store.votes.cast(Vote(battles[2], TIE, ANNA))
    store.votes.cast(Vote(battles[3], A, ANNA))
    store.votes.undo(battles[3], ANNA)
    found = store.mine.page(ANNA, 10)
    assert [one.vote.battle_id for one in found] == [battles[2], battles[0]]
    assert (found[1].prompt, found[1].model_a, found[1].model_b) == ("Question 0?", "ada", "bob")
    assert (found[1].vote.reasons, found[1].vote.comment, found[1].vote.winner) == (("Clear",), "yes", A)


def test_pages_follow_each_other_without_gap_or_repeat_while_votes_come_in(store, battles):
    for battle_id in battles[:5]:
        store.votes.cast(Vote(battle_id, A, ANNA))
    first = store.mine.page(ANNA, 2)
    store.votes.cast(Vote(battles[5], A, ANNA))
    second = store.mine.page(ANNA, 2, before=first[-1].number)
    third = store.mine.page(ANNA, 2, before=second[-1].number)
    seen = [one.vote.battle_id for one in (*first, *second, *third)]
    assert seen == battles[4::-1]


def test_whether_somebody_voted_on_a_battle(store, battles):
    store.votes.cast(Vote(battles[0], A, ANNA, "safe"))
    assert store.mine.has_voted(ANNA, battles[0])
    assert not store.mine.has_voted(BEN, battles[0])
    store.votes.undo(battles[0], ANNA, "safe")
    assert not store.mine.has_voted(ANNA, battles[0])


def test_days_count_battles_in_utc(store, battles):
    late = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    for battle_id, at in zip(battles, (late, late, late + timedelta(minutes=2)), strict=False):
        store.votes.cast(Vote(battle_id, A, ANNA, created_at=at))
    store.votes.cast(Vote(battles[0], A, ANNA, "safe", created_at=late))
    store.votes.cast(Vote(battles[0], A, BEN, created_at=late))
    assert store.mine.days(ANNA, datetime(2026, 3, 1, tzinfo=UTC)) == {
        date(2026, 3, 1): 2,
        date(2026, 3, 2): 1,
    }
    assert store.mine.days(ANNA, datetime(2026, 3, 2, tzinfo=UTC)) == {date(2026, 3, 2): 1}


def test_others_are_people_on_the_same_criterion_and_not_oneself(store, battles):
    for voter, winner in ((ANNA, A), (BEN, A), (CLEO, TIE), (Voter(VoterKind.JUDGE, "sage"), B)):
        store.votes.cast(Vote(battles[0], winner, voter))
    store.votes.cast(Vote(battles[1], B, ANNA))
    store.votes.cast(Vote(battles[2], TIE, ANNA))
    store.votes.cast(Vote(battles[2], Winner.BOTH_BAD, BEN))
    store.votes.cast(Vote(battles[1], A, BEN, "safe"))
    mine, others = store.mine.beside_others(ANNA, "overall")
    assert mine.tolist() == [0, 2]
    assert others.tolist() == [[1, 0, 1], [0, 0, 1]]


def test_battles_set_aside_are_not_compared(store, battles):
    store.set_aside.add(battles[0], Aside.ATTENTION)
    for voter in (ANNA, BEN):
        store.votes.cast(Vote(battles[0], A, voter))
    mine, others = store.mine.beside_others(ANNA, "overall")
    assert (mine.shape, others.shape) == ((0,), (0, 3))


def test_a_voter_without_votes_has_nothing(store, battles):
    assert store.mine.page(ANNA, 5) == []
    assert store.mine.days(ANNA, datetime(2026, 1, 1, tzinfo=UTC)) == {}
