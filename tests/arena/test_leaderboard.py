import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from arena import leaderboard
from arena.formats import import_file
from arena.leaderboard import LeaderboardRow
from arena.ratings import bradley_terry, columns, elo
from arena.store import Store
from arena.types import PairCount, VoteFilter, Winner
from tests.arena.ratings.arenas import LLMFAO, Votes, connected_votes, llmfao, swapped, votes


def counted(rows: Votes) -> list[PairCount]:
    return columns.pair_counts(columns.from_votes(rows))


def test_a_row_says_what_its_votes_were():
    board = leaderboard.build([PairCount("good", "bad", 3, 1, 1, 1)])
    good = board.row("good")
    assert good is not None
    assert (good.votes, good.wins, good.losses, good.ties, good.win_rate) == (6, 3, 1, 2, 4.0 / 6.0)
    assert good.rating is not None and good.lower is not None and good.upper is not None
    assert good.lower < good.rating < good.upper
    assert [row.name for row in board.rows] == ["good", "bad"]
    assert board.votes == 6 and board.method == "bt" and board.notes == ()


def test_a_model_without_votes_is_listed_without_a_rating():
    board = leaderboard.build([PairCount("a", "b", 3, 1, 0, 0)], models=["b", "new"])
    assert board.rows[-1] == LeaderboardRow(
        "new", None, None, None, 0, 0, 0, 0, None, None, None, "No votes yet."
    )
    assert len(board.rows) == 3


def test_an_open_end_is_none_and_the_note_says_why():
    board = leaderboard.build([PairCount("a", "b", 10, 10, 0, 0), PairCount("a", "loser", 3, 0, 0, 0)])
    row = board.row("loser")
    assert row is not None and row.lower is None and row.upper is not None and row.rating is not None
    assert row.note.startswith("No win or tie yet")
    assert board.notes == (
        "1 of 3 ratings are provisional: each counts one tie with an average model beside its votes.",
    )


def test_models_in_two_groups_are_said_to_be_incomparable():
    board = leaderboard.build([PairCount("a", "b", 3, 1, 0, 0), PairCount("x", "y", 1, 1, 0, 0)])
    assert board.notes[0].startswith("No vote joins the 2 groups")
    assert {(row.name, row.rank_best, row.rank_worst) for row in board.rows} == {
        (name, 1, 4) for name in ("a", "b", "x", "y")
    }


def test_ranks_come_from_intervals():
    board = leaderboard.build([PairCount("a", "b", 500, 100, 0, 0), PairCount("b", "c", 52, 50, 0, 0)])
    ranks = {row.name: (row.rank_best, row.rank_worst) for row in board.rows}
    assert ranks == {"a": (1, 1), "b": (2, 3), "c": (2, 3)}


@given(votes())
def test_every_vote_stands_on_two_rows_and_points_add_up(rows: Votes):
    board = leaderboard.build(counted(rows))
    assert board.votes == len(rows)
    assert sum(row.votes for row in board.rows) == 2 * len(rows)
    assert sum(row.wins for row in board.rows) == sum(row.losses for row in board.rows)
    assert sum((row.win_rate or 0.0) * row.votes for row in board.rows) == pytest.approx(len(rows))
    assert all(row.wins + row.losses + row.ties == row.votes for row in board.rows)
    json.dumps([row.as_dict() for row in board.rows], allow_nan=False)


@given(votes())
def test_rows_fall_from_the_highest_rating_and_ranks_hold_their_place(rows: Votes):
    board = leaderboard.build(counted(rows))
    for upper, lower in pairwise(board.rows):
        assert upper.rating is not None and lower.rating is not None and upper.rating >= lower.rating
    for place, row in enumerate(board.rows, start=1):
        assert row.rank_best is not None and row.rank_worst is not None
        assert 1 <= row.rank_best <= row.rank_worst <= len(board.rows)
        ties = [p for p, other in enumerate(board.rows, start=1) if other.rating == row.rating]
        assert row.rank_best <= max(ties) and min(ties) <= row.rank_worst, place


@given(connected_votes())
def test_swapped_sides_give_the_same_board(rows: Votes):
    counts = counted(rows)
    one, other = leaderboard.build(counts), leaderboard.build([swapped(c) for c in counts])
    for row in one.rows:
        there = other.row(row.name)
        assert there is not None
        assert row.rating == pytest.approx(there.rating, abs=1e-6)
        assert (row.wins, row.losses, row.ties) == (there.wins, there.losses, there.ties)


def elo_board(votes, models=(), rng=None, limit=elo.BOOTSTRAP_LIMIT) -> leaderboard.Leaderboard:
    """Return the Elo board of votes in the order they were cast."""
    rated = elo.fit(votes, rng or np.random.default_rng(0), limit=limit)
    return leaderboard.of(rated, columns.pair_counts(votes), "elo", models=models)


