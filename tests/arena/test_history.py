from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena import history, leaderboard
from arena.errors import InvalidInput
from arena.history import TimedVotes
from arena.ratings import columns, elo
from arena.ratings.options import RatingOptions
from arena.ratings.rate import rate
from arena.style.rows import Key
from arena.types import VoteColumns, Winner
from arena.until import Until
from tests.arena.ratings.arenas import connected_votes

DAY = 86_400_000_000
"""Microseconds."""


def timed(rows, step=DAY):
    votes = columns.from_votes(rows)
    return TimedVotes(votes, np.arange(len(rows), dtype=np.int64) * step)


def first(votes: VoteColumns, count: int) -> VoteColumns:
    return VoteColumns(votes.names, votes.model_a[:count], votes.model_b[:count], votes.winner[:count])


ROWS = [
    ("a", "b", Winner.MODEL_A),
    ("a", "b", Winner.MODEL_B),
    ("b", "a", Winner.TIE),
    ("a", "b", Winner.MODEL_A),
    ("a", "c", Winner.MODEL_A),
    ("c", "a", Winner.MODEL_A),
]


def test_moments_divide_the_votes_evenly_and_carry_their_time():
    found = history.build(timed(ROWS), points=3)
    assert [(moment.votes, moment.at) for moment in found.moments] == [
        (2, datetime(1970, 1, 2, tzinfo=UTC)),
        (4, datetime(1970, 1, 4, tzinfo=UTC)),
        (6, datetime(1970, 1, 6, tzinfo=UTC)),
    ]


def test_few_votes_give_one_moment_each():
    assert [moment.votes for moment in history.build(timed(ROWS), points=40).moments] == [1, 2, 3, 4, 5, 6]


def test_a_model_has_no_rating_before_its_first_vote():
    for method in ("bt", "elo"):
        course = history.build(timed(ROWS), points=6, options=RatingOptions(method=method)).course("c")
        assert course is not None
        assert course.ratings[:4] == (None,) * 4 and course.ratings[4] is not None, method


def test_no_votes_have_no_history():
    found = history.build(timed([]), points=5)
    assert found.moments == () and found.courses == ()


def test_two_groups_of_one_size_are_told_apart_as_on_the_board():
    rows = [("m3", "m2", Winner.TIE), ("m2", "m0", Winner.MODEL_A), ("m0", "m1", Winner.TIE)]
    asked = timed(rows)
    board, found = leaderboard.build(columns.pair_counts(asked.votes)), history.build(asked, points=1)
    for row in board.rows:
        course = found.course(row.name)
        assert course is not None and course.ratings[-1] == pytest.approx(row.rating, abs=1e-5)


@settings(max_examples=20)
@given(connected_votes(), st.integers(1, 7))
def test_each_moment_is_the_board_of_the_votes_up_to_it(rows, points):
    asked = timed(rows)
    found = history.build(asked, points=points)
    assert found.moments[-1].votes == len(rows)
    for place, moment in enumerate(found.moments):
        board = leaderboard.build(columns.pair_counts(first(asked.votes, moment.votes)))
        for row in board.rows:
            course = found.course(row.name)
            assert course is not None
            values = (course.ratings[place], course.lower[place], course.upper[place])
            assert values == pytest.approx((row.rating, row.lower, row.upper), abs=1e-5), row.name
        rated = {course.name for course in found.courses if course.ratings[place] is not None}
        assert rated == {row.name for row in board.rows}


@settings(max_examples=20)
@given(connected_votes(), st.integers(1, 7))
def test_elo_runs_on_from_moment_to_moment(rows, points):
    asked = timed(rows)
    found = history.build(asked, points=points, options=RatingOptions(method="elo"))
    for place, moment in enumerate(found.moments):
        expected = elo.rate(first(asked.votes, moment.votes))
        for name, rating in zip(asked.votes.names, expected.tolist(), strict=True):
            course = found.course(name)
            assert course is not None
            if course.ratings[place] is not None:
                assert course.ratings[place] == pytest.approx(rating)
            assert course.lower[place] is None and course.upper[place] is None


