"""The judges tab: add a judge, let it judge, see what its votes are worth, and how each verdict came about."""

import re

import pytest

from tests.browser.conftest import Server
from tests.browser.judged import BATTLES, FAILING, HARMFUL, SLOW
from tests.browser.person import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def judge(visit, served_judged: Server) -> Person:
    """Somebody on the judges tab."""
    person = visit(served_judged)
    person.tab("Judges")
    person.page.locator("#judge-table h2").wait_for()
    return person


def unfold(person: Person, form: str) -> None:
    person.page.locator(f"{form} > button").click()


def choose(person: Person, box: str, option: str) -> None:
    """Choose in a dropdown."""
    person.page.locator(f"{box} input").click()
    person.page.get_by_role("option", name=option, exact=False).first.click()


def add(person: Person, name: str, temperature: str | None = None) -> None:
    """Add a pairwise judge by the form."""
    page = person.page
    unfold(person, "#judge-form")
    page.locator("#judge-name textarea, #judge-name input").first.fill(name)
    page.get_by_label("Model that judges").click()
    page.get_by_role("option", name="judging-model").click()
    if temperature is not None:
        page.locator("#judge-form .label-wrap", has_text="Advanced").click()
        page.get_by_label("Temperature").locator("visible=true").fill(temperature)
    page.locator("#judge-add").click()
    page.locator("#judge-table th button", has_text=name).wait_for()


def start(person: Person) -> None:
    person.page.locator("#judge-start:not([disabled])").click()


def finished(person: Person, state: str = "done") -> None:
    person.page.locator("#judge-jobs .ended li").first.locator(".state", has_text=state).wait_for()


def row(person: Person, name: str):
    return person.page.locator("#judge-table tbody tr", has_text=name)


def test_a_judge_is_added_judges_and_is_held_against_people(judge: Person, served_judged: Server) -> None:
    add(judge, "strict")
    page = judge.page
    page.locator("#estimate", has_text=f"{2 * BATTLES:,}").wait_for()
    page.locator("#judge-start", has_text=f"Judge {BATTLES} battles").wait_for()
    assert row(judge, "strict").locator(".state").inner_text() == "not measured"
    start(judge)
    page.locator("#judge-jobs .job [role=progressbar]").wait_for()
    finished(judge)
    page.locator("#judge-jobs", has_text=f"{BATTLES - len(FAILING)} verdicts").wait_for()
    assert row(judge, "strict").locator(".state").inner_text() == "licensed"
    details = page.locator("#judge").inner_text()
    assert "grees with people" in details
    assert "unreadable 1" in details and "refused 1" in details
    page.locator("#judge-start[disabled]", has_text="Nothing left").wait_for()


def test_verdicts_are_listed_by_what_is_wrong_with_them_and_open_to_every_word(
    judge: Person, served_judged: Server
) -> None:
    page = judge.page
    row(judge, "strict").locator("button").click()
    judge.settle()
    page.locator("#verdict-position", has_text=f"of {BATTLES} verdicts").wait_for()
    page.locator("#verdict-next").click()
    page.locator("#verdict-position", has_text="21\u201340").wait_for()
    page.locator("#verdict-kind label", has_text="Failed").click()
    page.locator("#verdict-position", has_text="of 2 verdicts").wait_for()
    page.locator("#verdict-list tbody tr", has_text="unreadable").locator("button").click()
    transcript = page.locator("#transcript")
    transcript.locator("h2").wait_for()
    assert transcript.locator(".exchange").count() >= 1
    assert "I would rather talk about lighthouses." in transcript.inner_text()
    transcript.locator(".sent summary").first.click()
    sent = transcript.locator(".sent").first.locator("pre").last.inner_text()
    assert HARMFUL in sent and "no" in sent
    assert page.evaluate("window.harmed") is None
    assert transcript.locator("img").count() == 0
    transcript.get_by_role("button", name="Close").click()
    transcript.locator("h2").wait_for(state="detached")
    page.locator("#verdict-kind label", has_text="Against people").click()
    page.locator("#verdict-position", has_text="No verdicts").wait_for()


def test_a_run_is_stopped_and_resumed_without_asking_twice(judge: Person, served_judged: Server) -> None:
    add(judge, "patient", temperature="0.5")
    page = judge.page
    page.locator("#run-judge-form .label-wrap").click()
    page.get_by_label("Requests at once").fill("2")
    before = len(served_judged.endpoint.requests)
    start(judge)
    page.locator("#judge-jobs button", has_text="Stop").click()
    finished(judge, "stopped")
    asked = len(served_judged.endpoint.requests) - before
    assert asked < 2 * BATTLES
    page.locator("#judge-jobs button", has_text="Resume").click()
    resumed = page.locator("#judge-jobs .ended li", has_text="Judge patient")
    resumed.locator(".state", has_text="done").wait_for()
    texts = [str(seen.body["messages"]) for seen in served_judged.endpoint.requests[before:]]
    again = [text for text in set(texts) if texts.count(text) > 1]
    assert all(any(word in text for word in FAILING.values()) for text in again)
    assert len(set(texts)) == 2 * BATTLES


