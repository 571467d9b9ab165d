"""The voters tab on people: a disputed battle is read, and becomes a review queue that others vote through."""

import pytest

from tests.browser.conftest import Server
from tests.browser.judged import BATTLES
from tests.browser.person import Person

pytestmark = pytest.mark.browser
DISPUTED = BATTLES * 3 // 8
"""On each of these one of the three people differs from the other two."""


@pytest.fixture
def voters(visit, served_judged: Server) -> Person:
    """Somebody on the voters tab, with everything on it."""
    person = visit(served_judged)
    person.tab("Voters")
    person.page.locator("#people-list table").wait_for()
    return person


def test_people_are_held_against_each_other(voters: Person) -> None:
    page = voters.page
    assert f"of {BATTLES} battles that several voted on" in page.locator("#people-agreement").inner_text()
    names = page.locator("#people-reliability tbody th .name").all_inner_texts()
    assert sorted(names) == ["person 0", "person 1", "person 2"]
    assert page.locator("#people-pairs .heat tbody tr").count() == 3
    voters.page.set_viewport_size({"width": 390, "height": 844})
    assert voters.sideways() <= 0


def test_a_disputed_battle_is_read_and_put_away_and_its_texts_do_no_harm(voters: Person) -> None:
    page = voters.page
    page.locator("#people-list button", has_text="Read").first.click()
    page.locator("#people-battle .pair-sides").wait_for()
    assert "wordy" in page.locator("#people-battle").inner_text()
    assert page.locator("#people-list tr.selected").count() == 1
    assert page.evaluate("window.harmed") is None
    page.locator("#people-battle button", has_text="Close").click()
    page.locator("#people-battle .pair-sides").wait_for(state="detached")


def test_disputed_battles_become_a_queue_that_stands_under_review(voters: Person) -> None:
    page = voters.page
    page.locator("#people-form > button").click()
    page.get_by_label("Name of the queue").fill("second look")
    page.get_by_label("More votes a battle").fill("1")
    page.locator("#people-make").click()
    said = page.locator("#people-made .made")
    said.wait_for()
    assert f"{DISPUTED} votes on {DISPUTED} battles, until each has 4" in said.inner_text()
    said.get_by_role("button", name="Open Review").click()
    page.locator("#review-queues th", has_text="second look").wait_for()
