"""Values lie on an axis where they belong."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.axis import Rule, holding, scale, ticks, track


@given(
    st.floats(-1e6, 1e6, allow_nan=False),
    st.floats(1e-6, 1e6, allow_nan=False),
    st.integers(2, 8),
)
def test_an_axis_holds_its_values_between_round_and_even_ticks(low: float, span: float, wanted: int) -> None:
    axis = scale(low, low + span, wanted)
    assert axis.low <= low <= low + span <= axis.high or span < 1e-9 * max(1, abs(low))
    assert 0 <= axis.at(low) <= axis.at(low + span) <= 100
    steps = [b - a for a, b in pairwise(axis.ticks)]
    assert all(step == pytest.approx(steps[0], rel=1e-3) for step in steps)
    assert len(axis.ticks) <= 2 * wanted + 2


def test_an_axis_of_one_value_still_has_a_width() -> None:
    axis = scale(5, 5)
    assert axis.low < 5 < axis.high


def test_an_axis_of_no_known_value_is_that_of_a_share() -> None:
    assert (holding([None]).low, holding([None]).high) == (0, 1)


def test_a_value_is_drawn_with_its_interval_between_its_rules() -> None:
    axis = scale(0, 1)
    html = track(axis, 0.5, 0.4, 0.7, rules=[Rule(0.6, "clear")])
    assert f'class="rule clear" style="left:{axis.at(0.6):.2f}%"' in html
    assert f'style="left:{axis.at(0.4):.2f}%;width:{axis.at(0.7) - axis.at(0.4):.2f}%"' in html
    assert f'class="point" style="left:{axis.at(0.5):.2f}%"' in html
    assert "open-" not in html


def test_an_end_that_is_not_known_or_off_the_axis_stays_open() -> None:
    axis = scale(0, 1)
    assert "open-low" in track(axis, 0.5, None, 0.6)
    assert "open-high" in track(axis, 0.5, 0.4, 3.0)


def test_no_value_leaves_the_lines_only() -> None:
    html = track(scale(0, 1), None, None, None, rules=[Rule(0.4, "clear")])
    assert "point" not in html
    assert "reach" not in html
    assert "clear" in html


def test_ticks_carry_their_labels() -> None:
    axis = scale(0, 1)
    html = ticks(axis, [f"<{tick}>" for tick in axis.ticks])
    assert html.count("<span style=") == len(axis.ticks)
    assert "&lt;0.0&gt;" in html
