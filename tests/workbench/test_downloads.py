"""Downloads are what the page shows, and refuse what they do not know in one sentence."""

import csv
import io

from arena import leaderboard
from arena.types import PairCount
from workbench.downloads import as_csv


def test_the_csv_has_one_row_per_model_with_the_boards_values() -> None:
    board = leaderboard.build([PairCount("able", "baker", 6, 3, 1, 0)])
    rows = list(csv.DictReader(io.StringIO(as_csv(board))))
    assert [row["name"] for row in rows] == [row.name for row in board.rows]
    assert float(rows[0]["rating"]) == board.rows[0].rating
    assert (rows[0]["wins"], rows[0]["losses"], rows[0]["ties"]) == ("6", "3", "1")


def test_unknown_values_are_empty_cells() -> None:
    board = leaderboard.build([], models=["idle"])
    row = next(csv.DictReader(io.StringIO(as_csv(board))))
    assert row["rating"] == row["lower"] == row["rank_best"] == ""


def test_a_name_that_a_spreadsheet_would_run_is_disarmed() -> None:
    board = leaderboard.build([], models=["=HYPERLINK(1)"])
    row = next(csv.DictReader(io.StringIO(as_csv(board))))
    assert row["name"] == "'=HYPERLINK(1)"
