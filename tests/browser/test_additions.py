"""What a voter may add to a vote, how answers read, and two models with their names in sight."""

import pytest

from tests.browser import answers
from tests.browser.conftest import Server
from tests.browser.person import Person

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement?.matches(%r)"


def voted(visit, served_answers: Server, prompt: str = answers.QUESTION, **wishes) -> Person:
    """Somebody who has just voted for A."""
    person = visit(served_answers, **wishes)
    person.fight(prompt)
    person.press("1")
    person.reach("voted")
    return person


def said(person: Person, text: str) -> None:
    """Wait for words in the status line."""
    person.page.locator("#status", has_text=text).wait_for()


def test_further_criteria_are_asked_after_the_vote_and_saved_as_they_are_chosen(
    visit, served_answers: Server
) -> None:
    person = voted(visit, served_answers)
    page = person.page
    assert page.get_by_role("radiogroup", name="More helpful").is_visible()
    page.locator("#criterion-1").get_by_text("B", exact=True).click()
    said(person, "Saved: more helpful, B.")
    page.locator("#criterion-1").get_by_text("Same", exact=True).click()
    said(person, "Saved: more helpful, both the same.")
    page.locator("#criterion-2").get_by_text("A", exact=True).click()
    said(person, "Saved: safer, A.")
    person.press("u")
    person.reach("ready")
    assert not page.locator("#criterion-1").is_visible()
    person.press("4")
    person.reach("voted")
    assert page.locator("#criterion-1 input:checked, #criterion-2 input:checked").count() == 0


def test_a_better_answer_is_written_saved_changed_and_withdrawn_by_keyboard(
    visit, served_answers: Server
) -> None:
    person = voted(visit, served_answers)
    page, text = person.page, "#own-text textarea"
    assert not page.locator(text).is_visible()
    person.press("w")
    page.wait_for_function(FOCUSED % text)
    page.keyboard.type("Corks float, 1 to 4 of them.")
    assert person.state() == "voted"
    page.keyboard.press("Control+Enter")
    said(person, "Your answer is saved")
    page.wait_for_function(FOCUSED % "#next")
    assert not page.locator(text).is_visible()
    assert page.locator("#own-open").inner_text() == "Edit your answer"
    person.press("u")
    person.reach("ready")
    person.press("2")
    person.reach("voted")
    person.press("w")
    assert page.input_value(text) == "Corks float, 1 to 4 of them."
    page.locator("#own-withdraw").click()
    said(person, "withdrawn")
    assert page.locator("#own-open").inner_text() == "Write a better answer"


def test_a_better_answer_may_start_from_either_and_the_same_text_is_refused(
    visit, served_answers: Server
) -> None:
    person = voted(visit, served_answers)
    page = person.page
    shown = page.locator("#pane-b .turn").inner_text()
    person.press("w")
    page.locator("#own-from-b").click()
    page.wait_for_function("text => document.querySelector('#own-text textarea').value === text", arg=shown)
    page.locator("#own-save").click()
    page.locator(".toast-message-text", has_text="This is answer B as it stands").wait_for()
    assert len(person.errors) == 1 and "500" in person.errors.pop(), "the browser notes a refused request"
    assert page.locator("#own-text textarea").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_function(FOCUSED % "#own-open")
    assert not page.locator("#own-text textarea").is_visible()


def test_a_better_answer_is_a_chosen_one_among_the_pairs(visit, served_answers: Server) -> None:
    person = voted(visit, served_answers)
    person.press("w")
    person.page.fill("#own-text textarea", "Whatever is lighter than water floats.")
    person.page.locator("#own-save").click()
    said(person, "Your answer is saved")
    person.tab("Data")
    person.page.locator("#waterfall tr", has_text="Better answers by voters").wait_for()
    for _ in range(12):
        if person.page.locator("#pair", has_text="lighter than water").count():
            break
        position = person.page.locator("#pair-position").inner_text()
        person.press("j")
        person.page.wait_for_function(
            "was => document.querySelector('#pair-position').innerText !== was", arg=position
        )
    assert "written by a person" in person.page.locator("#pair .chosen").inner_text()
    assert "1 voter wrote it" in person.page.locator("#pair .pair-foot").inner_text()


