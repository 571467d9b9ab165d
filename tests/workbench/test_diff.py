"""Word differences mark what differs and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.diff import MOST_WORDS, Difference, Span, compare


def changed(spans: tuple[Span, ...]) -> list[str]:
    return [span.text for span in spans if span.changed]


@given(st.text(), st.text())
def test_the_spans_of_each_side_spell_its_text(a: str, b: str) -> None:
    difference = compare(a, b)
    assert "".join(s.text for s in difference.chosen) == a
    assert "".join(s.text for s in difference.rejected) == b


@given(st.text())
def test_equal_texts_have_no_difference(text: str) -> None:
    difference = compare(text, text)
    assert not changed(difference.chosen) + changed(difference.rejected)
    assert difference.share == 0


@given(
    st.lists(st.sampled_from(["cat", "dog", "runs", "the", ",", "."]), max_size=12),
    st.lists(st.sampled_from(["cat", "dog", "runs", "the", ",", "."]), max_size=12),
)
def test_a_mark_begins_and_ends_on_a_word(a: list[str], b: list[str]) -> None:
    for span in compare(" ".join(a), " ".join(b)).chosen:
        assert not span.changed or span.text == span.text.strip() != ""


def test_one_replaced_word_is_marked_on_both_sides() -> None:
    difference = compare("Start by asking kindly, then wait.", "Start by asking loudly, then wait.")
    assert changed(difference.chosen) == ["kindly"]
    assert changed(difference.rejected) == ["loudly"]


def test_a_short_equal_word_between_two_changes_joins_them() -> None:
    difference = compare("we saw red and green lights here", "we saw blue and black lights here")
    assert changed(difference.chosen) == ["red and green"]


def test_a_word_added_at_the_end_leaves_the_rest_unmarked() -> None:
    difference = compare("Yes it is.", "Yes it is. Really")
    assert changed(difference.chosen) == []
    assert changed(difference.rejected) == ["Really"]


def test_unrelated_texts_differ_wholly() -> None:
    assert compare("alpha beta", "gamma delta").share == 1


def test_texts_too_long_to_compare_come_back_unmarked() -> None:
    long = "word " * (MOST_WORDS + 1)
    assert compare(long, "x") == Difference((Span(long, False),), (Span("x", False),), 1.0)
