"""The leaderboard's choices: what is chosen reaches the board, its link, and nobody's way."""

import pytest

pytestmark = pytest.mark.browser


def opened(person):
    person.tab("Leaderboard")
    person.page.locator("#board tbody tr").first.wait_for()
    return person.page


def linked(page, *parts):
    """Wait until the CSV's link says all of `parts`."""
    said = " && ".join(f"href.includes('{part}')" for part in parts)
    page.wait_for_function(
        f"(() => {{ const href = document.querySelector('#board-csv a').href; return {said} }})()"
    )


def enter(page, box, text):
    """Fill a box and press Enter once the text stays: a box just drawn is set to its own value once more."""
    for _ in range(20):
        box.fill(text)
        page.wait_for_timeout(400)
        if box.input_value() == text:
            break
    box.press("Enter")


def test_choices_behind_more_reach_the_board_and_its_link(visit, served_walked):
    person = visit(served_walked)
    page = opened(person)
    assert not page.get_by_text("Prior for each model").is_visible()
    page.locator("#board-filters label", has_text="Davidson").click()
    linked(page, "method=davidson")
    page.get_by_text("of votes are ties").or_(page.get_by_text("No vote is a tie yet")).first.wait_for()
    page.locator("#board-more > button").click()
    page.locator("#board-more label", has_text="1 tie").click()
    linked(page, "method=davidson", "prior=1")
    page.locator("#board-totals", has_text="1 choice behind More").wait_for()
    page.locator("#board-filters label", has_text="Elo").click()
    linked(page, "method=elo")
    page.get_by_text("K, points a vote").wait_for()
    assert not page.get_by_text("Prior for each model").is_visible(), "Elo has no prior"


def test_a_date_that_is_none_is_told_and_the_board_stays(visit, served_walked):
    person = visit(served_walked)
    page = opened(person)
    page.locator("#board-more > button").click()
    day = page.get_by_label("As of (day, UTC)")
    enter(page, day, "soon")
    page.get_by_text("The date 'soon' cannot be read").first.wait_for()
    while not person.errors:  # the browser tells of a failed request a moment after the page does
        page.wait_for_timeout(20)
    refused = [error for error in person.errors if "status of 500" in error]
    assert person.errors == refused, (
        "a refused handler is a failed request to the browser, and nothing else may fail"
    )
    person.errors.clear()
    assert page.locator("#board tbody tr").count() > 1
    enter(page, day, "2000-01-01")
    page.locator("#board .empty-state").wait_for()
    linked(page, "as_of=2000-01-01")


def test_on_a_phone_nothing_of_more_is_cut_off(visit, served_walked):
    person = visit(served_walked, width=390, height=844)
    page = opened(person)
    page.locator("#board-more > button").click()
    page.get_by_text("Prior for each model").wait_for()
    for label in ("At equal style", "One vote a prompt", "By reliability"):
        box = page.locator("#board-more label", has_text=label).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert person.sideways() <= 0
