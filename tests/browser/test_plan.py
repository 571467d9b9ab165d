"""How many more votes, on the leaderboard: another target and other models are reckoned while one looks."""

import pytest

from tests.browser.conftest import Server
from tests.browser.person import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def board(visit, served_judged: Server) -> Person:
    """Somebody on the leaderboard, with the plan on it."""
    person = visit(served_judged)
    person.tab("Leaderboard")
    person.page.locator("#plan-told .plan-words, #plan-told .muted").first.wait_for()
    return person


def test_another_target_moves_the_plan(board: Person) -> None:
    page = board.page
    field = page.locator("#plan-target").get_by_role("textbox")
    field.fill("7")
    field.press("Enter")
    page.locator("#plan-summary .plan-fact b", has_text="±7").wait_for()
    assert page.locator("#plan-summary svg polyline").count() == 2
    field.fill("900")
    field.press("Enter")
    page.locator("#plan-summary .plan-fact b", has_text="±900").wait_for()
    page.locator("#plan-summary svg").wait_for(state="detached")


def test_what_is_no_number_is_refused_in_the_place_of_the_plan(board: Person) -> None:
    field = board.page.locator("#plan-target").get_by_role("textbox")
    field.fill("narrow")
    field.press("Enter")
    board.page.locator("#plan-summary", has_text="is no number").wait_for()
    field.fill("20")
    field.press("Enter")
    board.page.locator("#plan-summary .plan-fact b", has_text="±20").wait_for()


def test_two_models_are_told_apart_by_so_many_votes_if_they_differ_by_so_much(board: Person) -> None:
    page = board.page
    page.locator("#plan-power label", has_text="95").click()
    field = page.locator("#plan-difference").get_by_role("textbox")
    field.fill("12")
    field.press("Enter")
    page.wait_for_function(
        "/12 points apart|already/.test(document.querySelector('#plan-told .plan-words').textContent)"
    )


def test_the_plan_fits_a_phone(board: Person) -> None:
    board.page.set_viewport_size({"width": 390, "height": 844})
    board.page.locator("#plan").scroll_into_view_if_needed()
    assert board.sideways() <= 0
