import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arena.style.features import differences

counts = arrays.arrays(np.float64, (5, 3), elements=st.integers(0, 10_000).map(float))


def test_an_answer_twice_as_long_differs_by_a_third_and_one_without_any_by_all():
    found = differences(np.array([200.0, 7.0, 0.0, 0.0]), np.array([100.0, 0.0, 3.0, 0.0]))
    assert found == pytest.approx([1 / 3, 1.0, -1.0, 0.0])


@given(counts, counts)
def test_differences_turn_with_the_sides_and_stay_within_one(of_a, of_b):
    found = differences(of_a, of_b)
    assert np.array_equal(found, -differences(of_b, of_a))
    assert np.abs(found).max() <= 1.0
