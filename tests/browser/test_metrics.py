"""The metrics tab: score answers, compare models, read the answers behind a number, hold a model to a golden set."""

import pytest

from tests.browser.conftest import Server
from tests.browser.person import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def reader(visit, served_judged: Server) -> Person:
    """Somebody on the metrics tab."""
    person = visit(served_judged)
    person.tab("Metrics")
    person.page.locator("#golden h2").wait_for()
    return person


def choose(person: Person, box: str, option: str) -> None:
    """Choose in a dropdown."""
    person.page.locator(f"{box} input").click()
    person.page.get_by_role("option", name=option, exact=False).first.click()


def test_answers_are_scored_and_models_compared(reader: Person) -> None:
    page = reader.page
    choose(reader, "#metric-models", "near")
    choose(reader, "#metric-models", "far")
    page.locator("#coverage", has_text="24 answers to score").wait_for()
    assert "2 of them have no reference" in page.locator("#coverage").inner_text()
    page.locator("#metric-names label", has_text="Exact match").click()
    page.locator("#score-start", has_text="Score 24 answers by 3 metrics").click()
    page.locator("#score-jobs .ended .state", has_text="done").wait_for()
    page.locator("#means th", has_text="rougeLsum").wait_for()
    heads = [cell.inner_text().split()[0] for cell in page.locator("#means thead th").all()[1:]]
    assert heads == ["chrf", "exact_match", "rouge1", "rouge2", "rougeL", "rougeLsum"]
    rows = {row.locator("th").inner_text(): row for row in page.locator("#means tbody tr").all()}
    near, far = (rows[name].locator("td").nth(4).locator("b") for name in ("near", "far"))
    assert float(near.inner_text()) > float(far.inner_text())


def test_a_scorer_tells_what_it_depends_on_what_it_cannot_compute_and_the_lowest_answers(
    reader: Person,
) -> None:
    page = reader.page
    page.locator("#means th button", has_text="rougeL").first.click()
    scorer = page.locator("#scorer")
    scorer.locator("h2", has_text="rougeL").wait_for()
    assert "porter" in scorer.inner_text()
    assert "There is no reference to compare with." in scorer.inner_text()
    assert page.locator("#spreads svg").count() >= 2
    choose(reader, "#answer-model", "near")
    page.locator("#answer-position", has_text="of 12 answers").wait_for()
    values = [value.inner_text() for value in page.locator("#answer-list .scored-value").all()]
    numbers = [float(value) for value in values if value != "none"]
    assert numbers == sorted(numbers)
    assert values[-2:] == ["none", "none"]
    page.locator("#answer-list summary").first.click()
    opened = page.locator("#answer-list details[open]")
    assert "stands on a rock in the north" in opened.inner_text()
    assert "chrf" in opened.inner_text()
    page.locator("#answer-order label", has_text="Highest first").click()
    page.wait_for_function(
        "before => document.querySelector('#answer-list .scored-value').textContent.trim() !== before",
        arg=values[0],
    )
    assert page.evaluate("window.harmed") is None
    assert page.locator("#answer-list img, #spreads img").count() == 0


def test_a_model_is_held_to_a_golden_set(reader: Person) -> None:
    page = reader.page
    page.locator("#golden-form > button").click()
    page.locator("#golden-form .label-wrap", has_text="Freeze a set").click()
    page.locator("#golden-new textarea, #golden-new input").first.fill("beacons")
    page.locator("#golden-checks textarea").fill("chrf\nrougeL>=0.99")
    page.locator("#golden-freeze").click()
    page.locator("#golden h3", has_text="beacons").wait_for()
    choose(reader, "#golden-model", "near")
    page.locator("#golden-check").click()
    model = page.locator("#golden tbody", has_text="near")
    model.wait_for()
    states = [state.inner_text() for state in model.locator(".state").all()]
    assert states == ["threshold not met", "threshold not met"]
    model.locator("button", has_text="Accept").click()
    model.locator(".chip", has_text="accepted").wait_for()
    model.locator("button[data-do=rows]").click()
    rows = page.locator(".golden-rows li")
    rows.first.wait_for()
    assert rows.count() == 12
    rows.first.locator("summary").click()
    assert "in the north" in rows.first.inner_text()
    assert page.evaluate("window.harmed") is None


def test_a_check_that_is_none_is_refused_in_one_sentence(reader: Person) -> None:
    page = reader.page
    page.locator("#golden-form > button").click()
    page.locator("#golden-form .label-wrap", has_text="Freeze a set").click()
    page.locator("#golden-new textarea, #golden-new input").first.fill("nonsense")
    page.locator("#golden-checks textarea").fill("nosuchmetric>=0.5")
    page.locator("#golden-freeze").click()
    page.locator(".toast-message-text", has_text="nosuchmetric").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (768, 1024)])
def test_the_tables_scroll_in_themselves_on_a_small_screen(
    visit, served_judged: Server, size, theme: str
) -> None:
    person = visit(served_judged, width=size[0], height=size[1], color_scheme=theme)
    person.tab("Metrics")
    person.page.locator("#means table").wait_for()
    person.page.locator("#answer-list summary").first.click()
    assert person.sideways() <= 0
