from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.judgments import AnswerCoverage, AnswerFilter, Score, ScorerInfo
from arena.store import Store
from arena.types import Answer, Battle, Message, Prompt, Turn
from tests.arena.store.conftest import add_models

LENGTH = ScorerInfo("length", "f" * 32, {"unit": "word"})
ALL = AnswerFilter()


@pytest.fixture
def answered(store):
    """Two recorded models on three prompts, the first two with a reference and in a set."""
    add_models(store, "ada", "bob")
    prompts = [
        Prompt.from_text(
            f"Question {n}?", reference=f"Answer {n}" if n < 2 else None, category="c", language="en"
        )
        for n in range(3)
    ]
    store.prompts.add("asked", prompts[:2])
    for prompt in prompts:
        answers = [Answer(name, f"{name} on {prompt.text}", "recorded") for name in ("ada", "bob")]
        store.answers.add(prompt, answers, recorded=True)
    return prompts


def scored(store, values, info=LENGTH, answers=ALL):
    """Store a score for each waiting answer, by its model and prompt text; others get a reason."""
    found = store.scores.answers(store.scores.waiting(answers, info))
    scores = []
    for answer in found:
        value = values.get((answer.model, answer.prompt.text))
        reason = None if value is not None else "unknown"
        scores.append(Score(answer.answer_id, info.scorer, info.fingerprint, value, reason))
    store.scores.add(info, scores)
    return scores


def test_answers_to_score_come_with_their_prompts(store, answered):
    found = store.scores.answers(store.scores.waiting(ALL, LENGTH))
    assert [(a.model, a.prompt) for a in found] == [(m, p) for p in answered for m in ("ada", "bob")]
    assert found[0].text == "ada on Question 0?"


def test_coverage_counts_answers_with_and_without_a_reference(store, answered):
    assert store.scores.coverage(ALL) == [
        AnswerCoverage("ada", 3, 3, 2, 2),
        AnswerCoverage("bob", 3, 3, 2, 2),
    ]
    assert store.scores.coverage(AnswerFilter(models=("bob",), prompt_sets=("asked",))) == [
        AnswerCoverage("bob", 2, 2, 2, 2)
    ]
    assert store.scores.coverage(AnswerFilter(category="other")) == []


def test_a_number_is_final_and_a_missing_one_is_asked_for_again(store, answered):
    scored(store, {("ada", p.text): 1.5 for p in answered})
    left = store.scores.answers(store.scores.waiting(ALL, LENGTH))
    assert {a.model for a in left} == {"bob"}
    scored(store, {("bob", p.text): 2.5 for p in answered})
    assert store.scores.waiting(ALL, LENGTH) == []
    assert [(m.model, m.mean, m.reasons) for m in store.scores.means(ALL)] == [
        ("ada", 1.5, {}),
        ("bob", 2.5, {}),
    ]


def test_another_fingerprint_is_another_scorer(store, answered):
    scored(store, {("ada", answered[0].text): 1.0})
    other = replace(LENGTH, fingerprint="0" * 32, depends={"unit": "byte"})
    assert len(store.scores.waiting(ALL, other)) == 6
    scored(store, {("ada", answered[0].text): 9.0}, other)
    assert [(m.fingerprint[0], m.mean) for m in store.scores.means(AnswerFilter(models=("ada",)))] == [
        ("0", 9.0),
        ("f", 1.0),
    ]
    assert store.scores.scorers() == [other, LENGTH]


def test_reasons_are_counted_and_are_no_zero(store, answered):
    scored(store, {("ada", answered[0].text): 4.0})
    ada, bob = store.scores.means(ALL)
    assert (ada.mean, ada.answers, ada.reasons) == (4.0, 1, {"unknown": 2})
    assert (bob.mean, bob.answers, bob.standard_error, bob.reasons) == (None, 0, None, {"unknown": 3})


def test_a_recorded_answer_shown_in_battles_counts_once_and_a_live_one_each_time(store, answered):
    said = [Answer("ada", "ada on Question 0?", "recorded"), Answer("bob", "bob, live", "stop")]
    for _ in range(2):
        fresh = [replace(answer, answer_id=uuid4()) for answer in said]
        store.battles.add(Battle(uuid4(), answered[0], "ada", "bob", (Turn(None, *fresh),)))
    assert [(c.model, c.answers) for c in store.scores.coverage(ALL)] == [("ada", 3), ("bob", 5)]


