"""Annotators vote through a queue by key, blind to the end; those who lead it see how they do."""

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn
from tests.browser.conftest import NONCE, Server, _serve
from tests.browser.person import Person
from tests.browser.reviewing import STEP, begin, press, settled, step_of
from tests.support.tap import Tap
from workbench.bench import Workbench

pytestmark = pytest.mark.browser

PLAIN = {"extra_http_headers": {"Accept-Encoding": "identity"}}
HERON, TERN = f"review-heron-{NONCE}", f"review-tern-{NONCE}"
SUBJECTS = ("harbours", "compasses", "lighthouses", "anchors", "sextants", "tides", "charts", "winds")


@pytest.fixture(scope="module")
def voters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where everybody is a voter, with a queue of eight battles and two attention pairs."""
    home = tmp_path_factory.mktemp("review")
    (home / "workbench.toml").write_text('[access]\nanonymous = "voter"\n')
    furnish(home)
    with Workbench.open(home) as bench:
        bench.create_queue("first", overlap=99, attention=0.25, instructions="Read both to the end.")
    yield from _serve(home, models=(HERON, TERN))


@pytest.fixture(scope="module")
def leaders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where everybody may lead, with battles and no queue yet."""
    home = tmp_path_factory.mktemp("lead")
    furnish(home)
    yield from _serve(home)


def furnish(home) -> None:
    with Workbench.open(home) as bench:
        for name in (HERON, TERN):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        for subject in SUBJECTS:
            prompt = Prompt.from_text(f"Tell me about {subject} at sea.")
            texts = (
                f"Here is what there is to say about {subject}. " * 40,
                f"In short, {subject} matter at sea.",
            )
            answers = [Answer(name, text, "stop") for name, text in zip((HERON, TERN), texts, strict=True)]
            bench.store.battles.add(Battle(uuid4(), prompt, HERON, TERN, (Turn(None, *answers),)))


