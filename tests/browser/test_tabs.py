"""What the tabs do, furnished and empty; how they look is walked through in `test_walk.py`."""

from pathlib import Path

import pytest

from tests.browser.conftest import JUDGED, QUESTIONS, Server
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_the_tabs_stay_in_sight_on_a_long_page(visit, served: Server) -> None:
    person = visit(served, height=300)
    person.tab("Models")
    person.page.locator("#model-table table").wait_for()
    person.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    person.page.wait_for_function("scrollY > 100")
    top = "document.querySelector('#tabs > .tab-wrapper').getBoundingClientRect().top"
    assert person.page.evaluate(top) == 0


def test_an_empty_home_says_what_to_do_on_every_tab(visit, served_empty: Server) -> None:
    person = visit(served_empty)
    said = {"Arena": "no models", "Leaderboard": "No votes to rate yet", "Data": "No votes yet"}
    said |= {"Judges": "No judge yet", "Metrics": "Nothing scored yet"}
    said |= {"Training": "No run yet", "Models": "No models yet", "My votes": "No votes of yours yet"}
    said |= {"Voters": "No votes to check yet"}
    said |= {"Side by side": "no models", "Review": "No review queue is open", "Jobs": "No jobs yet"}
    for tab, text in said.items():
        person.tab(tab)
        person.page.get_by_text(text).locator("visible=true").first.wait_for()
        assert person.sideways() <= 0


def test_an_empty_state_leads_to_the_tab_that_mends_it(visit, served_empty: Server) -> None:
    person = visit(served_empty)
    person.page.get_by_role("button", name="Open Models").click()
    person.page.locator("#model-form").wait_for()


def test_a_run_without_data_is_refused_in_one_sentence(visit, served_empty: Server) -> None:
    person = visit(served_empty)
    person.tab("Training")
    person.page.locator("#run-start").click()
    person.page.locator(".toast-message-text", has_text="no export to train on").wait_for()


def test_the_theme_switch_is_remembered(visit, served_empty: Server) -> None:
    person = visit(served_empty, color_scheme="light")
    theme = "document.documentElement.dataset.theme"
    assert person.page.evaluate(theme) == "light"
    person.page.locator("#theme-switch").click()
    assert person.page.evaluate(theme) == "dark"
    person.open()
    assert person.page.evaluate(theme) == "dark"
    assert person.page.evaluate("document.body.classList.contains('dark')")


def vote(person: Person, question: str) -> None:
    person.fight(question)
    person.press("1")
    person.reach("voted")


def test_votes_become_pairs_that_can_be_leafed_through_exported_and_downloaded(
    person: Person, served: Server
) -> None:
    for question in JUDGED:
        person.fight(question)
        on_a = "First." in person.page.locator("#pane-a .block.answer").inner_text()
        person.press("1" if on_a else "4")
        person.reach("voted")
    person.tab("Data")
    position = person.page.locator("#pair-position")
    position.get_by_text("Pair 1").wait_for()
    person.press("j")
    position.get_by_text("Pair 2").wait_for()
    person.press("k")
    position.get_by_text("Pair 1").wait_for()
    assert person.page.locator("#pair ins").count() + person.page.locator("#pair del").count() > 0
    person.page.get_by_label("Name of the export").fill("from-the-browser")
    person.page.locator("#export").click()
    person.page.locator("#exports", has_text="from-the-browser").get_by_text("Download").wait_for()
    assert served.get("/exports/from-the-browser.parquet")[:4] == b"PAR1"


def test_an_import_with_bad_rows_lists_each_and_adds_nothing(
    person: Person, served: Server, tmp_path: Path
) -> None:
    file = tmp_path / "votes.csv"
    file.write_text("model_a,model_b,winner\nalpha,beta,model_a\nalpha,beta,banana\n")
    before = served.votes()
    person.tab("Data")
    person.page.locator("#import-form > button").click()
    person.page.set_input_files("#import-form input[type=file]", str(file))
    person.page.locator("#import-form .file-preview").wait_for()
    person.page.locator("#import").click()
    row = person.page.locator("#import-report tbody tr")
    row.wait_for()
    assert row.count() == 1
    assert "3" in row.inner_text() and "banana" in row.inner_text()
    assert served.votes() == before


def test_a_model_is_added_checked_and_removed(person: Person, served: Server) -> None:
    person.tab("Models")
    page = person.page
    page.locator("#model-table table").wait_for()
    page.get_by_label("Name", exact=True).locator("visible=true").fill("fresh-endpoint")
    page.get_by_label("Base URL").fill(served.endpoint.base_url)
    page.get_by_label("Model at that server").fill("anything")
    page.locator("#model-add").click()
    row = page.locator("#model-table tr", has_text="fresh-endpoint")
    row.wait_for()
    row.locator("button", has_text="Check").click()
    row.locator(".note.good").wait_for()
    page.once("dialog", lambda dialog: dialog.dismiss())
    row.locator("button", has_text="Remove").click()
    page.wait_for_timeout(300)
    assert row.count() == 1
    page.once("dialog", lambda dialog: dialog.accept())
    row.locator("button", has_text="Remove").click()
    row.wait_for(state="detached")


def test_the_leaderboard_follows_its_filters(person: Person, served: Server) -> None:
    vote(person, QUESTIONS[0])
    person.tab("Leaderboard")
    page = person.page
    page.locator("#board tbody tr").first.wait_for()
    page.locator("#board-filters label", has_text="Elo").click()
    page.wait_for_function("document.querySelector('#board-csv a').href.includes('method=elo')")
    page.locator("#board-filters label", has_text="Human").click()
    page.locator("#board-filters label", has_text="Judge").click()
    page.locator("#board .empty-state").wait_for()


def test_the_arrow_keys_move_between_segments(person: Person) -> None:
    person.tab("Leaderboard")
    page = person.page
    page.locator("#board tbody tr, #board .empty-state").first.wait_for()
    page.locator("#board-filters input[type=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('#board-csv a').href.includes('method=elo')")


def test_groups_regions_and_shortcuts_have_names(person: Person) -> None:
    person.fight(QUESTIONS[0])
    page = person.page
    assert page.get_by_role("region", name="Answer A").count() == 1
    assert page.get_by_role("group", name="Vote").count() == 1
    assert page.get_by_role("status").count() >= 1
    assert page.locator("#vote-tie").get_attribute("aria-keyshortcuts") == "2"
    person.tab("Leaderboard")
    page.get_by_role("radiogroup", name="Method").wait_for()
