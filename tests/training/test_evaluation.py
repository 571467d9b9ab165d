import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import evaluation
from training.evaluation import clustered_variance, independent_pairs, softplus, wilson

margins = st.lists(st.floats(-50, 50), min_size=1, max_size=60)


def measure(found):
    return evaluation.measure(found, [str(i) for i in range(len(found))])


def test_a_small_set_by_hand():
    told = measure([2.0, 1.0, -1.0, 0.0])
    assert told.accuracy == (1 + 1 + 0 + 0.5) / 4
    assert told.margin == 0.5
    assert told.loss == pytest.approx(sum(math.log(1 + math.exp(-m)) for m in (2, 1, -1, 0)) / 4)


def test_wilson_gives_the_published_interval():
    # Newcombe 1998, table I: 81 of 263 and 0 of 20
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_rounding_moves_no_end_past_the_share():
    for n in range(1, 200):
        assert wilson(0.0, n)[0] == 0.0
        assert wilson(1.0, n)[1] == 1.0


@given(margins)
def test_the_interval_holds_the_figure_and_stays_a_proportion(found):
    told = measure(found)
    assert 0 <= told.accuracy_lower <= told.accuracy <= told.accuracy_upper <= 1
    assert len(found) == 1 or told.margin_lower <= told.margin <= told.margin_upper


@given(margins)
def test_swapping_chosen_and_rejected_mirrors_everything(found):
    told, mirrored = measure(found), measure([-m for m in found])
    assert mirrored.accuracy == pytest.approx(1 - told.accuracy)
    assert mirrored.accuracy_lower == pytest.approx(1 - told.accuracy_upper)
    assert mirrored.margin == pytest.approx(-told.margin)
    if len(found) > 1:
        assert mirrored.margin_lower == pytest.approx(-told.margin_upper)


def test_one_pair_has_no_spread_to_speak_of():
    told = measure([1.0])
    assert (told.margin_lower, told.margin_upper) == (None, None)
    assert told.accuracy_lower < 0.25


def test_without_shared_prompts_the_variance_is_the_usual_one():
    assert clustered_variance([1.0, 2.0, 6.0], ["a", "b", "c"]) == pytest.approx(7.0 / 3)


def test_copies_of_a_pair_tell_no_more_than_the_pair():
    right, prompts = [1.0, 1.0, 0.0, 1.0, 0.0] * 4, ["a", "b", "c", "d", "e"] * 4
    assert independent_pairs(right, prompts) == pytest.approx(4.0)
    once, copied = clustered_variance(right[:5], prompts[:5]), clustered_variance(right, prompts)
    assert copied == pytest.approx(once)


def test_pairs_that_are_all_right_count_by_prompt():
    assert independent_pairs([1.0] * 12, ["a", "b", "c"] * 4) == 3.0


def test_the_interval_covers_the_truth_as_often_as_it_says():
    # 40 prompts with 5 pairs each, a prompt's pairs all as likely to be right: plain Wilson covers about 4 in 5.
    rng = random.Random(11)
    covered = plain = 0
    for _ in range(1000):
        chances = [rng.choice([0.3, 0.9]) for _ in range(40)]
        right = [float(rng.random() < chance) for chance in chances for _ in range(5)]
        prompts = [str(i) for i in range(40) for _ in range(5)]
        accuracy = sum(right) / len(right)
        lower, upper = wilson(accuracy, independent_pairs(right, prompts))
        covered += lower <= 0.6 <= upper
        lower, upper = wilson(accuracy, len(right))
        plain += lower <= 0.6 <= upper
    assert 0.93 <= covered / 1000 <= 0.97
    assert plain / 1000 < 0.88


def test_before_anything_is_learned_accuracy_is_a_coin_s():
    told = measure([0.0] * 10)
    assert (told.accuracy, told.loss) == (0.5, pytest.approx(math.log(2)))


@given(st.floats(-700, 700))
def test_softplus_never_overflows(x):
    assert softplus(x) == pytest.approx(x + softplus(-x), abs=1e-9)