def test_formulae_are_typeset_and_broken_ones_stay_as_written(visit, served_answers: Server) -> None:
    person = visit(served_answers)
    person.fight(answers.MATHS)
    long = person.page.locator(".pane .turn", has_text="The roots of")
    assert long.locator("math").count() == 3
    assert long.locator("math[display=block] mfrac msqrt").count() == 1
    assert long.locator("code.tex").all_inner_texts() == [r"$\frac{1$"]
    assert "It costs $5, or $5 to $6" in long.inner_text()
    assert long.locator("math[display=block]").bounding_box()["height"] > 25


def test_each_paragraph_runs_its_own_way_whatever_marks_the_one_before_left_open(
    visit, served_answers: Server
) -> None:
    person = visit(served_answers)
    person.fight(answers.DIRECTIONS)
    mixed = person.page.locator(".pane .turn", has_text="After it.").locator("p")
    directions = mixed.evaluate_all("all => all.map(p => getComputedStyle(p).direction)")
    assert directions == ["rtl", "ltr", "ltr"]
    assert mixed.nth(2).inner_text() == "After it."


def test_a_phone_shows_one_answer_at_a_time_and_says_which_is_still_unread(
    visit, served_answers: Server
) -> None:
    person = visit(served_answers, width=390, height=844)
    page = person.page
    person.fight(answers.QUESTION)
    button_a, button_b = (page.locator(f"#switch [data-pane={side}]") for side in "ab")
    page.wait_for_function("document.querySelector('#switch [data-pane=a]').ariaPressed === 'true'")
    assert button_b.get_attribute("data-unread") is not None
    assert button_a.get_attribute("data-unread") is None
    button_b.click()
    page.wait_for_function("document.querySelector('#switch [data-pane=b]').ariaPressed === 'true'")
    page.wait_for_function("!('unread' in document.querySelector('#switch [data-pane=b]').dataset)")
    assert button_a.get_attribute("aria-pressed") == "false"
    pane = page.locator("#pane-b").bounding_box()
    assert pane["x"] >= 0 and pane["x"] + pane["width"] <= 390
    person.press("1")
    person.reach("voted")
    assert person.sideways() <= 0
    long = page.locator(".pane .name", has_text=answers.LONG_NAME).evaluate(
        "name => [name.scrollWidth <= name.closest('.pane').clientWidth, getComputedStyle(name).textOverflow]"
    )
    assert long == [True, "clip"]


def test_two_named_models_are_compared_and_the_vote_counts_nowhere(visit, served_answers: Server) -> None:
    before = served_answers.votes()
    person = visit(served_answers)
    page = person.page
    person.tab("Side by side")
    page.locator("#beside-idle h2", has_text="Choose two models").wait_for()
    page.wait_for_function("document.querySelector('#beside-model-b input').value !== ''")
    page.fill("#beside-prompt textarea", answers.QUESTION)
    page.press("#beside-prompt textarea", "Enter")
    page.locator("#beside-status [data-state=ready]").wait_for(state="attached")
    names = [page.locator(f"#beside-pane-{side} .name").inner_text() for side in "ab"]
    assert sorted(names) == sorted(("finch", answers.LONG_NAME))
    person.press("1")
    page.locator("#beside-status [data-state=voted]").wait_for(state="attached")
    assert "count in no rating" in page.locator("#beside-status").inner_text()
    assert page.locator("#beside-pane-a .pick").count() == 1
    assert served_answers.votes() == before
    person.press("u")
    page.locator("#beside-status [data-state=ready]").wait_for(state="attached")
    person.press("n")
    page.wait_for_function(
        "asked => document.querySelector('#beside-prompt textarea').value !== asked", arg=answers.QUESTION
    )
    page.locator("#beside-status [data-state=ready]").wait_for(state="attached")
    page.locator("#beside-votes button:not([disabled])").first.wait_for()
    person.tab("Arena")
    assert person.state() == "idle"
    person.open()
    assert person.state() == "idle", "a battle with names must not be given back as a blind one"
