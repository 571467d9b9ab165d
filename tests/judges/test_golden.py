from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.golden import Check, CheckKind, GoldenPrompt, GoldenResult, GoldenScore, GoldenSet
from arena.judgments import ScorerInfo
from arena.types import Prompt
from judges.golden import Change, Measured, Threshold, mean_of, outcome, outcomes, paired_bootstrap, scores_of

UP = ScorerInfo("f1", "a" * 32, {})
DOWN = ScorerInfo("perplexity", "b" * 32, {}, higher_is_better=False)
CHECK = Check("f1", CheckKind.METRIC)


def measured(values, info=UP, bounds=None):
    return Measured(
        info,
        {
            f"p{n}": (uuid4(), v, None if v is not None else "The text is blank.")
            for n, v in enumerate(values)
        },
        bounds,
    )


def before(values, info=UP):
    return {
        f"p{n}": GoldenScore(f"p{n}", "f1", info.fingerprint, uuid4(), v, None if v is not None else "blank")
        for n, v in enumerate(values)
    }


def judged(now, then=None, check=CHECK, info=UP):
    rng = np.random.default_rng(0)
    return outcome(check, measured(now, info), before(then, info) if then is not None else None, rng)


def test_without_an_accepted_result_only_the_threshold_counts():
    found = judged([0.5] * 8)
    assert (found.change, found.gain, found.threshold, found.passed) == (
        Change.FIRST,
        None,
        Threshold.NONE,
        True,
    )


def test_a_mean_below_its_bound_fails_with_the_numbers_in_the_sentence():
    found = judged([0.25] * 8, check=Check("f1", CheckKind.METRIC, at_least=0.5))
    assert (found.threshold, found.passed) == (Threshold.FAILED, False)
    assert found.sentence == "The mean 0.25 is below 0.5."
    assert judged([0.5] * 8, check=Check("f1", CheckKind.METRIC, at_least=0.5)).threshold is Threshold.MET


def test_a_mean_above_its_upper_bound_fails():
    check = Check("perplexity", CheckKind.METRIC, at_most=40)
    assert judged([41.0] * 3, check=check, info=DOWN).sentence == "The mean 41 is above 40."
    assert judged([39.0] * 3, check=check, info=DOWN).passed


def test_a_prompt_without_a_number_fails_the_check_unless_it_is_allowed():
    found = judged([1.0, None, 1.0])
    assert (found.threshold, found.missing) == (Threshold.FAILED, {"The text is blank.": 1})
    assert (
        found.sentence == "1 prompt have no number (The text is blank)." or "has no number" in found.sentence
    )
    assert judged([1.0, None, 1.0], check=Check("f1", CheckKind.METRIC, allow_missing=1)).passed


def test_no_number_at_all_meets_no_bound():
    found = judged([None, None], check=Check("f1", CheckKind.METRIC, at_least=0.1, allow_missing=2))
    assert (found.threshold, found.mean.value) == (Threshold.FAILED, None)


def test_clearly_worse_is_a_regression():
    then = [0.8, 0.7, 0.9, 0.6, 0.8, 0.7, 0.9, 0.8]
    found = judged([v - 0.3 for v in then], then)
    assert (found.change, found.passed) == (Change.REGRESSION, False)
    assert found.gain.value == pytest.approx(-0.3)
    assert found.gain.upper < 0
    assert found.sentence.startswith("Worse than accepted by -0.3")


def test_a_drop_within_the_tolerance_is_no_regression():
    then = [0.8, 0.7, 0.9, 0.6, 0.8, 0.7, 0.9, 0.8]
    now = [v - 0.01 for v in then]
    assert judged(now, then).change is Change.REGRESSION
    check = Check("f1", CheckKind.METRIC, tolerance=0.05)
    assert judged(now, then, check).change is Change.SAME


def test_where_less_is_better_more_is_a_regression():
    then = [20.0, 30.0, 25.0, 22.0, 28.0, 21.0]
    assert judged([v + 10 for v in then], then, info=DOWN).change is Change.REGRESSION
    assert judged([v - 10 for v in then], then, info=DOWN).change is Change.BETTER


