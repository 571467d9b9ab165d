import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena import lengths
from arena.ratings.intervals import wilson
from arena.types import Message, Preference, VoterKind


def pair(chosen: str, rejected: str, *more: Message) -> Preference:
    def said(text: str) -> tuple[Message, ...]:
        return (Message("assistant", text), *more)

    prompt = (Message("user", "Why?"),)
    return Preference(
        prompt, said(chosen), said(rejected), "p", uuid.uuid4(), "a", "b", 1, 1.0, (VoterKind.HUMAN,)
    )


def test_no_pairs_have_no_lengths():
    assert lengths.measure([]) is None


def test_the_share_of_longer_chosen_answers_leaves_equal_ones_out():
    found = lengths.measure(
        [pair("long one", "short"), pair("same", "four"), pair("a", "bb"), pair("ccc", "d")]
    )
    assert found is not None
    assert (found.pairs, found.unequal, found.longer) == (4, 3, pytest.approx(2 / 3))
    assert (found.longer_lower, found.longer_upper) == pytest.approx(wilson(2 / 3, 3))


def test_pairs_of_equal_length_have_no_share():
    found = lengths.measure([pair("same", "four")])
    assert found is not None and found.longer is None and found.longer_lower is None
    assert sum(found.chosen.counts) == sum(found.rejected.counts) == 1


def test_only_the_words_of_the_assistant_count():
    follow = (Message("user", "a question of many characters"), Message("assistant", "yes"))
    found = lengths.measure([pair("twelve chars", "four", *follow)])
    assert found is not None
    assert (found.chosen.median, found.rejected.median) == (15.0, 7.0)


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=40),
    st.integers(1, 60),
)
def test_every_answer_is_in_one_bin_and_the_quartiles_are_in_order(sizes, bins):
    found = lengths.measure([pair("x" * a, "y" * b) for a, b in sizes], bins=bins)
    assert found is not None and found.low < found.high
    for one in (found.chosen, found.rejected):
        assert len(one.counts) == bins and sum(one.counts) == len(sizes)
        assert one.lower_quartile <= one.median <= one.upper_quartile
    if found.longer is not None:
        assert 0 <= found.longer_lower <= found.longer <= found.longer_upper <= 1
