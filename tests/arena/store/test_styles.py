from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest

from arena.style.features import FEATURES
from arena.types import Answer, Battle, Prompt, Turn, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle

NAMES = [feature.name for feature in FEATURES]


def fought(store, text_a, text_b, *, more=(), winner=Winner.MODEL_A, voter=ANNA, vote=True):
    turns = [Turn(None, Answer("ada", text_a, "stop"), Answer("bob", text_b, "stop"))]
    turns += [Turn("And?", Answer("ada", a, "stop"), Answer("bob", b, "stop")) for a, b in more]
    battle = Battle(uuid4(), Prompt.from_text("Why?"), "ada", "bob", tuple(turns))
    store.battles.add(battle)
    if vote:
        store.votes.cast(Vote(battle.battle_id, winner, voter))
    return battle


@pytest.fixture
def arena(store):
    add_models(store, "ada", "bob")
    return store


def measured(store, text):
    """The counts of one answer."""
    fought(store, text, "-")
    return dict(zip(NAMES, store.styles.rows(VoteFilter()).style_a[0].astype(int).tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("Two words", 2),
        ("Don't stop!", 5),
        ("3.14 is pi", 5),
        ("naïve Übermut, Привет", 4),
        ("你好吗", 3),
        ("snake_case x", 2),
    ],
)
def test_tokens_are_words_marks_and_single_letters_of_scripts_without_spaces(arena, text, tokens):
    assert measured(arena, text)["tokens"] == tokens


def test_headers_lists_and_bold_are_counted_outside_of_code(arena):
    text = (
        "# Title\n\nSome **bold words** and __more__ of it, 2 ** 3 ** 4.\n## Second\n#hashtag\n\n"
        "- one\n  * two\n+ three\n1. four\n2) five\n-no item\n\n"
        "```python\n# a comment\n- x\n**no**\n```\n#### Last\n```\n# never closed\n- y"
    )
    found = measured(arena, text)
    assert (found["headers"], found["lists"], found["bold"]) == (3, 5, 2)


def test_dunder_names_are_not_bold(arena):
    assert measured(arena, "Call foo.__init__() or a__b__c.")["bold"] == 0


def test_turns_of_a_battle_are_summed(arena):
    fought(arena, "one two", "x", more=[("three", "**y**")])
    rows = arena.styles.rows(VoteFilter())
    assert rows.style_a[0, 0] == 3 and rows.style_b[0, NAMES.index("bold")] == 1


def test_an_answer_is_measured_once_and_a_new_one_when_it_is_there(arena):
    fought(arena, "one", "two")
    assert (arena.styles.measure(), arena.styles.measure()) == (2, 0)
    fought(arena, "three", "four")
    assert arena.styles.measure() == 2


def test_equal_votes_on_a_battle_are_one_row_and_undone_ones_none(arena):
    battle = fought(arena, "one", "two")
    for name, winner in (("ben", Winner.MODEL_A), ("cid", Winner.TIE), ("dan", Winner.MODEL_B)):
        arena.votes.cast(Vote(battle.battle_id, winner, Voter(VoterKind.HUMAN, name)))
    arena.votes.undo(battle.battle_id, Voter(VoterKind.HUMAN, "dan"))
    rows = arena.styles.rows(VoteFilter())
    assert sorted(zip(rows.winner.tolist(), rows.votes.tolist(), strict=True)) == [(0, 2), (2, 1)]
    by_voter = arena.styles.rows(VoteFilter(), ("voter", "prompt"))
    assert len(by_voter.votes) == 3
    assert by_voter.keys["voter"].names == ("human:anna", "human:ben", "human:cid")
    assert len(by_voter.keys["prompt"].names) == 1


def test_a_filter_holds_for_styles_as_for_counts(arena):
    fought(arena, "one", "two")
    fought(arena, "one", "two", voter=Voter(VoterKind.SIMULATED, "sim"), winner=Winner.MODEL_B)
    rows = arena.styles.rows(VoteFilter(voter_kinds=(VoterKind.SIMULATED,)))
    assert rows.votes.sum() == 1 and rows.winner.tolist() == [1]
    assert rows.counts() == arena.votes.pair_counts(VoteFilter(voter_kinds=(VoterKind.SIMULATED,)))


def test_votes_on_battles_without_stored_answers_are_counted_apart(arena, write_votes):
    fought(arena, "one", "two")
    write_votes(arena, 3)
    rows = arena.styles.rows(VoteFilter())
    assert (rows.votes.sum(), rows.unread) == (1, 3)
    assert np.isfinite(rows.style_a).all()


def test_no_vote_makes_no_row(arena):
    rows = arena.styles.rows(VoteFilter(), ("voter",))
    assert len(rows.votes) == 0 and rows.names == () and rows.counts() == []


def test_counts_of_rows_are_those_of_the_votes(arena):
    for winner in Winner:
        fought(arena, "a", "b", winner=winner)
        turned = replace(make_battle("How?", "bob", "ada"), battle_id=uuid4())
        arena.battles.add(turned)
        arena.votes.cast(Vote(turned.battle_id, winner, ANNA))
    assert arena.styles.rows(VoteFilter()).counts() == arena.votes.pair_counts(VoteFilter())


@pytest.fixture
def write_votes(tmp_path):
    """Import so many votes without answers."""
    from arena.formats import import_file

    def write(store, number):
        path = tmp_path / "votes.csv"
        path.write_text("model_a,model_b,winner\n" + "ada,bob,model_a\n" * number)
        import_file(store, path, "votes")

    return write


def test_votes_with_their_styles_come_in_the_order_of_their_times(arena):
    first, second = fought(arena, "a", "b", vote=False), fought(arena, "one two", "b", vote=False)
    for number, battle in enumerate((second, first, second)):
        arena.votes.cast(
            Vote(
                battle.battle_id,
                Winner.MODEL_A,
                Voter(VoterKind.HUMAN, f"v{number}"),
                created_at=datetime(2026, 1, 3 - number, tzinfo=UTC),
            )
        )
    timed = arena.styles.timed(VoteFilter(), ("voter",))
    assert timed.style.style_a[:, 0].tolist() == [2, 1, 2] and (np.diff(timed.at) > 0).all()
    assert [timed.keys["voter"].names[code] for code in timed.keys["voter"].code] == [
        "human:v2",
        "human:v1",
        "human:v0",
    ]