def test_equal_numbers_are_the_same_and_mixed_ones_cannot_be_told():
    then = [0.5, 0.6, 0.7, 0.8, 0.9, 0.4]
    assert judged(then, then).sentence == "As accepted."
    found = judged([0.6, 0.5, 0.8, 0.7, 1.0, 0.3], then)
    assert (found.change, found.passed) == (Change.CANNOT_TELL, True)
    assert found.sentence.startswith("Cannot tell whether it is worse")


def test_too_few_prompts_cannot_tell():
    found = judged([0.1, 0.1, 0.1, 0.1], [0.9, 0.9, 0.9, 0.9])
    assert found.change is Change.CANNOT_TELL
    assert found.sentence == "Only 4 prompts can be compared: too few to tell."


def test_a_number_that_is_lost_is_a_regression():
    then = [0.5] * 8
    found = judged([0.5] * 7 + [None], then)
    assert (found.change, found.lost) == (Change.REGRESSION, 1)
    assert found.sentence.endswith("1 prompt had a number and has none.")


def test_numbers_measured_otherwise_are_not_compared():
    other = ScorerInfo("f1", "c" * 32, {"normalise": "squad"})
    found = outcome(CHECK, measured([0.1] * 8), before([0.9] * 8, other), np.random.default_rng(0))
    assert (found.change, found.gain) == (Change.CANNOT_TELL, None)
    assert "other settings" in found.sentence


def test_a_stored_result_is_compared_check_by_check():
    prompts = tuple(GoldenPrompt(Prompt.from_text(f"Q{n}")) for n in range(6))
    golden = GoldenSet("g", prompts, (CHECK, Check("perplexity", CheckKind.METRIC)))
    ids = [entry.prompt.prompt_id for entry in prompts]
    good = {
        "f1": Measured(UP, {i: (uuid4(), 0.9, None) for i in ids}),
        "perplexity": Measured(DOWN, {i: (uuid4(), 20.0, None) for i in ids}),
    }
    accepted = GoldenResult("g", golden.content_hash, "m", {}, scores_of(good))
    bad = {**good, "perplexity": Measured(DOWN, {i: (uuid4(), 30.0, None) for i in ids})}
    found = outcomes(golden, bad, accepted, np.random.default_rng(0))
    assert [o.change for o in found] == [Change.SAME, Change.REGRESSION]
    assert [o.passed for o in found] == [True, False]
    assert found[1].as_dict()["gain"]["value"] == -10.0


def test_the_same_generator_gives_the_same_interval():
    gains = np.array([0.1, -0.2, 0.3, 0.0, 0.2, -0.1])
    first = paired_bootstrap(gains, np.random.default_rng(3))
    assert first == paired_bootstrap(gains, np.random.default_rng(3))
    assert first.lower < first.value < first.upper


@pytest.mark.parametrize(("n", "draw"), [(8, "normal"), (25, "normal"), (25, "skewed")])
def test_the_interval_covers_the_true_mean_about_as_often_as_it_says(n, draw):
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        gains = rng.normal(0.2, 1.0, n) if draw == "normal" else rng.exponential(1.0, n) - 0.8
        found = paired_bootstrap(gains, rng, resamples=1000)
        hits += found.lower <= 0.2 <= found.upper
    assert 0.89 <= hits / 400 <= 0.985


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_the_interval_of_bounded_numbers_holds_the_mean_and_stays_in_bounds(values):
    found = mean_of(values, (0.0, 1.0))
    assert found.value == pytest.approx(np.mean(values))
    assert 0.0 <= found.lower <= found.value + 1e-9
    assert found.value - 1e-9 <= found.upper <= 1.0


def test_of_one_number_no_interval_is_known():
    found = mean_of([3.0])
    assert (found.value, found.lower, found.upper) == (3.0, None, None)
    assert mean_of([]).value is None
    assert paired_bootstrap(np.array([1.0]), np.random.default_rng(0)).lower is None
