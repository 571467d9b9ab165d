import pytest
from hypothesis import given
from hypothesis import strategies as st

from judges.marks import Mark, Place, Scale

CODED = Mark("[[{code}: {label}]]")
CODE = "3f9c2a7b"


@pytest.mark.parametrize(
    "reply",
    [
        "[[3f9c2a7b: A]]",
        "**[[3f9c2a7b: A]]**",
        "[[ 3F9C2A7B : **A** ]].",
        "[[`3f9c2a7b`: 'A']]",
        "[[3f9c2a7b：A]]",
        "first [[3f9c2a7b: A]] then more",
        "[3f9c2a7b: A]",
        "【3f9c2a7b：A】",
        "［［3f9c2a7b: A］］",
    ],
)
def test_a_mark_is_found_however_it_is_dressed(reply):
    assert CODED.find(reply, CODE) == [("A",)]


@pytest.mark.parametrize(
    "reply", ["[[A]]", "[[3f9c2a7c: A]]", "[[: A]]", "3f9c2a7b: A", "[[3f9c2a7b:\nA]]", ""]
)
def test_without_the_code_there_is_no_mark(reply):
    assert CODED.find(reply, CODE) == []


def test_the_sign_that_stands_for_the_code_inside_is_no_code():
    assert CODED.find("[[\ue0ff: A]] [[\ue0ff\ue0ff\ue0ff\ue0ff\ue0ff\ue0ff\ue0ff\ue0ff: B]]", CODE) == []


def test_all_marks_are_found_in_their_order():
    assert CODED.find("[[3f9c2a7b: A]] or [[3f9c2a7b: B]]", CODE) == [("A",), ("B",)]


def test_a_value_does_not_reach_beyond_its_own_mark():
    mark = Mark("Output ({label}) is better")
    assert mark.find("Output (a) is worse, so Output (b) is better.", "") == [("b",)]
    assert mark.find("Both Output (a) and Output (b) are good.", "") == []


def test_two_numbers_need_a_space_between_them():
    mark = Mark("{score_a} {score_b}", Place.FIRST_LINE)
    assert mark.find("89\nreasons 1 2", "") == []
    assert mark.find("\n 8 9.5 \nreasons 1 2", "") == [("8", "9.5")]


def test_a_first_line_that_says_more_is_not_a_mark():
    mark = Mark("{score_a} {score_b}", Place.FIRST_LINE)
    assert mark.find("8 9 are my scores", "") == []


def test_a_last_line_may_be_followed_by_blank_ones():
    mark = Mark("Verdict: {label}", Place.LAST_LINE)
    assert mark.find("Verdict: B\nno\n*Verdict: A.*\n\n", "") == [("A",)]
    assert mark.find("Verdict: B\nno", "") == []


def test_a_line_break_in_a_mark_lets_the_line_say_more():
    mark = Mark("One: {score_a}\nTwo: {score_b}")
    assert mark.find("One: 1/10 (wrong)\n\nTwo: 8 (nearly)", "") == [("1", "8")]


@given(st.text(alphabet="AB<>=+ab", min_size=1, max_size=6), st.sampled_from(["", "ok\n", "[[A]] "]))
def test_what_is_written_is_read_back(label, before):
    assert CODED.find(before + CODED.written(CODE, label=label), CODE) == [(label,)]


@given(st.text(max_size=200))
def test_no_text_without_the_code_holds_a_mark(text):
    if CODE not in text.casefold():
        assert CODED.find(text, CODE) == []


def test_a_long_reply_of_half_marks_is_searched_in_one_go():
    assert CODED.find("[[3f9c2a7b: " * 20_000, CODE) == []
    assert Mark("[[{label}]]").find("[[" * 50_000, "") == []


def test_a_scale_holds_its_steps_and_nothing_else():
    scale = Scale(1, 10)
    assert scale.holds(7) and not scale.holds(7.5) and not scale.holds(0) and not scale.holds(11)
    assert Scale(0, 1, 0.1).holds(0.7)
    assert len(Scale(0, 1, 0.1).values) == 11
    assert not scale.holds(float("inf")) and not scale.holds(float("nan"))


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7.0), ("7.5", 7.5), ("7,5", 7.5), ("7/10", 7.0), ("7 out of 10", 7.0), ("-1", -1.0), ("٧", 7.0)],
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert Scale(1, 10).number(text) == number


@pytest.mark.parametrize("text", ["", "seven", "7/5", "7 of 10", "1e3", "7 8", "nan"])
def test_what_is_no_number_is_none(text):
    assert Scale(1, 10).number(text) is None