def test_the_highest_last_rating_comes_first():
    courses = history.build(timed(ROWS * 3), points=4).courses
    last = [course.ratings[-1] for course in courses]
    assert last == sorted(last, reverse=True)


@pytest.mark.parametrize(("points", "method"), [(0, "bt"), (401, "bt"), (5, "soft")])
def test_what_cannot_be_given_is_refused(points, method):
    with pytest.raises(InvalidInput):
        history.build(timed(ROWS), points=points, options=RatingOptions(method=method))


def keyed(rows, voters):
    """The votes of `rows`, cast by voters and on prompts in turn."""
    plain = timed(rows)
    code = (np.arange(len(rows)) % voters).astype(np.int32)
    by_voter = Key(tuple(f"human:v{place}" for place in range(voters)), code)
    by_prompt = Key(tuple(f"p{place}" for place in range(voters)), code[::-1].copy())
    return TimedVotes(plain.votes, plain.at, {"voter": by_voter, "prompt": by_prompt})


MANY = [row for row in ROWS for _ in range(4)]


@pytest.mark.parametrize(
    "options",
    [
        RatingOptions(method="davidson"),
        RatingOptions(method="rao_kupper"),
        RatingOptions(prior=2.0),
        RatingOptions(anchor="a", anchor_rating=1200.0),
        RatingOptions(cluster="voter"),
        RatingOptions(cluster="prompt"),
        RatingOptions(voter_weights={"v1": 3.0}),
        RatingOptions(voter_weights={"human:v2": 0.0}, cluster="voter"),
    ],
)
def test_the_last_moment_reads_as_the_board_with_the_same_options(options):
    votes = keyed(MANY, 4)
    found = history.build(votes, options, points=6)
    now = rate(Until(votes, len(MANY)), options)
    assert found.method == options.method and len(found.moments) == 6
    for place, name in enumerate(now.names):
        course = found.course(name)
        assert course.ratings[-1] == pytest.approx(now.ratings[place])
        for end, expected in ((course.lower[-1], now.lower[place]), (course.upper[-1], now.upper[place])):
            assert end == pytest.approx(expected) if np.isfinite(expected) else end is None


def test_a_moment_before_the_anchor_was_met_has_no_ratings():
    rows = [("b", "c", Winner.MODEL_A), ("c", "b", Winner.MODEL_A)] * 3 + [("a", "b", Winner.TIE)] * 6
    found = history.build(timed(rows), RatingOptions(anchor="a", anchor_rating=900.0), points=2)
    assert found.course("b").ratings[0] is None and found.course("b").ratings[1] is not None
    assert found.course("a").ratings == (None, 900.0)
    with pytest.raises(InvalidInput, match="'z' has no vote"):
        history.build(timed(rows), RatingOptions(anchor="z"), points=2)


def test_elo_moves_with_its_step_and_its_anchor():
    slow, fast = (history.build(timed(ROWS), RatingOptions(method="elo", k=k), points=2) for k in (4.0, 40.0))
    assert abs(fast.course("a").ratings[-1] - 1000.0) > abs(slow.course("a").ratings[-1] - 1000.0)
    held = history.build(timed(ROWS), RatingOptions(method="elo", anchor="b", anchor_rating=1500.0), points=2)
    assert held.course("b").ratings == (1500.0, 1500.0)


@pytest.mark.parametrize("method", ["soft", "ppi"])
def test_methods_that_need_more_than_votes_have_no_history(method):
    with pytest.raises(InvalidInput, match=f"'{method}' is not known: choose bt, elo, rao_kupper, davidson"):
        history.build(timed(ROWS), RatingOptions(method=method))


def test_reliability_has_no_history():
    with pytest.raises(InvalidInput, match="have no history"):
        history.build(keyed(MANY, 4), RatingOptions(weighting="reliability"), points=2)
