"""The picture of ratings over time says what the history says."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.history import Course, Moment, RatingHistory
from workbench.timeline import MOST_LINES, NAMED_LINES, spaced, spread_over_time, timeline

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def course(name: str, *ratings: float | None, reach: float | None = 20) -> Course:
    def moved(by: float | None) -> tuple[float | None, ...]:
        return tuple(None if r is None or by is None else r + by for r in ratings)

    return Course(name, ratings, moved(None if reach is None else -reach), moved(reach))


def history(*courses: Course, step: timedelta = timedelta(days=10)) -> RatingHistory:
    count = len(courses[0].ratings)
    moments = tuple(Moment(BEGIN + i * step, 100 * (i + 1)) for i in range(count))
    return RatingHistory("bt", moments, courses)


RISING = course("riser", None, 1000, 1050, 1100)
FALLING = course("faller", 1000, 1000, 950, 900)


def line(html: str, side: str) -> list[tuple[float, float]]:
    found = re.search(rf'class="course {side}".*?points="([^"]*)"', html).group(1)
    return [tuple(map(float, point.split(","))) for point in found.split()]


def test_a_rising_rating_is_drawn_upwards_from_its_first_vote() -> None:
    html = timeline(history(RISING, FALLING), ["riser", "faller"])
    up, down = line(html, "a"), line(html, "b")
    assert len(up) == 3 and len(down) == 4
    assert [y for _, y in up] == sorted((y for _, y in up), reverse=True)
    assert down[-1][1] > down[0][1]
    assert up[0][0] == pytest.approx(1000 / 3, abs=0.1) and up[-1][0] == 1000


def test_the_label_says_where_each_chosen_model_came_from_and_is() -> None:
    html = timeline(history(RISING, FALLING), ["riser"])
    assert "riser from 1000 to 1100, 95 % interval 1080\u20131120" in html
    assert "faller from" not in html
    assert "Ratings of 2 models from 1 Mar 2026 to 31 Mar 2026, 400 votes" in html


def test_an_open_end_runs_out_of_the_picture_and_is_said() -> None:
    html = timeline(history(course("riser", 1000, 1010, 1020, 1030, reach=None), FALLING), ["riser"])
    band = re.search(r'<path d="M([^"]*)Z"', html)
    assert band is not None
    heights = [float(point.split(",")[1]) for point in band.group(1).split("L")]
    assert min(heights) < 0 and max(heights) > 100


def test_votes_of_one_instant_are_drawn_along_their_number() -> None:
    html = timeline(history(RISING, FALLING, step=timedelta(0)), ["riser"])
    assert "400 votes" in html and "Mar" not in re.sub(r"aria-label=\"[^\"]*\"|<details.*", "", html)
    assert [x for x, _ in line(html, "a")] == pytest.approx([490.2, 735.3, 980.4], abs=30)


def test_every_figure_stands_in_the_table_too() -> None:
    html = timeline(history(RISING, FALLING), [])
    table = html[html.index("<table") :]
    cells = re.findall(r"<b>(\d+)</b>", table)
    assert cells == ["1000", "1050", "1100", "1000", "1000", "950", "900"]
    assert "\u2013</td>" in table


def test_names_that_are_markup_stay_text() -> None:
    html = timeline(history(course("<b>${x}", 1000, 1001, 1002, 1003), FALLING), ["<b>${x}"])
    assert "<b>${" not in html and "&lt;b&gt;&#36;&#123;x}" in html


def test_many_models_are_lines_without_names_and_the_chosen_one_is_always_drawn() -> None:
    many = [course(f"m{i:03d}", 1000.0 + i, 1000.0 - i) for i in range(MOST_LINES + 20)]
    html = timeline(history(*many), [many[-1].name])
    assert html.count("<polyline") == MOST_LINES + 1
    assert re.findall(r'class="line-name[ "][^"]*"?', html) == ['class="line-name a"']
    few = timeline(history(*many[:NAMED_LINES]), [many[0].name])
    assert len(re.findall(r'class="line-name[ "]', few)) == NAMED_LINES


@given(st.lists(st.floats(0, 100), max_size=20).map(sorted))
def test_names_keep_apart_in_order_and_inside(values: list[float]) -> None:
    moved = spaced(values, 4.9)
    assert len(moved) == len(values)
    assert all(b - a >= 4.9 - 1e-6 for a, b in pairwise(moved))
    assert all(m <= 100.0 + 1e-6 for m in moved)
    if all(b - a >= 4.9 for a, b in pairwise(values)):
        assert moved == values


def test_dates_are_the_axis_only_where_votes_are_spread_over_them() -> None:
    steady = history(RISING, FALLING)
    assert spread_over_time(steady)
    assert not spread_over_time(history(RISING, FALLING, step=timedelta(0)))
    late = Moment(steady.moments[-1].at + timedelta(days=365), 500)
    assert not spread_over_time(RatingHistory("bt", (*steady.moments, late), ()))
    assert not spread_over_time(RatingHistory("bt", (), ()))
