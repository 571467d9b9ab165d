"""A person fights battles: blind until the vote, by key, with undo, and without losing anything."""

import re

import pytest

from tests.browser.conftest import NONCE, QUESTIONS, Server
from tests.browser.person import Person
from tests.support.scripted_endpoint import Reply, error
from tests.support.tap import Tap

pytestmark = pytest.mark.browser

PLAIN = {"extra_http_headers": {"Accept-Encoding": "identity"}}


def test_a_person_votes_by_key_and_learns_the_names_only_then(visit, served: Server, tap: Tap) -> None:
    person = visit(tap.url, **PLAIN)
    before = served.votes()
    person.fight(QUESTIONS[0])
    assert "sky" in person.page.input_value("#prompt textarea")
    assert "scattered" in tap.heard, "the tap must hear what the server streams"
    assert NONCE not in tap.heard
    assert NONCE not in person.html()
    person.press("1")
    person.reach("voted")
    assert sorted(person.names()) == sorted(served.models)
    assert NONCE in tap.heard
    assert person.page.locator("#pane-a .pick").count() == 1
    assert served.votes() == before + 1
    person.press("u")
    person.reach("ready")
    assert served.votes() == before


def test_a_vote_moves_the_rating_on_the_leaderboard_and_undo_moves_it_back(
    person: Person, served: Server
) -> None:
    before = served.ratings()
    person.fight(QUESTIONS[1])
    person.press("4")
    person.reach("voted")
    winner = person.names()[1]
    moved = served.ratings()
    assert moved[winner] != before.get(winner)
    person.tab("Leaderboard")
    row = person.page.locator("#board tbody tr", has=person.page.get_by_text(winner, exact=True))
    row.wait_for()
    assert row.locator(".rating").inner_text() == f"{float(moved[winner]):.0f}"
    person.tab("Arena")
    person.page.locator("#undo").click()
    person.reach("ready")
    assert served.ratings() == before


def test_the_sides_change_places_between_battles(person: Person) -> None:
    seen = set()
    for _ in range(12):
        person.fight(QUESTIONS[2])
        person.press("2")
        person.reach("voted")
        seen.add(person.names()[0])
        if len(seen) == 2:
            return
    pytest.fail("the same model stood on side A twelve times")


def test_digits_written_in_the_prompt_are_text(person: Person, served: Server) -> None:
    before = served.votes()
    person.fight(QUESTIONS[0])
    person.page.locator("#prompt textarea").click()
    person.page.keyboard.type(" 1234 nu")
    assert person.page.input_value("#prompt textarea").endswith("1234 nu")
    person.page.locator("#follow-text textarea").click()
    person.page.keyboard.type("1234")
    assert person.page.input_value("#follow-text textarea") == "1234"
    assert person.state() == "ready"
    assert served.votes() == before


def test_a_held_key_votes_once_and_modified_keys_not_at_all(person: Person, served: Server) -> None:
    before = served.votes()
    person.fight(QUESTIONS[0])
    person.press("Control+1")
    person.press("Alt+4")
    assert person.state() == "ready"
    for _ in range(5):
        person.page.keyboard.down("2")
    person.page.keyboard.up("2")
    person.reach("voted")
    assert served.votes() == before + 1


def test_keys_do_nothing_while_the_models_write(person: Person, served: Server) -> None:
    before = served.votes()
    person.start(QUESTIONS[3])
    for key in "1234":
        person.press(key)
    person.reach("ready")
    assert served.votes() == before


def test_focus_is_where_the_next_key_is_expected(person: Person) -> None:
    person.fight(QUESTIONS[0])
    focused = "document.activeElement.matches(%r)"
    assert person.page.evaluate(focused % "#pane-a .block.answer")
    person.press("1")
    person.reach("voted")
    person.page.wait_for_function(focused % "#next")
    person.press("n")
    person.reach("writing")
    person.reach("ready")


def test_a_new_battle_over_an_open_one_can_be_voted_on_at_once(person: Person, served: Server) -> None:
    before = served.votes()
    person.fight(QUESTIONS[0])
    person.fight(QUESTIONS[1])
    person.press("2")
    person.reach("voted")
    assert served.votes() == before + 1


def test_next_draws_another_prompt_and_a_skipped_battle_takes_no_vote(person: Person, served: Server) -> None:
    before = served.votes()
    person.page.locator("#surprise").click()
    person.reach("ready")
    first = person.page.input_value("#prompt textarea")
    person.press("n")
    person.page.wait_for_function(
        "first => document.querySelector('#prompt textarea').value !== first", arg=first
    )
    person.reach("ready")
    assert served.votes() == before