def test_the_page_asks_for_news_only_while_a_job_works(judge: Person) -> None:
    page = judge.page
    page.locator("#judge-jobs .job").wait_for(state="detached")
    page.wait_for_timeout(2500)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4000)
    assert asked == []


def test_a_job_goes_on_unwatched_while_another_tab_is_open(judge: Person) -> None:
    add(judge, "slow", temperature=str(SLOW))
    page = judge.page
    page.locator("#run-judge-form .label-wrap").click()
    page.get_by_label("Requests at once").fill("1")
    start(judge)
    page.locator("#judge-jobs .job").wait_for()
    judge.tab("Leaderboard")
    page.locator("#board table, #board .empty-state").first.wait_for()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(5):
        asked.clear()
        page.wait_for_timeout(4000)
        if not asked:
            break
    assert asked == [], "the page does not come to rest"
    judge.tab("Judges")
    page.locator("#judge-jobs .job").wait_for()
    page.locator("#judge-jobs button", has_text="Stop").click()
    finished(judge, "stopped")


def test_a_rule_judges_without_a_model(judge: Person) -> None:
    page = judge.page
    unfold(judge, "#judge-form")
    page.locator("#judge-kind label", has_text="Rule").click()
    page.locator("#judge-name textarea, #judge-name input").first.fill("brief")
    page.get_by_label("at most", exact=True).locator("visible=true").fill("3")
    page.locator("#judge-add").click()
    row(judge, "brief").wait_for()
    page.locator("#judge-start", has_text="Judge").wait_for()
    start(judge)
    finished(judge)
    page.locator("#judge-table tbody tr", has_text="brief").locator(
        ".state", has_text="below the bar"
    ).wait_for()


def test_a_judge_that_cannot_be_made_is_refused_in_one_sentence(judge: Person) -> None:
    page = judge.page
    unfold(judge, "#judge-form")
    page.locator("#judge-kind label", has_text="Rule").click()
    page.locator("#judge-name textarea, #judge-name input").first.fill("empty rule")
    page.locator("#judge-add").click()
    page.locator(".toast-message-text", has_text="needs something to check").wait_for()


def test_a_limit_that_is_no_number_is_said_beside_the_button(judge: Person) -> None:
    page = judge.page
    page.locator("#run-limit textarea, #run-limit input").first.fill("many")
    page.locator("#estimate", has_text="'many' is no number").wait_for()
    assert page.locator("#judge-start").is_disabled()
    page.locator("#run-limit textarea, #run-limit input").first.fill("5")
    page.locator("#estimate", has_text="Battles").wait_for()


def test_a_template_is_shown_and_copied_to_be_changed(judge: Person, served_judged: Server) -> None:
    page = judge.page
    unfold(judge, "#template-form")
    page.locator("#template-show").click()
    text = page.locator("#template-text")
    text.get_by_text("{answer_a}").wait_for()
    assert "It came with the workbench" in text.inner_text()
    page.get_by_label("Name of the copy").fill("mine")
    page.locator("#template-copy").click()
    text.get_by_text("templates/mine.txt").wait_for()
    assert (served_judged.home / "templates" / "mine.txt").exists()
    text.get_by_role("button", name="Close").click()
    text.locator("h2").wait_for(state="detached")


def test_a_judge_is_removed_and_its_votes_stay(judge: Person) -> None:
    page = judge.page
    row(judge, "brief").locator("button").click()
    page.locator("#judge h2", has_text="brief").wait_for()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#judge button", has_text="Remove").click()
    page.locator("#judge-table tbody tr", has_text="votes only").wait_for()


def test_a_judge_is_attacked_after_a_warning(judge: Person, served_judged: Server) -> None:
    page = judge.page
    row(judge, "strict").locator("button").click()
    page.locator("#judge h2", has_text="strict").wait_for()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#judge button", has_text="Attack").click()
    ended = page.locator("#judge-jobs .ended li", has_text="Attack strict")
    ended.locator(".state", has_text="done").wait_for()
    ended.get_by_text(re.compile("attacks moved its verdict|Nothing can be told")).wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (768, 1024), (1440, 900)])
def test_judges_and_transcripts_fit_every_width(visit, served_judged: Server, size, theme: str) -> None:
    person = visit(served_judged, width=size[0], height=size[1], color_scheme=theme)
    person.tab("Judges")
    row(person, "strict").locator("button").click()
    person.page.locator("#judge h2", has_text="strict").wait_for()
    person.page.locator("#verdict-list button").first.click()
    person.page.locator("#transcript h2").wait_for()
    assert person.sideways() <= 0
