from dataclasses import replace

import pytest

from arena.errors import InvalidInput
from arena.judgments import JudgeKind, JudgeSpec
from arena.types import ModelKind, ModelSpec
from judges.spec import (
    ask_options,
    call_fingerprint,
    check_judge_options,
    hash_of,
    jury_options,
    metric_options,
    option_names,
    reward_options,
    rule_options,
)

STRICT = JudgeSpec("strict", JudgeKind.PAIRWISE, {"model": "gpt"})
GPT = ModelSpec("gpt", ModelKind.ENDPOINT, {"base_url": "http://localhost/v1", "model": "big"})


def changed(spec, **options):
    return replace(spec, options={**spec.options, **options})


def test_a_judge_that_asks_has_a_template_of_its_kind_and_no_chance_in_it():
    options = ask_options(STRICT)
    assert (options.template, options.temperature, options.orders) == ("pairwise", 0.0, "both")
    assert ask_options(replace(STRICT, kind=JudgeKind.SINGLE)).template == "single"


def test_an_option_that_is_none_counts_as_not_given():
    assert check_judge_options(changed(STRICT, template=None, price_in=None)) == {"model": "gpt"}


@pytest.mark.parametrize(("given", "missing"), [("price_in", "price_out"), ("price_out", "price_in")])
def test_prices_come_in_pairs(given, missing):
    with pytest.raises(InvalidInput, match=f"give {missing} too"):
        ask_options(changed(STRICT, **{given: 1.0}))


@pytest.mark.parametrize("kind", JudgeKind)
def test_an_unknown_option_is_refused_with_the_valid_ones(kind):
    spec = JudgeSpec("x", kind, {"colour": "red"})
    with pytest.raises(InvalidInput, match=f"no option 'colour'; valid are {option_names(kind)[0]}"):
        check_judge_options(spec)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("temperature", -1, "a number from 0 to 10"),
        ("max_tokens", 0, "a whole number from 1"),
        ("orders", "three", "one of both, one"),
        ("structured", "yes", "true or false"),
        ("slots", 1.5, "a whole number from 1"),
        ("price_in", "free", "a number from 0"),
        ("model", " ", "a text that is not empty"),
    ],
)
def test_an_impossible_value_is_refused_with_what_is_expected(name, value, wanted):
    with pytest.raises(InvalidInput, match=f"strict: {name} is .*, but must be {wanted}"):
        ask_options(changed(STRICT, **{name: value}))


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.5},
        {"top_p": 0.9},
        {"max_tokens": 7},
        {"structured": False},
        {"top_logprobs": 0},
    ],
)
def test_whatever_changes_a_reply_changes_the_hash_of_calls(change):
    assert call_fingerprint(changed(STRICT, **change), "d", GPT) != call_fingerprint(STRICT, "d", GPT)


@pytest.mark.parametrize(
    "change", [{"slots": 3}, {"attempts": 9}, {"price_in": 1.0, "price_out": 2.0}, {"orders": "one"}]
)
def test_what_changes_no_reply_leaves_the_hash_of_calls(change):
    assert call_fingerprint(changed(STRICT, **change), "d", GPT) == call_fingerprint(STRICT, "d", GPT)


def test_the_hash_of_calls_knows_template_model_and_weights_but_not_the_judges_name():
    base = call_fingerprint(STRICT, "d", GPT)
    assert call_fingerprint(replace(STRICT, name="lenient"), "d", GPT) == base
    assert call_fingerprint(STRICT, "e", GPT) != base
    assert call_fingerprint(STRICT, "d", changed_model(model="small")) != base
    assert call_fingerprint(STRICT, "d", changed_model(system="Be kind.")) != base
    assert call_fingerprint(STRICT, "d", changed_model(timeout=3, api_key_env="KEY", temperature=2)) == base
    assert call_fingerprint(STRICT, "d", replace(GPT, name="renamed")) == base
    assert call_fingerprint(STRICT, "d", GPT, weights="w") != base


def changed_model(**options):
    return replace(GPT, options={**GPT.options, **options})


def test_a_local_model_goes_by_its_files_where_they_are_known():
    here = ModelSpec("local", ModelKind.LOCAL, {"path": "models/a"})
    there = ModelSpec("local", ModelKind.LOCAL, {"path": "/elsewhere/a"})
    spec = changed(STRICT, model="local")
    assert call_fingerprint(spec, "d", here, weights="w") == call_fingerprint(spec, "d", there, weights="w")
    assert call_fingerprint(spec, "d", here) != call_fingerprint(spec, "d", there)


def test_recorded_models_are_told_apart_by_name():
    one, two = (ModelSpec(name, ModelKind.RECORDED) for name in ("one", "two"))
    assert call_fingerprint(STRICT, "d", one) != call_fingerprint(STRICT, "d", two)


def test_a_hash_does_not_depend_on_the_order_of_keys():
    assert hash_of({"a": 1, "b": "ü"}) == hash_of({"b": "ü", "a": 1})
    assert len(hash_of({})) == 32


def test_a_jury_takes_its_members_as_a_list_or_as_text_and_needs_more_than_half():
    options = jury_options(JudgeSpec("jury", JudgeKind.JURY, {"members": "a, b ,c"}))
    assert (options.members, options.quorum) == (("a", "b", "c"), 2)
    assert (
        jury_options(JudgeSpec("jury", JudgeKind.JURY, {"members": ["a", "b"], "min_jurors": 1})).quorum == 1
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"members": ["a", "a"]}, "two different judges"),
        ({"members": "a"}, "two different judges"),
        ({"members": ["a", "b"], "min_jurors": 3}, "only 2 members"),
        ({"members": ["a", "jury"]}, "member of itself"),
        ({"members": ["a", "b"], "decide": "dice"}, "one of majority, mean"),
    ],
)
def test_an_impossible_jury_is_refused(options, said):
    with pytest.raises(InvalidInput, match=said):
        jury_options(JudgeSpec("jury", JudgeKind.JURY, options))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "something to check"),
        ({"ignore_case": True}, "something to check"),
        ({"min_words": 3, "max_words": 2}, "nothing can pass"),
        ({"json_schema": "object"}, "an object of names and values"),
        ({"max_words": -1}, "a whole number from 0"),
    ],
)
def test_an_impossible_rule_is_refused(options, said):
    with pytest.raises(InvalidInput, match=said):
        rule_options(JudgeSpec("rule", JudgeKind.RULE, options))


def test_reward_and_metric_judges_need_to_know_by_what():
    with pytest.raises(InvalidInput, match="needs the option 'path'"):
        reward_options(JudgeSpec("r", JudgeKind.REWARD))
    with pytest.raises(InvalidInput, match="needs the option 'metric'"):
        metric_options(JudgeSpec("m", JudgeKind.METRIC, {"tie_width": 0.1}))
