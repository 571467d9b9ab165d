"""How ratings came to be what they are: the rating of each model at some moments between the first vote and the last.

The moments divide the votes evenly, so that a busy day shows its course and a quiet month takes no room in it. Each
rating is what the board with the same options would have said then: rated with its interval from all votes up to the
moment, or Elo as it ran. A model that no vote had met yet has no rating there.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import bradley_terry, columns, elo
from arena.ratings.options import Method, RatingOptions
from arena.ratings.rate import rate
from arena.ratings.tally import Tally
from arena.types import VoteColumns
from arena.until import TimedVotes, Until

MOST_MOMENTS = 400
METHODS: tuple[Method, ...] = ("bt", "elo", "rao_kupper", "davidson")
"""The methods that can be rated as of a moment from the votes alone."""
PLAIN = RatingOptions()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: that of the last vote counted, and how many votes were."""

    at: datetime
    votes: int


@dataclass(frozen=True, slots=True)
class Course:
    """The ratings of one model in Elo points, one a moment; `None` before its first vote, ends `None` where open."""

    name: str
    ratings: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RatingHistory:
    """Moments in order, and a course for each model with votes, the highest last rating first."""

    method: Method
    moments: tuple[Moment, ...]
    courses: tuple[Course, ...]

    def course(self, name: str) -> Course | None:
        """Return the course of a model, `None` if no vote met it."""
        return next((course for course in self.courses if course.name == name), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the history as plain values."""
        return asdict(self)


def build(timed: TimedVotes, options: RatingOptions = PLAIN, *, points: int = 40) -> RatingHistory:
    """Rate all models as `options` say at up to `points` moments that divide the votes evenly; the last is now.

    Elo has no intervals here: its bootstrap belongs to the board. A moment at which the options cannot be had yet (no
    vote has met the anchor) has no ratings.

    Raises:
        InvalidInput: the options have no history, or never could be had, or `points` is beyond 1 and 400.
    """
    if not 1 <= points <= MOST_MOMENTS:
        raise InvalidInput(f"A history of {points} moments cannot be given: ask for 1 to {MOST_MOMENTS}.")
    if options.method not in METHODS:
        raise InvalidInput(
            f"The history of the method {options.method!r} is not known: choose {', '.join(METHODS)}."
        )
    columns.check(timed.votes)
    total = len(timed.at)
    ends = [total * (place + 1) // points for place in range(points)]
    ends = sorted({end for end in ends if end})
    moments = tuple(Moment(_EPOCH + timedelta(microseconds=int(timed.at[end - 1])), end) for end in ends)
    if options.method == "elo":
        tables = _elo(timed.votes, ends, options)
    elif options == PLAIN:
        tables = _bradley_terry(timed.votes, ends)
    else:
        tables = _rated(timed, ends, options)
    courses = [
        Course(name, *(tuple(map(_known, table[:, place].tolist())) for table in tables))
        for place, name in enumerate(timed.votes.names)
    ]
    courses = [course for course in courses if any(rating is not None for rating in course.ratings)]
    courses.sort(key=lambda course: (-(course.ratings[-1] or 0.0), course.name))
    return RatingHistory(options.method, moments, tuple(courses))


Table = npt.NDArray[np.float64]


def _bradley_terry(votes: VoteColumns, ends: Sequence[int]) -> tuple[Table, Table, Table]:
    """Return ratings and both ends, (moments, models) each, NaN where not known; counts grow from end to end."""
    size = len(votes.names)
    wins, ties = np.zeros((size, size)), np.zeros((size, size))
    tables = np.full((3, len(ends), size), np.nan)
    by_name = np.argsort(np.asarray(votes.names))  # as the board has them, which settles draws between groups
    begin = 0
    for row, end in enumerate(ends):
        _count(votes, slice(begin, end), wins, ties)
        begin = end
        met = by_name[(wins + wins.T + ties)[by_name].any(axis=1)]
        within = np.ix_(met, met)
        fitted = bradley_terry.fit_table(
            Tally(tuple(votes.names[i] for i in met), wins[within], ties[within])
        )
        tables[:, row, met] = fitted.ratings, fitted.lower, fitted.upper
    return tables[0], tables[1], tables[2]


def _rated(timed: TimedVotes, ends: Sequence[int], options: RatingOptions) -> tuple[Table, Table, Table]:
    """Return the same as the board with these options would have had them, rated afresh at every moment."""
    names = timed.votes.names
    place = {name: column for column, name in enumerate(names)}
    tables = np.full((3, len(ends), len(names)), np.nan)
    refused: InvalidInput | None = None
    for row, end in enumerate(ends):
        try:
            rated = rate(Until(timed, end), options)
        except InvalidInput as error:
            refused = error
            continue
        met = [place[name] for name in rated.names]
        tables[:, row, met] = rated.ratings, rated.lower, rated.upper
    if refused is not None and np.isnan(tables).all():
        raise refused
    return tables[0], tables[1], tables[2]


def _count(votes: VoteColumns, part: slice, wins: Table, ties: Table) -> None:
    a, b, winner = votes.model_a[part], votes.model_b[part], votes.winner[part]
    first, second = winner == 0, winner == 1
    neither = ~(first | second)
    np.add.at(wins, (a[first], b[first]), 1.0)
    np.add.at(wins, (b[second], a[second]), 1.0)
    np.add.at(ties, (a[neither], b[neither]), 1.0)
    np.add.at(ties, (b[neither], a[neither]), 1.0)


def _elo(votes: VoteColumns, ends: Sequence[int], options: RatingOptions) -> tuple[Table, Table, Table]:
    ratings = elo.course(votes, ends, k=options.k)
    first = np.full(len(votes.names), len(votes.winner))
    places = np.arange(len(votes.winner))
    np.minimum.at(first, votes.model_a, places)
    np.minimum.at(first, votes.model_b, places)
    ratings[np.asarray(ends)[:, None] <= first[None, :]] = np.nan
    if options.anchor is not None:
        if options.anchor not in votes.names:
            raise InvalidInput(
                f"The anchor {options.anchor!r} has no vote among these: choose a model that has."
            )
        ratings += options.anchor_rating - ratings[:, [votes.names.index(options.anchor)]]
    unknown = np.full_like(ratings, np.nan)
    return ratings, unknown, unknown


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
