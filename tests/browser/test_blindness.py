"""Models named by nonces: nothing that reaches a voter holds one before that voter's own vote, on any tab or route.

The second voter meets a battle that the first has voted on already and whose names the server has therefore told once.
"""

import json
import secrets
import uuid
from collections.abc import Iterator

import httpx
import pytest

from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn
from tests.browser.conftest import Server, _serve
from tests.browser.person import Person
from tests.browser.reviewing import press, settled, step_of
from tests.support.tap import Tap
from workbench.bench import Workbench

NONCE = secrets.token_hex(8)
MODELS = (f"gannet-{NONCE}", f"plover-{NONCE}")
PROMPTS = 6
PAGE, SCRIPT = "by-page", "by-script"
"""Queues of two battles each, which everybody votes on."""
PLAIN = {"extra_http_headers": {"Accept-Encoding": "identity"}}
SETTINGS = 'criteria = ["overall", "helpful"]\n[access]\nanonymous = "voter"\n'


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for voters, whose models are nonces and have no vote yet, with two review queues."""
    home = tmp_path_factory.mktemp("blind") / "home"
    home.mkdir()
    (home / "workbench.toml").write_text(SETTINGS, "utf-8")
    prompts = [Prompt.from_text(f"What of thing {number}?") for number in range(PROMPTS)]
    with Workbench.open(home) as bench:
        bench.store.prompts.add("things", prompts)
        for place, name in enumerate(MODELS):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
            rows = [(prompt, [_answer(name, place)]) for prompt in prompts]
            bench.store.answers.add_many(rows, recorded=True)
        for queue, few in ((PAGE, prompts[:2]), (SCRIPT, prompts[2:4])):
            battles = [_battle(prompt) for prompt in few]
            bench.store.battles.add_many(battles)
            bench.create_queue(queue, overlap=9, attention=0.0, battle_ids=[b.battle_id for b in battles])
    yield from _serve(home)


def _answer(name: str, place: int) -> Answer:
    return Answer(name, ("The first way to say it.", "Another way.")[place], finish_reason="recorded")


def _battle(prompt: Prompt) -> Battle:
    turn = Turn(None, *(_answer(name, place) for place, name in enumerate(MODELS)))
    return Battle(uuid.uuid4(), prompt, *MODELS, (turn,))


def _unknown(person: Person, tap: Tap, where: str) -> None:
    assert NONCE not in tap.heard, f"the server told a name: {where}"
    assert NONCE not in person.html(), f"the page holds a name: {where}"


@pytest.mark.browser
@pytest.mark.slow
def test_no_tab_names_anybody_before_a_vote_not_even_to_the_second_voter(visit, blind: Server) -> None:
    with Tap(blind.port) as tap:
        first = visit(tap.url, **PLAIN)
        tabs = first.page.get_by_role("tab").all_inner_texts()
        assert {"Arena", "Review", "Leaderboard", "My votes"} <= set(tabs)
        for name in (*tabs, "Arena"):
            first.tab(name)
            first.page.get_by_role("tab", name=name, exact=True).and_(
                first.page.locator("[aria-selected=true]")
            ).wait_for()
            _unknown(first, tap, f"the tab {name}, before anything")
        first.fight("What of thing 5?")
        assert "Another way." in tap.heard, "the tap must hear what the server streams"
        _unknown(first, tap, "a battle")
        first.press("1")
        first.reach("voted")
        assert sorted(first.names()) == sorted(MODELS), "after the vote the names are there"
        first.leave()
    for voter in ("the first", "the second"):
        with Tap(blind.port) as tap:
            person = visit(tap.url, **PLAIN)
            person.tab("Review")
            start = person.page.locator(f"#review-start [data-do=start][data-name={PAGE}]")
            start.wait_for()
            before = step_of(person)
            start.click()
            settled(person, before)
            assert "Another way." in tap.heard
            _unknown(person, tap, f"the queue, {voter} annotator")
            for left in (1, 0):
                press(person, "1")
                _unknown(person, tap, f"{left} battles of the queue left, {voter} annotator")
            person.leave()


def _voter(server: Server) -> httpx.Client:
    return httpx.Client(
        base_url=f"{server.url}/api/v1", headers={"origin": server.url}, timeout=60, trust_env=False
    )


def test_no_route_names_anybody_before_a_vote_not_even_to_the_second_voter(blind: Server) -> None:
    with _voter(blind) as first, _voter(blind) as second:
        started = first.post("/battles", json={"prompt_set": "things"})
        battle = started.raise_for_status().json()["battle_id"]
        streamed = second.post("/battles/stream", json={"prompt_set": "things"}).raise_for_status()
        assert json.loads(streamed.text.splitlines()[-1])["event"] == "done"
        before = [started, streamed]
        for client in (first, second):
            before += [
                client.get(path)
                for path in (
                    *("/me", "/me/votes", "/me/figures", "/battles/open", f"/battles/{battle}"),
                    *(
                        "/prompts/examples",
                        "/prompt-sets",
                        "/review",
                        f"/review/{SCRIPT}",
                        "/models",
                        "/verdicts",
                    ),
                    *("/exports", "/votes/download", f"/battles/{battle}/verdicts/x", "/queues", "/jobs"),
                )
            ]
        for heard in before:
            assert NONCE not in heard.text, f"{heard.request.url}: {heard.text[:500]}"
        voted = first.post(f"/battles/{battle}/votes", json={"winner": "model_a"}).raise_for_status()
        assert {voted.json()["model_a"]["name"], voted.json()["model_b"]["name"]} == set(MODELS)
        assert NONCE not in second.get(f"/battles/{battle}").text, (
            "another's vote tells the second voter nothing"
        )
        assert NONCE in first.get(f"/battles/{battle}").text


def test_a_queue_over_the_api_names_nobody_to_either_of_its_voters(blind: Server) -> None:
    seen: list[set[str]] = []
    for _ in range(2):
        with _voter(blind) as voter:
            mine: set[str] = set()
            handed = voter.post(f"/review/{SCRIPT}/next", json={}).raise_for_status()
            while NONCE not in handed.text and (battle := _battle_in(handed.json())) is not None:
                if battle in mine:
                    break
                mine.add(battle)
                assert NONCE not in voter.get(f"/battles/{battle}").text
                handed = voter.post(f"/review/{SCRIPT}/{battle}/vote", json={"winner": "model_b"})
                assert handed.status_code == 200, handed.text
            assert NONCE not in handed.text, handed.text[:500]
            seen.append(mine)
    assert any(seen), "nobody was handed a battle"


def _battle_in(handed: object) -> str | None:
    """Return the id of the battle that an answer hands out, wherever it stands in it."""
    if isinstance(handed, dict):
        if isinstance(handed.get("battle_id"), str):
            return str(handed["battle_id"])
        found = [_battle_in(value) for value in handed.values()]
        return next((one for one in found if one is not None), None)
    return None
