"""What an answer, or somebody without the page, tries to do: nothing happens."""

import json
from typing import Any

import pytest

from tests.browser import answers
from tests.browser.conftest import HOSTILE, NONCE, QUESTIONS, Server
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_a_hostile_answer_is_text_in_its_pane_and_nothing_else(person: Person, served: Server) -> None:
    person.fight(HOSTILE)
    page = person.page
    assert page.evaluate("window.harmed") is None
    assert person.outside == []
    for pane in ("#pane-a", "#pane-b"):
        body = page.locator(f"{pane} .block.answer")
        assert "<script>" in body.inner_text()
        assert "${window.harmed" in body.inner_text()
        assert "{{constructor" in body.inner_text()
        assert body.locator("script, img, form, input, style, iframe, [style*=fixed], [onerror]").count() == 0
        assert body.locator("[id]:not([id^=html-])").count() == 0
        links = [link.get_attribute("href") for link in body.locator("a").all()]
        assert links == ["https://elsewhere.invalid/cat.png"]
    assert person.sideways() <= 0
    assert page.locator("#vote-a").count() == 1
    box = page.locator("#vote-a").bounding_box()
    top = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('button')?.id",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    assert top == "vote-a"
    person.press("1")
    person.reach("voted")
    assert any(name.endswith("<b>") for name in person.names())
    assert page.evaluate("window.harmed") is None


FORBIDDEN = (
    "script, img, form, input, textarea, style, iframe, dialog, svg, link, meta, [style], [onerror], [id]"
)
LOOSE = """panes => panes.flatMap(pane => [...pane.querySelectorAll("*")].filter(element => {
  const style = getComputedStyle(element);
  return style.position === "fixed" || style.position === "sticky" || style.zIndex > 1;
}).map(element => element.outerHTML.slice(0, 80)))"""
AT = "([x, y]) => document.elementFromPoint(x, y)?.closest('button')?.id"


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_no_answer_harms_the_page_or_the_vote(visit, served_answers: Server, width: int, height: int) -> None:
    person = visit(served_answers, width=width, height=height)
    page = person.page
    for wish in answers.HOSTILE:
        person.fight(wish)
        assert page.input_value("#prompt textarea") == wish
        said = page.locator(".pane .turn")
        assert said.count() == 2, wish
        assert said.locator(FORBIDDEN).evaluate_all("all => all.map(e => e.outerHTML.slice(0, 80))") == [], (
            wish
        )
        assert said.evaluate_all(LOOSE) == [], wish
        assert person.sideways() <= 0, wish
        for button in ("vote-a", "vote-tie", "vote-bad", "vote-b", "next"):
            box = page.locator(f"#{button}").bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, wish
            assert box["y"] + box["height"] <= height, wish
            middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
            assert page.evaluate(AT, middle) == button, wish
        assert page.locator("#status").inner_text() == "Which answer is better?"
        person.press("4")
        person.reach("voted")
        assert sorted(person.names()) == sorted(("finch", answers.LONG_NAME)), wish
    assert page.evaluate("window.harmed") is None
    assert person.outside == []


def test_hostile_names_and_texts_are_text_on_every_tab(person: Person) -> None:
    person.fight(HOSTILE)
    person.press("1")
    person.reach("voted")
    for tab, inside in (("Leaderboard", "#board"), ("Data", "#waterfall"), ("Models", "#model-table")):
        person.tab(tab)
        person.page.locator(f"{inside} table").wait_for()
        assert person.page.locator(f"{inside} b b").count() == 0
    assert f"magpie-{NONCE}<b>" in person.page.locator("#model-table").inner_text()
    assert person.page.evaluate("window.harmed") is None
    assert person.outside == []


@pytest.fixture
def overheard(person: Person) -> list[Any]:
    """Requests that ran a handler, in order."""
    requests: list[Any] = []
    person.page.on("request", lambda request: requests.append(request) if request.post_data else None)
    return requests


def vote_request(person: Person, overheard: list[Any]) -> Any:
    """Let the page vote once and return the request it sent."""
    overheard.clear()
    person.press("1")
    person.reach("voted")
    return next(request for request in overheard if "/run/" in request.url)


def test_a_raw_request_cannot_vote_twice(person: Person, served: Server, overheard: list[Any]) -> None:
    person.fight(QUESTIONS[0])
    before = served.votes()
    sent = vote_request(person, overheard)
    assert served.votes() == before + 1
    for _ in range(3):
        again = person.context.request.post(sent.url, data=json.loads(sent.post_data))
        assert not again.ok
        assert "Traceback" not in again.text()
    assert served.votes() == before + 1


def test_a_raw_request_cannot_vote_before_both_answers_are_there(
    person: Person, served: Server, overheard: list[Any]
) -> None:
    person.fight(QUESTIONS[0])
    sent = vote_request(person, overheard)
    before = served.votes()
    person.start(QUESTIONS[3])
    early = person.context.request.post(sent.url, data=json.loads(sent.post_data))
    assert person.state() == "writing"
    assert not early.ok
    assert NONCE not in early.text()
    person.reach("ready")
    assert served.votes() == before


def test_somebody_else_cannot_vote_on_a_battle_they_did_not_start(
    visit, person: Person, served: Server, overheard: list[Any]
) -> None:
    person.fight(QUESTIONS[0])
    sent = vote_request(person, overheard)
    person.press("u")
    person.reach("ready")
    before = served.votes()
    stranger = visit(served)
    tried = stranger.context.request.post(sent.url, data=json.loads(sent.post_data))
    assert not tried.ok
    assert NONCE not in tried.text()
    assert served.votes() == before


def test_the_voter_cookie_is_out_of_reach_of_scripts_and_a_forged_one_is_replaced(
    visit, served: Server
) -> None:
    person = visit(served)
    assert person.page.evaluate("document.cookie") == ""
    cookie = next(c for c in person.context.cookies() if c["name"].startswith("workbench_voter_"))
    assert cookie["httpOnly"]
    forged = {**cookie, "value": "admin." + cookie["value"].rpartition(".")[2]}
    person.context.add_cookies([forged])
    person.open()
    now = next(c for c in person.context.cookies() if c["name"].startswith("workbench_voter_"))["value"]
    assert now not in (forged["value"], cookie["value"])


def test_the_browser_is_told_to_load_nothing_from_elsewhere(visit, served: Server) -> None:
    person = visit(served)
    policy = person.context.request.get(served.url).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy and "https:" not in policy
    assert person.outside == []


@pytest.mark.parametrize(
    "path", ["/exports/..%2F..%2Fcookie.key.parquet", "/exports/nosuch.parquet", "/page/../app.py"]
)
def test_downloads_give_nothing_but_exports(served: Server, visit, path: str) -> None:
    answer = visit(served).context.request.get(served.url + path)
    assert answer.status in (400, 404)
    assert "Traceback" not in answer.text()
