from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.lengths import measure, measure_lengths
from arena.preferences import derive
from arena.store import Store
from arena.types import (
    Answer,
    Battle,
    Prompt,
    Turn,
    Vote,
    VoteFilter,
    Voter,
    VoterKind,
    Winner,
    WrittenAnswer,
)
from tests.arena.store.conftest import add_models
from tests.arena.store.test_bulk import insert, staged

TEXTS = st.sampled_from(["yes", "no", "maybe so", " ", "yes\u2003", "\u3000no\n", ""])


@st.composite
def stored_battles(draw):
    """Battles of one or two turns on few prompts and texts, with votes and answers that voters wrote."""
    made = []
    for _ in range(draw(st.integers(0, 8))):
        turns = [
            (None if n == 0 else "And?", draw(TEXTS), draw(TEXTS)) for n in range(draw(st.integers(1, 2)))
        ]
        votes = draw(st.lists(st.tuples(st.sampled_from(Winner), st.sampled_from(VoterKind)), max_size=4))
        trouble = draw(st.integers(0, 9))
        written = draw(st.sampled_from([None, None, "a better one", "yes", "no"]))
        made.append((draw(st.sampled_from("PQ")), turns, votes, trouble, written))
    return made


def put(store, drawn):
    add_models(store, "ada", "bob")
    for number, (prompt, turns, votes, trouble, written) in enumerate(drawn):
        if trouble == 0:
            insert(store, staged(1, battle_key=f"{number}", winner="model_b"))
            continue
        said = tuple(
            Turn(user, Answer("ada", a, error="broken" if trouble == 1 else None), Answer("bob", b))
            for user, a, b in turns
        )
        battle = Battle(uuid4(), Prompt.from_text(prompt), "ada", "bob", said)
        store.battles.add(battle)
        if trouble == 1:
            continue
        for number, (winner, kind) in enumerate(votes):
            store.votes.cast(Vote(battle.battle_id, winner, Voter(kind, f"voter {number}")))
        if written and votes:
            writer = Voter(votes[0][1], "voter 0")
            store.written.write(WrittenAnswer(battle.battle_id, writer, written))


@settings(max_examples=30, deadline=None)
@given(stored_battles(), st.sampled_from([0.5, 0.66, 0.999]))
def test_the_outline_has_the_numbers_and_the_pairs_of_the_preferences(tmp_path_factory, drawn, majority):
    with Store.open(tmp_path_factory.mktemp("outline") / "w.duckdb") as store:
        put(store, drawn)
        for votes in (VoteFilter(), VoteFilter(voter_kinds=(VoterKind.HUMAN,))):
            whole = derive(store.preferences.judged_pairs(votes), majority=majority)
            found = store.preferences.outline(votes, majority=majority)
            assert (found.votes, found.battles, found.dropped) == (whole.votes, whole.battles, whole.dropped)
            assert (found.pairs, found.written_pairs) == (len(whole.kept), whole.written_pairs)
            assert found.written_answers == whole.written_answers
            pairs = [store.preferences.pair(found, index) for index in range(found.pairs)]
            assert sorted(pairs, key=repr) == sorted(whole.kept, key=repr)
            assert measure_lengths(found.chosen, found.rejected) == measure(pairs)


def test_a_share_that_is_no_majority_is_refused(store):
    with pytest.raises(InvalidInput, match=r"majority is 0\.4"):
        store.preferences.outline(VoteFilter(), majority=0.4)
