"""Histograms of scores count every answer once, where it belongs."""

from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena.judgments import AnswerFilter, Score, ScorerInfo
from arena.types import Answer, Prompt
from tests.arena.store.conftest import add_models

ALL = AnswerFilter()


def scored(store, values, *, higher_is_better=True):
    """Score one recorded answer for each value of each model; `None` is an answer without a number."""
    info = ScorerInfo("length", uuid4().hex, {}, higher_is_better)
    scores = []
    for model, numbers in values.items():
        for value in numbers:
            prompt = Prompt.from_text(f"Question {uuid4()}?")
            answer = Answer(model, f"{value}", "recorded")
            store.answers.add(prompt, [answer], recorded=True)
            reason = "blank" if value is None else None
            scores.append(Score(answer.answer_id, info.scorer, info.fingerprint, value, reason))
    store.scores.add(info, scores)
    return info


def spread(store, info, bins=10):
    return store.scores.spread(ALL, info.scorer, info.fingerprint, bins=bins)


@pytest.fixture
def store(store):
    add_models(store, "ada", "bob")
    return store


def test_each_model_has_its_own_counts_on_shared_bins(store):
    info = scored(store, {"ada": [0.0, 0.1, 0.95], "bob": [1.0, 1.0, None]}, higher_is_better=False)
    found = spread(store, info)
    assert (found.low, found.high, found.outside, found.higher_is_better) == (0.0, 1.0, 0, False)
    assert found.counts == {"ada": (1, 1, 0, 0, 0, 0, 0, 0, 0, 1), "bob": (0, 0, 0, 0, 0, 0, 0, 0, 0, 2)}


def test_one_answer_far_out_does_not_press_the_others_into_one_bin(store):
    info = scored(store, {"ada": [float(n) for n in range(200)] + [1e6]})
    found = spread(store, info)
    assert found.high < 1000
    assert found.outside >= 1
    assert sum(found.counts["ada"]) == 201
    assert np.count_nonzero(found.counts["ada"]) == 10


def test_equal_scores_have_an_axis_all_the_same(store):
    found = spread(store, scored(store, {"ada": [3.0, 3.0]}))
    assert found.low < 3 < found.high
    assert sum(found.counts["ada"]) == 2


def test_a_scorer_without_numbers_has_no_counts(store):
    assert spread(store, scored(store, {"ada": [None]})).counts == {}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30), st.integers(1, 50))
def test_no_score_is_lost_whatever_the_bins(store, values, bins):
    found = spread(store, scored(store, {"ada": values}), bins)
    assert sum(found.counts["ada"]) == len(values)
    assert len(found.counts["ada"]) == bins
