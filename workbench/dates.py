"""An axis of time: round moments between two, written no longer than they need to be told apart (all in UTC)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_SECONDS = (
    1,
    5,
    15,
    30,
    60,
    300,
    900,
    1800,
    3600,
    10800,
    21600,
    43200,
    86400,
    2 * 86400,
    7 * 86400,
    14 * 86400,
)
_MONTHS = (1, 3, 6, 12, 24, 60, 120)
_MONTH = 30.44 * 86400
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


def date_ticks(first: datetime, last: datetime, wanted: int = 5) -> tuple[tuple[datetime, str], ...]:
    """Return about `wanted` round moments from `first` to `last` with their labels; none where they are one moment."""
    span = (last - first).total_seconds()
    if span <= 0:
        return ()
    rough = span / wanted
    step = next((step for step in _SECONDS if step >= rough * 0.7), None)
    if step is not None:
        places = list(_steps(first, last, step))
        form = "%H:%M:%S" if step < 60 else "%H:%M"
        return tuple(
            (at, at.strftime(form) if at.hour or at.minute or at.second else f"{at.day} {at:%b}")
            for at in places
        )
    else:
        months = next((step for step in _MONTHS if step * _MONTH >= rough * 0.7), _MONTHS[-1])
        places = list(_months(first, last, months))
        form = "%b %Y" if months < 12 else "%Y"
    return tuple((at, at.strftime(form)) for at in places)


def day(at: datetime) -> str:
    """Return a day as people write it: `3 May 2026`."""
    return f"{at.astimezone(UTC).day} {at.astimezone(UTC):%b %Y}"


def _steps(first: datetime, last: datetime, step: int) -> Iterator[datetime]:
    """Yield the multiples of `step` seconds, counted from a Monday's midnight so that weeks begin on one."""
    begun = (first - _MONDAY).total_seconds()
    at = _MONDAY + timedelta(seconds=-(-begun // step) * step)
    while at <= last:
        yield at
        at += timedelta(seconds=step)


def _months(first: datetime, last: datetime, step: int) -> Iterator[datetime]:
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    month = -(-(first.year * 12 + first.month - 1) // step) * step
    while (at := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) <= last:
        if at >= first:
            yield at
        month += step
