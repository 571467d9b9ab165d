from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.preferences import REASONS, JudgedPair, Preferences, derive
from arena.types import Message, VoterKind
from tests.arena.judged import battles, judged, without_text


def taken(preferences: Preferences) -> dict[str, int]:
    """The reasons that took votes."""
    return {reason: number for reason, number in preferences.dropped.items() if number}


def test_the_preferred_text_is_chosen_whichever_side_it_was_on():
    for row in (judged(1, wins_a=1), judged(1, wins_a=1).swapped()):
        result = derive([row])
        (pair,) = result.kept
        assert [m.content for m in pair.prompt] == ["Which way is north?"]
        assert [m.content for m in pair.chosen] == ["Up on most maps."]
        assert [m.content for m in pair.rejected] == ["No idea."]
        assert (pair.model_chosen, pair.model_rejected) == ("one", "two")
        assert (pair.votes, pair.agreement, pair.battle_id) == (1, 1.0, row.battle_id)
        assert taken(result) == {}


def test_further_votes_merge_and_the_minority_is_outvoted():
    result = derive([judged(1, wins_a=3, wins_b=1, both_bad=1)])
    (pair,) = result.kept
    assert (pair.votes, pair.agreement) == (5, 3 / 5)
    assert taken(result) == {"merged": 2, "outvoted": 2}
    assert result.waterfall() == [("votes", 5), ("merged", 2), ("outvoted", 2), ("pairs", 1)]


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        (judged(1, ties=2, wins_a=1), {"tie": 2, "outvoted": 1}),
        (judged(1, both_bad=3), {"both_bad": 3}),
        (judged(1, wins_a=1, wins_b=1), {"split": 2}),
        (judged(1, wins_a=2, wins_b=1, ties=1), {"split": 4}),
        (judged(1, wins_a=1, failed=True), {"failed": 1}),
        (judged(1, a=" \n", wins_b=2), {"empty": 2}),
        (judged(1, a="No idea. ", wins_b=2), {"same text": 2}),
        (without_text(1, wins_a=4), {"no text": 4}),
    ],
)
def test_votes_that_make_no_pair_say_why(row: JudgedPair, reasons: dict[str, int]):
    result = derive([row])
    assert result.kept == ()
    assert taken(result) == reasons
    assert result.votes == sum(reasons.values()) == row.votes


def test_the_same_texts_in_two_battles_are_one_pair():
    result = derive(
        [
            judged(7, wins_a=2),
            judged(3, wins_a=1, models=("three", "four"), kinds=(VoterKind.JUDGE,)),
            judged(5, wins_a=1).swapped(),
        ]
    )
    (pair,) = result.kept
    assert pair.votes == 4 and pair.battle_id.int == 3
    assert (pair.model_chosen, pair.model_rejected) == ("three", "four")
    assert pair.voter_kinds == (VoterKind.HUMAN, VoterKind.JUDGE)
    assert taken(result) == {"merged": 3}
    assert result.battles == 3


def test_battles_that_contradict_each_other_are_split():
    result = derive([judged(1, wins_a=1), judged(2, wins_b=1)])
    assert result.kept == () and taken(result) == {"split": 2}


def test_the_same_texts_to_another_prompt_are_another_pair():
    assert len(derive([judged(1, wins_a=1), judged(2, "And south?", wins_b=1)]).kept) == 2


def test_a_larger_majority_can_be_asked_for():
    row = judged(1, wins_a=2, wins_b=1)
    assert len(derive([row], majority=0.6).kept) == 1
    assert taken(derive([row], majority=0.7)) == {"split": 3}


@pytest.mark.parametrize("majority", [0.4, 1.0, float("nan")])
def test_a_majority_that_is_none_is_refused(majority: float):
    with pytest.raises(InvalidInput, match="The majority is"):
        derive([], majority=majority)


def test_a_conversation_with_a_follow_up_keeps_both_turns():
    def continued(first: str, second: str) -> tuple[Message, ...]:
        return (Message("assistant", first), Message("user", "Why?"), Message("assistant", second))

    row = replace(
        judged(1, wins_b=1),
        continuation_a=continued("Up.", "I said so."),
        continuation_b=continued("Up.", "Maps are drawn so."),
    )
    (pair,) = derive([row]).kept
    assert [m.content for m in pair.chosen] == ["Up.", "Why?", "Maps are drawn so."]
    assert [m.role for m in pair.rejected] == ["assistant", "user", "assistant"]


def test_a_blank_second_answer_is_empty_too():
    blank = (Message("assistant", "Up."), Message("user", "Why?"), Message("assistant", ""))
    result = derive([replace(judged(1, wins_b=1), continuation_a=blank)])
    assert taken(result) == {"empty": 1}


def test_a_battle_without_votes_does_not_count():
    result = derive([judged(1)])
    assert (result.votes, result.battles, result.kept) == (0, 0, ())


def test_languages_count_kept_pairs():
    rows = [
        judged(1, wins_a=1, language="de"),
        judged(2, "And south?", wins_a=1, language="de"),
        judged(3, "And west?", wins_a=1),
        judged(4, "And east?", ties=1, language="fr"),
    ]
    assert derive(rows).languages == {"de": 2}


def test_reasons_are_words_for_a_sentence():
    assert derive([judged(1, ties=2), without_text(2, 3)]).reasons() == "2 tie, 3 no text"


@given(battles())
def test_the_waterfall_adds_up(rows: list[JudgedPair]):
    result = derive(rows)
    assert result.votes == sum(row.votes for row in rows)
    assert result.votes == len(result.kept) + sum(result.dropped.values())
    assert set(result.dropped) == set(REASONS)
    first, *steps, last = result.waterfall()
    assert first[1] - sum(number for _, number in steps) == last[1] == len(result.kept)


@given(battles())
def test_kept_pairs_are_trainable_and_appear_once(rows: list[JudgedPair]):
    kept = derive(rows).kept
    seen = set()
    for pair in kept:
        texts = [m.content.strip() for m in (*pair.chosen, *pair.rejected)]
        assert all(texts) and texts[0] != texts[1]
        assert 0.5 < pair.agreement <= 1.0 and pair.votes >= 1
        key = (pair.prompt, frozenset((pair.chosen, pair.rejected)))
        assert key not in seen
        seen.add(key)


@given(battles(), st.randoms())
def test_neither_order_nor_sides_change_the_pairs(rows: list[JudgedPair], random):
    result = derive(rows)
    other = [row.swapped() if random.random() < 0.5 else row for row in rows]
    random.shuffle(other)
    assert derive(other) == result


def test_a_swap_twice_is_no_swap():
    row = judged(1, wins_a=3, wins_b=1, ties=2, both_bad=5)
    assert row.swapped() != row and row.swapped().swapped() == row
