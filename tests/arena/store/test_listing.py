"""Long lists go on from a key: what is stored meanwhile shifts nothing."""

from uuid import uuid4

import pytest

from arena.errors import NotFound
from arena.store import Store
from arena.types import (
    Answer,
    Aside,
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

ANN = Voter(VoterKind.HUMAN, "ann")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "w.duckdb") as store:
        for name in ("owl", "crow"):
            store.models.add(ModelSpec(name, ModelKind.RECORDED))
        yield store


def fight(store, number=1, aside=None):
    found = []
    for at in range(number):
        turn = Turn(None, Answer("owl", "Hoo."), Answer("crow", "Caw."))
        found.append(Battle(uuid4(), Prompt.from_text(f"Who is {at}?"), "owl", "crow", (turn,), ANN))
    store.battles.add_many(found, aside=aside)
    return found


def pages(ask, key, limit):
    """Return the items of all pages, storing nothing in between."""
    items, before = [], None
    while page := ask(limit, before):
        items.append(page)
        before = key(page[-1])
    return items


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_battles_stored_at_one_moment_come_once_each(store, limit):
    fought = {battle.battle_id for battle in fight(store, 5)}
    found = [item for page in pages(store.listing.battles, lambda b: b.battle_id, limit) for item in page]
    assert len(found) == 5
    assert {item.battle_id for item in found} == fought


def test_battles_stored_meanwhile_shift_no_page(store):
    early = {battle.battle_id for battle in fight(store, 4)}
    first = store.listing.battles(2)
    fight(store, 3)
    rest = store.listing.battles(10, first[-1].battle_id)
    assert {item.battle_id for item in (*first, *rest)} == early


def test_a_listed_battle_tells_what_was_asked_and_how_many_voted(store):
    battle = fight(store)[0]
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANN))
    found = store.listing.battles(1)[0]
    assert (found.prompt, found.model_a, found.model_b) == ("Who is 0?", "owl", "crow")
    assert (found.votes, found.votable, found.started_by, found.aside) == (1, True, "ann", None)
    assert found.created_at is not None


def test_a_battle_that_is_set_aside_says_why(store):
    fight(store, aside=Aside.NAMED)
    assert store.listing.battles(1)[0].aside == "named"


def test_going_on_from_a_battle_that_is_not_there_is_refused(store):
    with pytest.raises(NotFound, match="first page"):
        store.listing.battles(1, uuid4())


def test_votes_come_newest_first_and_go_on_from_a_number(store):
    battles = fight(store, 5)
    for battle in battles:
        store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANN))
    first = store.listing.votes(VoteFilter(), 2)
    assert [item.vote.battle_id for item in first] == [battles[4].battle_id, battles[3].battle_id]
    store.votes.cast(Vote(battles[0].battle_id, Winner.TIE, Voter(VoterKind.HUMAN, "bob")))
    rest = store.listing.votes(VoteFilter(), 10, first[-1].number)
    assert [item.vote.battle_id for item in rest] == [battle.battle_id for battle in battles[2::-1]]


def test_only_votes_that_stand_count_and_match_are_listed(store):
    kept, undone = fight(store, 2)
    aside = fight(store, aside=Aside.ATTENTION)[0]
    for battle in (kept, undone, aside):
        store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANN))
    store.votes.undo(undone.battle_id, ANN)
    assert [item.vote.battle_id for item in store.listing.votes(VoteFilter(), 10)] == [kept.battle_id]
    assert not store.listing.votes(VoteFilter(voters=("bob",)), 10)
