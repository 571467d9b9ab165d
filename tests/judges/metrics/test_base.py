import pytest
from hypothesis import given
from hypothesis import strategies as st

from judges.metrics.base import (
    BLANK_TEXT,
    NO_REFERENCE,
    Item,
    Result,
    score_computable,
    scorer_info,
)

texts = st.sampled_from(["", "  \n", "a", "b c"])
items = st.lists(st.builds(Item, texts, st.lists(texts, max_size=3).map(tuple)))


@pytest.mark.parametrize(("value", "reason"), [(None, None), (0.0, "why")])
def test_a_result_has_a_value_or_a_reason_and_never_both_or_neither(value, reason):
    with pytest.raises(ValueError, match="a value or a reason"):
        Result(value, reason)


def length(fit: list[Item]) -> list[Result]:
    return [Result(float(len(item.text)), detail={"references": len(item.references)}) for item in fit]


@given(items)
def test_each_item_gets_its_own_result_in_its_own_place(many):
    together = score_computable(many, length, needs_reference=True)
    assert together == [score_computable([item], length, needs_reference=True)[0] for item in many]


@given(items)
def test_only_items_with_a_text_and_a_reference_are_scored(many):
    for item, result in zip(many, score_computable(many, length, needs_reference=True), strict=True):
        filled = sum(bool(reference.strip()) for reference in item.references)
        if not item.text.strip():
            assert result.reason == BLANK_TEXT
        elif not filled:
            assert result.reason == NO_REFERENCE
        else:
            assert result.value == len(item.text)
            assert result.detail["references"] == filled


def test_a_metric_without_need_of_a_reference_scores_texts_that_have_none():
    assert score_computable([Item("ab")], length, needs_reference=False)[0].value == 2.0


def test_a_fingerprint_follows_what_the_number_depends_on_and_not_the_order_of_its_parts():
    info = scorer_info("rougeL", {"stemmer": "porter", "tokenizer": "ascii"})
    assert info.fingerprint == scorer_info("rougeL", {"tokenizer": "ascii", "stemmer": "porter"}).fingerprint
    assert len(info.fingerprint) == 32
    others = [
        scorer_info("rouge1", {"stemmer": "porter", "tokenizer": "ascii"}),
        scorer_info("rougeL", {"stemmer": "none", "tokenizer": "ascii"}),
    ]
    assert info.fingerprint not in [other.fingerprint for other in others]