def test_a_score_of_any_copy_of_a_recorded_answer_is_its_score(store, answered):
    copy = Answer("ada", "ada on Question 0?", "recorded")
    other = Answer("bob", "bob on Question 0?", "recorded")
    store.battles.add(Battle(uuid4(), answered[0], "ada", "bob", (Turn(None, copy, other),)))
    score = Score(copy.answer_id, LENGTH.scorer, LENGTH.fingerprint, 3.0)
    store.scores.add(LENGTH, [score])
    waiting = store.scores.answers(store.scores.waiting(ALL, LENGTH))
    assert ("ada", "Question 0?") not in {(a.model, a.prompt.text) for a in waiting}
    assert len(waiting) == 5
    assert [(m.model, m.mean, m.answers) for m in store.scores.means(ALL)] == [("ada", 3.0, 1)]
    assert store.scores.count(ALL, LENGTH.scorer, LENGTH.fingerprint) == 1
    scored(store, {("ada", p.text): 5.0 for p in answered})
    assert store.scores.means(AnswerFilter(models=("ada",)))[0].mean == pytest.approx((3 + 5 + 5) / 3)


def test_follow_ups_and_failed_answers_are_not_scored(store):
    add_models(store, "ada", "bob")
    prompt = Prompt((Message("user", "Hello"),))
    first = Turn(None, Answer("ada", "Hi.", "stop"), Answer("bob", "Ho.", "stop"))
    second = Turn("And?", Answer("ada", "More.", "stop"), Answer("bob", "", error="dead"))
    store.battles.add(Battle(uuid4(), prompt, "ada", "bob", (first, second)))
    found = store.scores.answers(store.scores.waiting(ALL, LENGTH))
    assert sorted(a.text for a in found) == ["Hi.", "Ho."]


def test_a_removed_model_is_scored_only_when_it_is_named(store, answered):
    store.models.remove("ada")
    assert [c.model for c in store.scores.coverage(ALL)] == ["bob"]
    assert [c.model for c in store.scores.coverage(AnswerFilter(models=("ada",)))] == ["ada"]


def test_shared_prompts_compare_like_with_like(store, answered):
    values = {("ada", p.text): float(n) for n, p in enumerate(answered)} | {("bob", answered[2].text): 7.0}
    scored(store, values)
    ada, bob = store.scores.means(ALL, shared_prompts=True)
    assert (ada.mean, ada.answers, bob.mean, bob.answers) == (2.0, 1, 7.0, 1)
    assert store.scores.means(ALL)[0].mean == 1.0


def test_pages_are_ordered_by_number_with_reasons_last(store, answered):
    scored(store, {("ada", p.text): float(n) for n, p in enumerate(answered)})
    key = (ALL, LENGTH.scorer, LENGTH.fingerprint)
    assert store.scores.count(*key) == 6
    lowest = store.scores.page(*key, limit=4)
    assert [row.score.value for row in lowest] == [0.0, 1.0, 2.0, None]
    assert lowest[0].answer.text == "ada on Question 0?"
    assert [row.score.value for row in store.scores.page(*key, limit=2, descending=True)] == [2.0, 1.0]
    assert [row.score.reason for row in store.scores.page(*key, limit=9, offset=3)] == ["unknown"] * 3


def test_a_score_keeps_its_detail_and_calls_over_reopening(path):
    with Store.open(path) as store:
        add_models(store, "ada")
        store.answers.add(Prompt.from_text("Hi"), [Answer("ada", "Hello", "recorded")], recorded=True)
        answer_id = store.scores.waiting(ALL, LENGTH)[0]
        score = Score(answer_id, "length", LENGTH.fingerprint, 1.0, None, {"words": ["ü"]}, ("k1", "k2"))
        store.scores.add(LENGTH, [score])
    with Store.open(path) as store:
        kept = store.scores.of([answer_id], "length", LENGTH.fingerprint)[answer_id]
        assert replace(kept, created_at=None) == score
        assert kept.created_at is not None


@settings(max_examples=15)
@given(groups=st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=4), min_size=2, max_size=5))
def test_the_standard_error_is_the_clustered_one(tmp_path_factory, groups):
    with Store.open(tmp_path_factory.mktemp("home") / "w.duckdb") as store:
        add_models(store, "ada")
        scores = []
        for n, values in enumerate(groups):
            answers = [Answer("ada", f"{n} {i}", "stop") for i in range(len(values))]
            store.answers.add(Prompt.from_text(f"Q{n}"), answers, recorded=True)
            scores += [
                Score(a.answer_id, "length", LENGTH.fingerprint, v)
                for a, v in zip(answers, values, strict=True)
            ]
        store.scores.add(LENGTH, scores)
        (found,) = store.scores.means(ALL)
    values = np.concatenate([np.array(g) for g in groups])
    off = np.array([np.sum(np.array(g) - values.mean()) for g in groups])
    g, n = len(groups), len(values)
    assert found.mean == pytest.approx(values.mean(), abs=1e-9)
    assert found.standard_error == pytest.approx(np.sqrt(g / (g - 1) * np.sum(off**2)) / n, abs=1e-9)
    assert (found.answers, found.prompts) == (n, g)