def test_reasons_and_a_comment_are_kept_with_the_vote(person: Person) -> None:
    person.fight(QUESTIONS[0])
    person.press("1")
    person.reach("voted")
    person.page.locator("#reasons label", has_text="Clear").click()
    person.page.locator("#status", has_text="Saved").wait_for()
    person.page.fill("#comment textarea", "well put")
    person.page.press("#comment textarea", "Enter")
    person.page.wait_for_timeout(300)
    assert person.state() == "voted"


def test_the_counter_counts_this_persons_votes(person: Person) -> None:
    person.fight(QUESTIONS[0])
    person.press("2")
    person.reach("voted")
    assert re.match(r"1\s+vote today", person.page.locator("#counter").inner_text())


def test_a_reload_gives_the_open_battle_back(person: Person) -> None:
    person.fight(QUESTIONS[4])
    shown = person.page.locator("#pane-a .block.answer").inner_text()
    person.open()
    person.reach("ready")
    assert person.page.locator("#pane-a .block.answer").inner_text() == shown
    assert person.page.input_value("#prompt textarea") == QUESTIONS[4]
    assert NONCE not in person.html()
    person.press("3")
    person.reach("voted")
    person.open()
    assert person.state() == "idle"


def test_live_models_answer_an_own_prompt_and_a_follow_up(person: Person, served: Server) -> None:
    served.endpoint.script(Reply(("It ", "floats.")))
    person.fight("Does wood float?")
    served.endpoint.script(Reply(("Because ", "it is light.")))
    person.page.fill("#follow-text textarea", "Why?")
    person.page.press("#follow-text textarea", "Enter")
    person.reach("writing")
    person.reach("ready")
    for side in "ab":
        said = person.page.locator(f"#pane-{side} .block.answer").inner_text()
        assert [part for part in ("It floats.", "Why?", "Because it is light.") if part in said] == [
            "It floats.", "Why?", "Because it is light.",
        ]  # fmt: skip
    person.press("1")
    person.reach("voted")
    assert sorted(person.names()) == sorted(served.live)


def test_a_failed_answer_says_so_without_the_providers_words_and_takes_no_vote(
    visit, served: Server, tap: Tap
) -> None:
    person = visit(tap.url, **PLAIN)
    before = served.votes()
    served.endpoint.script(Reply(status=400, body=error(f"{served.live[0]} is overloaded at Acme Corp")))
    person.start("Will this work?", until="failed")
    assert "could not answer" in person.page.locator("#status").inner_text()
    assert "could not answer" in person.page.locator("#pane-a .block.answer").inner_text()
    assert "Acme" not in tap.heard + person.html()
    assert NONCE not in tap.heard + person.html()
    assert all(button.is_disabled() for button in person.page.locator("#votes button").all())
    person.press("1")
    assert served.votes() == before
    person.press("n")
    person.reach("ready")


def test_skipping_stops_models_that_never_end(person: Person, served: Server) -> None:
    served.endpoint.gone.clear()
    served.endpoint.script(Reply(("Well",), then="hang"))
    person.start("Take your time.")
    person.press("n")
    person.page.wait_for_function("document.querySelector('#prompt textarea').value !== 'Take your time.'")
    assert served.endpoint.gone.wait(10)
    person.reach("ready")
    assert "Well" not in person.page.locator("#pane-a .block.answer").inner_text()


def test_closing_the_page_stops_models_that_never_end(visit, served: Server) -> None:
    person = visit(served)
    served.endpoint.gone.clear()
    served.endpoint.script(Reply(("Well",), then="hang"))
    person.start("Take all the time you need.")
    person.leave()
    assert served.endpoint.gone.wait(20)


def test_a_start_that_is_refused_leaves_the_running_battle_alone(person: Person) -> None:
    person.start(QUESTIONS[0])
    person.page.fill("#prompt textarea", "  ")
    person.page.locator("#start").click()
    person.page.locator(".toast-message-text", has_text="The prompt is empty").wait_for()
    person.reach("ready")
    assert "blue" in person.page.locator("#pane-a .block.answer").inner_text()


def test_an_empty_prompt_is_one_sentence_and_changes_nothing(visit, served: Server) -> None:
    person = visit(served)
    person.page.fill("#prompt textarea", "   ")
    person.page.locator("#start").click()
    person.page.locator(".toast-message-text", has_text="The prompt is empty").wait_for()
    assert person.state() == "idle"
