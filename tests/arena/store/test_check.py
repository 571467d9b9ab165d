"""A check counts the votes by the plainest query, tells what differs, and leaves right counts behind."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena.errors import AlreadyVoted, Conflict, NotFound
from arena.store import Store, tallies
from arena.types import Aside, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle
from tests.arena.store.test_bulk import insert, staged

VOTERS = (
    ANNA,
    Voter(VoterKind.HUMAN, "ben"),
    Voter(VoterKind.JUDGE, "gpt"),
    Voter(VoterKind.SIMULATED, "sim"),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("cast", "undo", "correct", "aside", "import")),
        st.integers(0, 3),
        st.sampled_from(VOTERS),
        st.sampled_from(Winner),
        st.sampled_from(("overall", "safe")),
    ),
    max_size=25,
)


def take(store: Store, battles, step) -> None:
    what, place, voter, winner, criterion = step
    battle_id = battles[place].battle_id
    try:
        if what == "cast":
            store.votes.cast(Vote(battle_id, winner, voter, criterion))
        elif what == "undo":
            store.votes.undo(battle_id, voter, criterion)
        elif what == "correct":
            store.votes.correct(battle_id, voter, criterion, winner=winner)
        elif what == "aside":
            store.set_aside.add(battle_id, list(Aside)[place % 2])
        else:
            insert(store, staged(1, winner=winner.value, voter_kind=voter.kind.value))
    except (AlreadyVoted, Conflict, NotFound):
        pass


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_counts_kept_are_right_after_whatever_happened(tmp_path_factory, steps):
    with Store.open(tmp_path_factory.mktemp("check") / "w.duckdb") as store:
        add_models(store, "zoe", "ada", "bob")
        battles = [
            make_battle(model_a=a, model_b=b)
            for a, b in (("zoe", "ada"), ("ada", "zoe"), ("bob", "zoe"), ("ada", "bob"))
        ]
        store.battles.add_many(battles)
        store.votes.pair_counts(VoteFilter())
        for step in steps:
            take(store, battles, step)
        found = store.votes.check()
        assert found.sound and found.kept and not found.differences
        assert found.votes == store.read().execute("SELECT count(*) FROM standing_votes").fetchone()[0]


def test_a_count_gone_wrong_is_told_and_mended(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    store.votes.pair_counts(VoteFilter())
    (votes,) = store.votes._tallies._cells.by_cell.values()
    votes[0] += [0, 0, 5, 0]
    found = store.votes.check()
    assert not found.sound and found.differ == 1
    (wrong,) = found.differences
    assert (wrong.winner, wrong.kept, wrong.counted) == ("tie", 5, 0)
    assert (wrong.criterion, wrong.voter_kind, wrong.judge, wrong.aside) == ("overall", "human", None, None)
    assert "1 of 4 counts" in found.sentence and "1 standing votes" in found.sentence
    assert store.votes.pair_counts(VoteFilter())[0].ties == 0
    assert store.votes.check().sound


def test_an_empty_store_is_sound(store):
    found = store.votes.check()
    assert found.sound and found.votes == 0


def test_counts_that_are_not_kept_are_said_not_to_be(store, battle, monkeypatch):
    monkeypatch.setattr(tallies, "MOST_CELLS", 0)
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    found = store.votes.check()
    assert found.sound and not found.kept and found.votes == 1
    assert "no counts of them are kept" in found.sentence


def test_names_of_models_and_not_ids_are_told(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    store.votes.pair_counts(VoteFilter())
    next(iter(store.votes._tallies._cells.by_cell.values()))[0] = 0
    (wrong,) = store.votes.check().differences
    assert {wrong.model_a, wrong.model_b} == {battle.model_a, battle.model_b}
    assert (wrong.kept, wrong.counted) == (0, 1)


@pytest.mark.parametrize("ahead", [0, 3])
def test_votes_behind_the_cut_count_and_later_ones_do_not(store, new_battle, ahead):
    for _ in range(4):
        store.votes.cast(Vote(new_battle(), Winner.TIE, ANNA))
    from arena.store.check import plainly

    cells = plainly(store.read(), 1 + ahead)
    assert sum(sum(n) for pairs in cells.values() for n in pairs.values()) == 1 + ahead
