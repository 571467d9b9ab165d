from dataclasses import replace

from arena import boards, leaderboard
from arena.leaderboard import Leaderboard
from arena.ratings.rated import Parameter
from arena.types import PairCount
from workbench.views import boards as boards_view
from workbench.views import style as view

VOTED = leaderboard.build(
    [PairCount("ada", "<bob>", 60, 20, 10, 10), PairCount("<bob>", "cid", 60, 20, 20, 0)]
)


def level(moved: float, **parameters: Parameter) -> Leaderboard:
    """The same board with every first model moved, and with these weights."""
    rows = tuple(replace(row, rating=(row.rating or 0) + moved * (row.name == "ada")) for row in VOTED.rows)
    return replace(
        VOTED, rows=rows, parameters=parameters, notes=("3 votes are left out: no answers.", "Other.")
    )


LENGTH = Parameter(12.0, 4.0, 20.0, "Length: an answer twice as long is worth +8 points (-2 to +14).")
BOLD = Parameter(0.0, words="Bold: too alike in these answers to tell its weight.")


def test_weights_are_drawn_with_their_words_and_moves_with_their_sign():
    html = view.card(VOTED, level(-31.0, tokens=LENGTH, bold=BOLD))
    assert "An answer twice as long is worth +8 points (\u22122 to +14)." in html
    assert "Too alike in these answers" in html and html.count('class="point"') == 1
    assert "\u221231" in html and "3 votes are left out" in html and "Other." not in html
    assert "&lt;bob&gt;" in html and "<bob>" not in html


def test_a_board_that_style_does_not_move_says_so():
    assert "no rating moves by a point" in view.card(VOTED, level(0.0, tokens=LENGTH))


def test_without_weights_there_is_no_card_and_a_refusal_gives_its_reason():
    assert view.card(VOTED, level(0.0)) == ""
    assert "None of the 7 votes" in view.refused("None of the 7 votes stands on stored answers.")


def test_boards_side_by_side_mark_what_stands_apart_and_what_is_thin():
    turned = leaderboard.build(
        [PairCount("ada", "<bob>", 20, 90, 0, 0), PairCount("<bob>", "cid", 60, 20, 20, 0)]
    )
    few = leaderboard.build([PairCount("ada", "<bob>", 2, 1, 0, 0)])
    html = boards_view.card(boards.beside("category", VOTED, [("sums", turned), ("<b>", few)], without=5))
    assert "\u25bc" in html and "apart" in html and "few" in html
    assert "&lt;b&gt;: 3 votes on 2 models: too few" in html and "<b>:" not in html
    assert "5 votes have no category" in html and "&lt;bob&gt;" in html


def test_where_no_vote_has_a_value_the_card_says_that():
    assert "No vote here has a language" in boards_view.card(boards.beside("language", VOTED, []))
