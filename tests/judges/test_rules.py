import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from judges import rules
from judges.rules import Rule, RuleNotDecidedError, words_in
from judges.spec import RuleOptions

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name"],
}


def check(text, **options):
    return Rule(RuleOptions(**options)).check(text)


def test_a_pattern_must_be_found_and_a_forbidden_one_must_not():
    assert check("It costs 12 euros.", pattern=r"\d+").passed
    failed = check("It costs a lot.", pattern=r"\d+")
    assert (failed.passed, failed.reasons) == (False, (r"the pattern '\\d+' is not found",))
    rude = check("Go away, you fool!", forbidden=r"\b(fool|idiot)\b")
    assert rude.reasons == ("the forbidden pattern '\\\\b(fool|idiot)\\\\b' is found: 'fool'",)
    assert check("Welcome!", forbidden="fool").passed


def test_case_counts_unless_told_otherwise():
    assert not check("YES", pattern="yes").passed
    assert check("YES", pattern="yes", ignore_case=True).passed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"name": "Ada", "age": 36}', None),
        ('{"name": "Ada", "age": -1}', "at age: -1 is less than the minimum of 0"),
        ('{"age": 3}', "'name' is a required property"),
        ("[1, 2]", "is not of type 'object'"),
        ("Sure! {}", "it is not JSON: Expecting value"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_an_answer_must_be_json_that_fits(text, reason):
    result = check(text, json_schema=SCHEMA)
    assert result.passed == (reason is None)
    if reason:
        assert reason in result.reasons[0]


def test_lengths_are_held_at_both_ends():
    assert check("one two three", min_words=3, max_words=3).passed
    assert check("one two", min_words=3).reasons == ("it has 2 words, fewer than 3",)
    assert check("one two three four", max_words=3).reasons == ("it has 4 words, more than 3",)
    assert check("für", max_characters=2).reasons == ("it has 3 characters, more than 2",)
    assert check("日本語", min_characters=3).passed


def test_every_check_that_fails_is_named():
    result = check("no", pattern="yes", min_words=2, min_characters=9)
    assert len(result.reasons) == 3


def test_words_are_counted_in_scripts_without_spaces():
    assert [words_in(text) for text in ("", "two words", "灯塔很高", "GPT 很好", "これは犬です。")] == [
        0,
        2,
        4,
        3,
        7,
    ]


@given(st.text(), st.integers(0, 20), st.integers(0, 20))
def test_a_length_rule_passes_exactly_the_lengths_it_names(text, low, more):
    words = words_in(text)
    assert check(text, min_words=low, max_words=low + more).passed == (low <= words <= low + more)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5
    )
)
def test_any_json_fits_the_empty_schema(value):
    assert check(json.dumps(value), json_schema={}).passed


def test_a_pattern_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(rules, "PATTERN_SECONDS", 0.05)
    with pytest.raises(RuleNotDecidedError, match="took longer than"):
        check("a" * 40 + "!", pattern=r"^(a|aa|a?)+$")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pattern": "("}, "is not a regular expression"),
        ({"forbidden": "[a"}, "is not a regular expression"),
        ({"json_schema": {"type": "thing"}}, "is not a JSON schema"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_when_it_is_made(options, said):
    with pytest.raises(InvalidInput, match=said):
        Rule(RuleOptions(**options))
