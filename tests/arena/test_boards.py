import pytest

from arena import boards, leaderboard
from arena.types import PairCount


def board(*counts):
    return leaderboard.build([PairCount(*count) for count in counts])


ALL = board(("ada", "bob", 60, 20, 10, 10), ("bob", "cid", 60, 20, 20, 0), ("ada", "cid", 70, 10, 20, 0))


def test_a_board_is_moved_until_its_models_have_their_mean_of_the_first_board():
    maths = board(("ada", "bob", 12, 8, 0, 0))
    made = boards.beside("category", ALL, [("maths", maths)])
    part = made.part("maths")
    assert part.votes == 20 and set(part.cells) == {"ada", "bob"}
    first = [ALL.row(name).rating for name in ("ada", "bob")]
    assert sum(cell.rating for cell in part.cells.values()) == pytest.approx(sum(first))
    assert part.moved == pytest.approx(sum(first) / 2 - 1000.0)
    gap = maths.row("ada").rating - maths.row("bob").rating
    assert part.cells["ada"].rating - part.cells["bob"].rating == pytest.approx(gap)


def test_an_anchored_board_is_not_moved():
    made = boards.beside("category", ALL, [("maths", board(("ada", "bob", 12, 8, 0, 0)))], anchored=True)
    assert made.part("maths").moved == 0.0


def test_ratings_stand_apart_only_where_their_intervals_do_not_touch():
    same = boards.beside("category", ALL, [("all again", ALL)]).part("all again")
    assert all(cell.apart is None for cell in same.cells.values()) and same.moved == pytest.approx(0.0)
    turned = board(
        ("ada", "bob", 20, 60, 10, 10), ("bob", "cid", 60, 20, 20, 0), ("ada", "cid", 10, 70, 20, 0)
    )
    found = boards.beside("category", ALL, [("turned", turned)]).part("turned")
    assert found.cells["ada"].apart < 0 < found.cells["cid"].apart
    assert found.cells["ada"].apart == pytest.approx(found.cells["ada"].rating - ALL.row("ada").rating)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([("ada", "bob", 2, 0, 0, 0)], "too few to place any two of them on one scale"),
        ([("ada", "bob", 2, 1, 0, 0)], "too few to tell any two of them apart"),
        (
            [("ada", "bob", 90, 10, 0, 0), *((name, "bob", 0, 1, 0, 0) for name in ("cid", "dan", "eve"))],
            "place 2 of 5 models only",
        ),
        ([("ada", "bob", 90, 10, 0, 0)], ""),
    ],
)
def test_a_board_that_tells_little_says_why(counts, said):
    part = boards.beside("category", ALL, [("x", board(*counts))]).part("x")
    assert said in part.thin and bool(said) == bool(part.thin)


def test_few_votes_are_marked_and_boards_come_by_their_votes():
    made = boards.beside(
        "language",
        ALL,
        [("de", board(("ada", "bob", 2, 1, 0, 0))), ("en", board(("ada", "bob", 9, 9, 0, 0)))],
    )
    assert [part.value for part in made.parts] == ["en", "de"]
    assert made.part("de").cells["ada"].few and not made.part("en").cells["ada"].few
    assert made.part("fr") is None


def test_votes_without_a_value_are_counted():
    made = boards.beside("category", ALL, [], without=1234)
    assert made.notes == ("1,234 votes have no category, and count on the first board only.",)
    assert made.as_dict()["by"] == "category"