def asked(server: Server, path: str) -> Any:
    """Ask the API as the machine's own user."""
    assert server.home is not None
    token = json.loads((server.home / "server.json").read_text())["token"]
    request = urllib.request.Request(
        server.url + "/api/v1" + path, headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def place(person: Person) -> int:
    text = person.page.locator("#review-head .num").first.inner_text()
    return int(re.match(r"([\d,]+)", text)[1].replace(",", ""))


def shown(person: Person) -> str:
    return person.page.locator("#review-asked").inner_text()


def test_an_annotator_goes_through_a_queue_by_key(visit, voters: Server) -> None:
    person = visit(voters)
    begin(person)
    assert place(person) == 1
    first = shown(person)
    person.press("5")
    person.page.locator("#review-reasons label.selected").wait_for()
    press(person, "1")
    assert place(person) == 2
    assert person.page.locator("#review-reasons label.selected").count() == 0
    second = shown(person)
    press(person, "n")
    press(person, "b")
    assert (shown(person), place(person)) == (second, 2)
    assert "skipped" in person.page.locator("#review-status").inner_text()
    press(person, "b")
    assert shown(person) == first
    assert "You picked A" in person.page.locator("#review-status").inner_text()
    assert person.page.locator("#review-vote-a.primary").count() == 1
    assert person.page.locator("#review-reasons label.selected").count() == 1
    press(person, "4")
    press(person, "b")
    assert "You picked B" in person.page.locator("#review-status").inner_text()
    press(person, "u")
    assert shown(person) == first
    assert "Taken back" in person.page.locator("#review-status").inner_text()
    press(person, "2")
    for _ in range(20):
        if person.page.locator(f"{STEP}[data-state=idle]").count():
            break
        press(person, "3")
    assert "first: done" in person.page.locator("#review-start").inner_text()
    press(person, "b")
    assert place(person) == 10
    press(person, "n")
    assert "first: done" in person.page.locator("#review-start").inner_text()
    found = asked(voters, "/queues/first/report")["people"]
    mine = next(one for one in found if one["skips"] == 1)
    assert mine["votes"] + mine["attention_met"] == 9


def test_a_key_pressed_twice_votes_once(visit, voters: Server) -> None:
    person = visit(voters)
    begin(person)
    before = step_of(person)
    for _ in range(4):
        person.press("1")
    settled(person, before)
    assert place(person) == 2


def test_an_answer_is_shown_from_its_top(visit, voters: Server) -> None:
    person = visit(voters, height=520)
    begin(person)
    pane = "#review-pane-a > .block.answer, #review-pane-b > .block.answer"
    person.page.evaluate(f"for (const p of document.querySelectorAll('{pane}')) p.scrollTop = 80")
    press(person, "3")
    tops = person.page.evaluate(f"[...document.querySelectorAll('{pane}')].map(p => p.scrollTop)")
    assert tops == [0, 0]
    assert person.page.evaluate("document.activeElement.closest('#review-pane-a') !== null")


def test_letters_in_a_comment_are_text_and_the_comment_goes_with_the_vote(visit, voters: Server) -> None:
    person = visit(voters)
    begin(person)
    said = shown(person)
    person.press("c")
    person.page.keyboard.type("1 bun, 4 nuts")
    assert person.page.input_value("#review-comment textarea") == "1 bun, 4 nuts"
    person.press("Escape")
    press(person, "4")
    assert person.page.input_value("#review-comment textarea") == ""
    press(person, "b")
    assert shown(person) == said
    assert person.page.input_value("#review-comment textarea") == "1 bun, 4 nuts"


def test_a_reload_gives_the_same_battle_back(visit, voters: Server) -> None:
    person = visit(voters)
    begin(person)
    press(person, "2")
    said = shown(person)
    person.open()
    begin(person)
    assert shown(person) == said
    assert place(person) == 2


def test_names_are_never_sent_while_reviewing_not_even_to_the_second_voter(visit, voters: Server) -> None:
    with Tap(voters.port) as tap:
        for _ in range(2):
            person = visit(tap.url, **PLAIN)
            begin(person)
            for _ in range(4):
                if person.page.locator(f"{STEP}[data-state=idle]").count():
                    break
                press(person, "1")
            assert NONCE not in tap.heard
            assert NONCE not in person.html()
        assert "at sea" in tap.heard, "the tap must hear what the server sends"
        assert "ttention" not in tap.heard
        person.tab("My votes")
        person.page.locator("#mine-votes table").wait_for()
        assert NONCE in tap.heard


def test_a_voter_sees_nothing_of_what_leaders_see(visit, voters: Server) -> None:
    person = visit(voters)
    person.tab("Review")
    person.page.locator(".review-start, #review-start .idle").first.wait_for()
    assert person.page.locator("#review-lead").count() == 0


def test_it_can_be_done_on_a_phone(visit, voters: Server) -> None:
    person = visit(voters, width=390, height=844, color_scheme="dark")
    person.tab("Review")
    before = step_of(person)
    person.page.locator("#review-start .go").click()
    settled(person, before)
    assert person.sideways() == 0
    before = step_of(person)
    person.page.locator("#review-vote-b").click()
    settled(person, before)
    assert person.sideways() == 0
    bottom = person.page.locator("#review-foot-line").bounding_box()
    assert bottom["y"] + bottom["height"] <= 844


def test_own_votes_can_be_read_again_with_names(visit, voters: Server) -> None:
    person = visit(voters)
    person.tab("My votes")
    person.page.locator("#mine-figures .empty-state").wait_for()
    begin(person)
    for key in "143":
        press(person, key)
    person.tab("My votes")
    rows = person.page.locator("#mine-votes tbody tr")
    rows.nth(2).wait_for()
    assert rows.count() == 3
    assert "Both bad" in rows.first.inner_text()
    rows.nth(1).locator("button").click()
    person.page.locator(".mine-battle").wait_for()
    assert {HERON, TERN} == set(person.page.locator(".mine-battle .name").all_inner_texts())
    assert person.page.locator(".mine-side .pick").count() == 1
    person.page.locator(".mine-battle button", has_text="Close").click()
    person.page.locator(".mine-battle").wait_for(state="detached")
    assert person.sideways() == 0


def test_who_leads_makes_a_queue_looks_at_the_report_and_closes_it(visit, leaders: Server) -> None:
    person = visit(leaders)
    person.tab("Review")
    person.page.locator("#review-start .idle").wait_for()
    person.page.locator("#review-form button.label-wrap").click()
    person.page.locator("#queue-name input, #queue-name textarea").fill("harbour <b>round")
    person.page.locator("#queue-attention input, #queue-attention textarea").fill("25")
    person.page.locator("#queue-make").click()
    person.page.locator(".lead-queues .name", has_text="harbour <b>round").wait_for()
    begin(person)
    press(person, "1")
    person.page.locator("#review-head button", has_text="All queues").click()
    person.page.locator(".lead-queues button", has_text="Report").wait_for()
    person.page.locator(".lead-queues button", has_text="Report").click()
    person.page.locator(".annotators tbody tr").wait_for()
    assert person.page.locator(".annotators tbody tr").count() == 1
    person.page.locator(".lead-queues button", has_text="Close").click()
    person.page.locator(".lead-queues .chip", has_text="closed").wait_for()
    assert asked(leaders, "/queues")[0]["queue"]["closed_at"] is not None


def test_a_form_filled_wrongly_is_one_sentence(visit, leaders: Server) -> None:
    person = visit(leaders)
    person.tab("Review")
    person.page.locator("#review-form button.label-wrap").click()
    person.page.locator("#queue-make").click()
    person.page.locator(".toast-message-text", has_text="name of a review queue").wait_for()
