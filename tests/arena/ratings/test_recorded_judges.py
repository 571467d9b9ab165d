"""Prediction-powered ratings on recorded verdicts of real judges, beside what people said of the same answers."""

from pathlib import Path

import numpy as np
import pytest

from arena.ratings.prediction_powered import fit
from arena.ratings.rated import CENTRE, POINTS
from benchmarks.judged_arenas import alone, kappa
from benchmarks.judged_data import llmbar

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder ../shared/data is not here")


def drawn(judge: str, times: int = 500) -> tuple[float, float, float]:
    """Coverage, narrowing and weight over draws of 100 labelled and 1,000 further pairs, with replacement."""
    pairs, rng = llmbar(DATA, judge), np.random.default_rng(29)
    share = pairs.person.mean()
    truth = CENTRE + POINTS * np.log(share / (1.0 - share)) / 2.0 * np.array([1.0, -1.0])
    found = []
    for _ in range(times):
        counts = pairs.counts(rng.integers(0, len(pairs.person), 1100), 100)
        rated, worth = fit(counts, alone(counts))
        inside = ((rated.lower <= truth) & (truth <= rated.upper)).mean()
        found.append((inside, worth.narrower, worth.weight))
    coverage, narrower, weight = np.mean(found, axis=0)
    return coverage, narrower, weight


def test_gpt4_on_llmbar_makes_intervals_a_quarter_narrower_and_they_cover_the_truth():
    pairs = llmbar(DATA, "GPT-4__Vanilla")
    size = len(pairs.person)
    assert size == 419
    assert kappa(pairs.counts(np.arange(size), size)) >= 0.6
    coverage, narrower, weight = drawn("GPT-4__Vanilla")
    assert 0.93 <= coverage <= 0.97
    assert narrower >= 0.25
    assert 0.5 < weight < 1.0


def test_chatgpt_disagrees_with_people_there_and_gets_no_weight():
    pairs = llmbar(DATA, "ChatGPT__Vanilla")
    size = len(pairs.person)
    assert kappa(pairs.counts(np.arange(size), size)) < 0.0
    coverage, narrower, weight = drawn("ChatGPT__Vanilla", times=200)
    assert narrower == 0.0 and weight == 0.0 and coverage >= 0.92
