from dataclasses import replace
from uuid import uuid4

import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from arena.golden import Check, CheckKind, GoldenPrompt, GoldenResult, GoldenScore, GoldenSet
from arena.store import Store
from arena.types import Message, Prompt

GOLDEN = GoldenSet(
    "village",
    (
        GoldenPrompt(
            Prompt((Message("system", "Be kind."), Message("user", "Wer bäckt?")), "Anna.", "job", "de"),
            ("Anna.", "Anna bäckt."),
            ({"pattern": r"\banna\b"},),
        ),
    ),
    (
        Check("rougeL", CheckKind.METRIC, {"stemmer": "none"}, at_least=0.5, tolerance=0.01),
        Check("rules", CheckKind.RULE),
    ),
)


def result(model="tiny", value=0.5, golden=GOLDEN):
    score = GoldenScore(golden.prompts[0].prompt.prompt_id, "rougeL", "f" * 32, uuid4(), value)
    missing = replace(score, scorer="rules", value=None, reason="no answer")
    return GoldenResult(golden.name, golden.content_hash, model, {"mean": value}, (score, missing))


def test_a_golden_set_comes_back_as_it_was_added(path):
    with Store.open(path) as store:
        store.golden.add(GOLDEN)
    with Store.open(path) as store:
        kept = store.golden.get("village")
        assert replace(kept, created_at=None) == GOLDEN
        assert kept.content_hash == GOLDEN.content_hash
        assert store.golden.list() == [kept]


def test_the_hash_follows_every_part_of_the_content_and_not_the_name():
    prompt = GOLDEN.prompts[0]
    others = [
        replace(GOLDEN, prompts=(replace(prompt, references=("Anna.",)),)),
        replace(GOLDEN, prompts=(replace(prompt, rules=()),)),
        replace(GOLDEN, prompts=(replace(prompt, prompt=replace(prompt.prompt, language="en")),)),
        replace(GOLDEN, checks=(replace(GOLDEN.checks[0], at_least=0.6), GOLDEN.checks[1])),
    ]
    assert len({golden.content_hash for golden in [GOLDEN, *others]}) == 5
    assert replace(GOLDEN, name="other").content_hash == GOLDEN.content_hash


def test_a_golden_set_is_frozen_unless_it_is_replaced(store):
    store.golden.add(GOLDEN)
    store.golden.add(GOLDEN)
    changed = replace(GOLDEN, checks=())
    with pytest.raises(Conflict, match="another golden set called 'village'"):
        store.golden.add(changed)
    store.golden.add(changed, replace=True)
    assert store.golden.get("village").checks == ()


def test_a_golden_set_needs_a_name_and_an_unknown_one_is_not_found(store):
    with pytest.raises(InvalidInput, match="needs a name"):
        store.golden.add(replace(GOLDEN, name=" "))
    with pytest.raises(NotFound, match="none is frozen yet"):
        store.golden.get("village")


def test_the_last_accepted_result_of_a_model_is_what_is_compared_with(store):
    store.golden.add(GOLDEN)
    first, second, third = result(value=0.5), result(value=0.4), result(value=0.3)
    store.golden.add_result(first, accept=True)
    store.golden.add_result(second)
    accepted = store.golden.accepted(GOLDEN, "tiny")
    assert accepted is not None
    assert (accepted.result_id, accepted.scores, accepted.summary) == (
        first.result_id,
        first.scores,
        {"mean": 0.5},
    )
    store.golden.add_result(third)
    store.golden.accept(second.result_id)
    assert store.golden.accepted(GOLDEN, "tiny").result_id == second.result_id
    assert store.golden.accepted(GOLDEN, "other") is None
    assert [r.result_id for r in store.golden.results("village", "tiny")] == [
        r.result_id for r in (third, second, first)
    ]


def test_a_result_on_another_content_is_not_compared_with(store):
    store.golden.add(GOLDEN)
    store.golden.add_result(result(), accept=True)
    assert store.golden.accepted(replace(GOLDEN, checks=GOLDEN.checks[:1]), "tiny") is None


def test_removing_a_set_removes_its_results(store):
    store.golden.add(GOLDEN)
    kept = result()
    store.golden.add_result(kept, accept=True)
    store.golden.remove("village")
    assert store.golden.list() == []
    assert store.golden.results("village") == []
    with pytest.raises(NotFound):
        store.golden.result(kept.result_id)
