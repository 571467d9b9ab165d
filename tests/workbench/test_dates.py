"""Round moments on an axis of time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dates import date_ticks, day

FIRST = datetime(2026, 2, 26, 9, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        (timedelta(minutes=50), ("09:30", "09:45", "10:00")),
        (timedelta(hours=30), ("12:00", "18:00", "27 Feb", "06:00", "12:00")),
        (timedelta(days=9), ("28 Feb", "2 Mar", "4 Mar", "6 Mar")),
        (timedelta(days=100), ("2 Mar", "16 Mar", "30 Mar", "13 Apr", "27 Apr", "11 May", "25 May")),
        (timedelta(days=400), ("Apr 2026", "Jul 2026", "Oct 2026", "Jan 2027", "Apr 2027")),
        (timedelta(days=2000), ("2027", "2028", "2029", "2030", "2031")),
    ],
)
def test_ticks_are_round_and_no_longer_than_needed(span, labels):
    assert tuple(label for _, label in date_ticks(FIRST, FIRST + span)) == labels


def test_one_moment_has_no_ticks():
    assert date_ticks(FIRST, FIRST) == ()


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)), st.floats(2, 4e9))
def test_ticks_lie_between_the_ends_in_order_and_are_few(first, seconds):
    first = first.replace(tzinfo=UTC)
    last = first + timedelta(seconds=seconds)
    places = [at for at, _ in date_ticks(first, last)]
    assert places == sorted(set(places))
    assert all(first <= at <= last for at in places)
    assert len(places) <= 14


def test_a_day_is_that_of_utc():
    assert day(datetime(2026, 5, 3, 23, 30, tzinfo=timezone(timedelta(hours=-3)))) == "4 May 2026"
