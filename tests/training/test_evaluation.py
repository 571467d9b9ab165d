import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation import measure, softplus, wilson

margins = st.lists(st.floats(-50, 50), min_size=1, max_size=60)


def test_a_small_set_by_hand():
    told = measure([2.0, 1.0, -1.0, 0.0])
    assert told.accuracy == (1 + 1 + 0 + 0.5) / 4
    assert told.margin == 0.5
    assert told.loss == pytest.approx(sum(math.log(1 + math.exp(-m)) for m in (2, 1, -1, 0)) / 4)


def test_wilson_gives_the_published_interval():
    # Newcombe 1998, table I: 81 of 263 and 0 of 20
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(margins)
def test_the_interval_holds_the_figure_and_stays_a_proportion(found):
    told = measure(found)
    assert 0 <= told.accuracy_lower <= told.accuracy <= told.accuracy_upper <= 1
    assert told.margin_lower <= told.margin <= told.margin_upper


@given(margins)
def test_swapping_chosen_and_rejected_mirrors_everything(found):
    told, mirrored = measure(found), measure([-m for m in found])
    assert mirrored.accuracy == pytest.approx(1 - told.accuracy)
    assert mirrored.accuracy_lower == pytest.approx(1 - told.accuracy_upper)
    assert mirrored.margin == pytest.approx(-told.margin)
    assert mirrored.margin_lower == pytest.approx(-told.margin_upper)


def test_before_anything_is_learned_accuracy_is_a_coin_s():
    told = measure([0.0] * 10)
    assert (told.accuracy, told.loss) == (0.5, pytest.approx(math.log(2)))


@given(st.floats(-700, 700))
def test_softplus_never_overflows(x):
    assert softplus(x) == pytest.approx(x + softplus(-x), abs=1e-9)