@given(votes())
def test_the_elo_board_shows_elo_ratings(rows: Votes):
    table = columns.from_votes(rows)
    board = elo_board(table, models=["without votes"])
    rated = {row.name: row.rating for row in board.rows}
    assert rated.pop("without votes") is None
    assert rated == dict(zip(table.names, elo.rate(table).tolist(), strict=True))
    assert board.method == "elo" and board.votes == len(rows)


def test_the_elo_board_is_the_same_every_time():
    table = columns.from_votes([("a", "b", Winner.MODEL_A), ("b", "c", Winner.TIE)] * 20)
    one = elo_board(table)
    assert elo_board(table) == one
    other = elo_board(table, rng=np.random.default_rng(9))
    assert [row.rating for row in other.rows] == [row.rating for row in one.rows]
    assert [row.lower for row in other.rows] != [row.lower for row in one.rows]


def test_a_registered_model_without_votes_has_no_elo_either():
    board = elo_board(columns.from_votes([("a", "b", Winner.TIE)], names=["quiet", "a"]))
    assert board.row("quiet") is None
    assert {row.name for row in board.rows} == {"a", "b"}


def test_an_elo_board_of_a_long_history_says_what_its_intervals_rest_on():
    table = columns.from_votes([("early", "b", Winner.MODEL_A)] + [("a", "b", Winner.MODEL_A)] * 10)
    board = elo_board(table, limit=10)
    assert "the latest 10 of 11" in board.basis
    early = board.row("early")
    assert (
        early is not None and early.lower is None and early.upper is None and "latest 10 votes" in early.note
    )


def test_no_votes_give_an_empty_board():
    assert leaderboard.build([]).rows == ()
    assert elo_board(columns.from_votes([])).rows == ()
    assert [row.name for row in leaderboard.build([], models=["b", "a"]).rows] == ["a", "b"]


def test_ratings_of_counts_are_those_of_the_board():
    counts = [PairCount("a", "b", 3, 1, 0, 0), PairCount("b", "c", 1, 2, 2, 0)]
    board = leaderboard.build(counts)
    assert leaderboard.ratings_of(counts) == {row.name: row.rating for row in board.rows}


def test_the_win_matrix_counts_ties_as_half_and_leaves_unknown_unknown():
    matrix = leaderboard.win_matrix(
        [PairCount("a", "b", 3, 1, 1, 1), PairCount("b", "a", 2, 0, 0, 0)], ["b", "a", "c"]
    )
    assert matrix.names == ("b", "a", "c")
    assert matrix.votes.tolist() == [[0, 8, 0], [8, 0, 0], [0, 0, 0]]
    assert matrix.win_rate[0, 1] == pytest.approx(4.0 / 8.0)
    assert np.isnan(matrix.win_rate[0, 2]) and np.isnan(matrix.win_rate[0, 0])
    assert matrix.as_dict()["win_rate"] == [[None, 0.5, None], [0.5, None, None], [None, None, None]]


@given(votes())
def test_the_two_halves_of_the_win_matrix_add_up_to_one(rows: Votes):
    matrix = leaderboard.win_matrix(counted(rows))
    known = matrix.votes > 0
    np.testing.assert_allclose((matrix.win_rate + matrix.win_rate.T)[known], 1.0)
    assert matrix.votes.sum() == 2 * len(rows)
    assert np.isnan(matrix.win_rate[~known]).all()


def test_llmfao_makes_a_board_of_59_models_and_8931_votes():
    table = llmfao()
    board = leaderboard.build(columns.pair_counts(table))
    assert len(board.rows) == 59 and board.votes == 8931 and board.notes == ()
    assert sum(row.votes for row in board.rows) == 2 * 8931
    assert board.rows[0].name == "GPT 4" and board.rows[0].rank_best == 1
    for row in board.rows:
        assert row.lower is not None and row.upper is not None and row.rating is not None
        assert row.lower < row.rating < row.upper
    assert np.mean([row.rating for row in board.rows if row.rating]) == pytest.approx(bradley_terry.CENTRE)


def test_llmfao_rates_the_same_through_the_store_as_from_its_file(tmp_path: Path):
    table = llmfao()
    with Store.open(tmp_path / "votes.duckdb") as store:
        import_file(store, LLMFAO, "votes")
        counts, columned = store.votes.pair_counts(VoteFilter()), store.votes.outcomes(VoteFilter())
    by_store = dict(zip(columned.names, elo.rate(columned).tolist(), strict=True))
    for name, rating in zip(table.names, elo.rate(table).tolist(), strict=True):
        assert by_store[name] == pytest.approx(rating, rel=1e-12)
    from_file = leaderboard.ratings_of(columns.pair_counts(table))
    assert leaderboard.ratings_of(counts) == pytest.approx(from_file, rel=1e-9)
