"""Pictures say what the numbers say."""

import re

import numpy as np

from arena import leaderboard
from arena.types import PairCount
from workbench.charts import Curve, curves, forest, heat_map, interval_bar

COUNTS = [PairCount("able", "baker", 60, 30, 8, 2), PairCount("baker", "charlie", 50, 40, 0, 0)]


def cells(html: str, class_: str) -> list[str]:
    return re.findall(rf'<t[dh][^>]*class="[^"]*\b{class_}\b[^"]*"[^>]*>(.*?)</t[dh]>', html)


def places(html: str, class_: str) -> list[float]:
    return [float(x) for x in re.findall(rf'class="{class_}[^"]*" style="left:([\d.]+)%', html)]


def test_each_model_is_one_row_in_order_of_rating() -> None:
    board = leaderboard.build(COUNTS)
    html = forest(board)
    assert re.findall(r'<span class="name">(\w+)</span>', html) == [row.name for row in board.rows]
    assert [re.sub("<.*?>", "", c) for c in cells(html, "rating")] == [
        f"{row.rating:.0f}" for row in board.rows
    ]


def test_a_higher_rating_is_drawn_further_right_and_inside_its_interval() -> None:
    html = forest(leaderboard.build(COUNTS))
    points, reaches = places(html, "point"), places(html, "reach")
    assert points == sorted(points, reverse=True)
    assert all(reach <= point for reach, point in zip(reaches, points, strict=True))


def test_a_model_without_votes_has_no_point_and_says_so() -> None:
    html = forest(leaderboard.build(COUNTS, models=["idle"]))
    row = html[html.index("idle") :]
    assert "point" not in row
    assert "No votes yet" in row


def test_an_open_interval_runs_to_the_edge_and_is_marked() -> None:
    html = forest(leaderboard.build([PairCount("always", "never", 5, 0, 0, 0)]))
    assert "open" in html
    assert "few votes" in html


def test_many_rows_are_drawn_closer_together() -> None:
    many = [PairCount(f"m{i}", f"m{i + 1}", 5, 4, 0, 0) for i in range(30)]
    assert 'class="forest many"' in forest(leaderboard.build(many))
    assert 'class="forest"' in forest(leaderboard.build(COUNTS))


def test_the_heat_map_mirrors_itself_and_tints_by_the_winner() -> None:
    html = heat_map(leaderboard.win_matrix([PairCount("a", "b", 9, 1, 0, 0)], ["a", "b"]))
    assert re.findall(r'<td class="([rc])8">(\d+)</td>', html) == [("r", "90"), ("c", "10")]


def test_few_meetings_are_faint_and_none_is_a_dot() -> None:
    html = heat_map(leaderboard.win_matrix([PairCount("a", "b", 2, 0, 0, 0)], ["a", "b", "c"]))
    assert re.findall(r'<td class="[rc]\d+ faint">(\d+)</td>', html) == ["100", "0"]
    assert html.count('class="none"') == 4


def test_columns_have_names_up_to_twelve_and_numbers_beyond() -> None:
    def columns(number: int) -> list[str]:
        names = [f"model-{i}" for i in range(number)]
        empty = leaderboard.WinMatrix(
            tuple(names), np.full((number, number), np.nan), np.zeros((number, number), int)
        )
        return [
            re.sub("<.*?>", "", c) for c in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', heat_map(empty))
        ]

    assert columns(12)[0] == "model-0"
    assert columns(13) == [str(i) for i in range(1, 14)]


def test_hostile_names_are_text_in_every_picture() -> None:
    name = '<img src=x onerror="1">${x}'
    counts = [PairCount(name, "b", 5, 4, 0, 0)]
    for html in (forest(leaderboard.build(counts)), heat_map(leaderboard.win_matrix(counts))):
        assert "<img" not in html
        assert "${" not in html


def test_a_curve_ends_at_its_last_value_and_says_it() -> None:
    html = curves("Loss", [Curve("train", "a", ((1, 0.9), (2, 0.7), (10, 0.25)))], steps=20)
    assert 'aria-label="Loss over steps, now at step 10: train 0.25"' in html
    points = re.search(r'points="([^"]+)"', html).group(1).split()
    assert len(points) == 3
    xs = [float(p.split(",")[0]) for p in points]
    ys = [float(p.split(",")[1]) for p in points]
    assert xs == sorted(xs)
    assert ys == sorted(ys)


def test_a_chart_without_measurements_says_so() -> None:
    assert "Nothing measured yet" in curves("Loss", [Curve("train", "a", ())])


def test_the_rule_of_a_chart_lies_inside_it() -> None:
    html = curves("Margin", [Curve("train", "a", ((1, 3.0), (2, 4.0)))], base=0.0)
    y = float(re.search(r'y1="([\d.]+)"[^>]*class="rule"', html).group(1))
    assert 0 < y < 190


def test_an_interval_bar_says_its_numbers() -> None:
    html = interval_bar(0.72, 0.65, 0.78)
    assert "left:65.0%;width:13.0%" in html
    assert "left:72.0%" in html
    assert 'role="img"' in html
