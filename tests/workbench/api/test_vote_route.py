"""A vote over HTTP: as durable, as blind and as checked as one in the browser."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from arena.types import Answer, Battle, Prompt, Turn, Voter, VoterKind, Winner
from workbench.access.access import Access
from workbench.access.keys import cookie_name
from workbench.access.voters import COOKIE, sign
from workbench.api.app import create_api
from workbench.api.votes import VoteWay
from workbench.settings import Settings

JSON = {"content-type": "application/json"}


@pytest.fixture
def call(bench) -> Callable[..., httpx.Response]:
    """Send a request to the API of the home, as an anonymous voter of that name."""
    settings = bench.settings.model_copy(
        update={"access": bench.settings.access.model_copy(update={"anonymous": "voter"})}
    )
    access = Access(bench.home, settings)
    api = create_api(bench, access)
    app = VoteWay(api, bench, access, "")

    def send(path: str, *, voter: str = "anonymous-1", short: bool = True, **given: object) -> httpx.Response:
        async def one() -> httpx.Response:
            transport = httpx.ASGITransport(app if short else api)
            cookies = {cookie_name(COOKIE, access.key): sign(access.key, voter)}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://here", cookies=cookies
            ) as client:
                return await client.post(path, **given)

        return asyncio.run(one())

    return send


@pytest.fixture
def battle(bench) -> Battle:
    """A battle of owl against crow that nobody in particular started."""
    return fight(bench)


def fight(bench, started_by: Voter | None = None) -> Battle:
    turn = Turn(None, Answer("owl", "Hoo."), Answer("crow", "Caw."))
    fought = Battle(uuid4(), Prompt.from_text("Who is there?"), "owl", "crow", (turn,), started_by)
    bench.store.battles.add(fought)
    return fought


def votes(battle: Battle) -> str:
    return f"/battles/{battle.battle_id}/votes"


def test_a_vote_is_stored_and_its_answer_reveals_the_names(bench, call, battle):
    answer = call(votes(battle), json={"winner": "model_a", "reasons": ["clear"], "comment": "ja"})
    assert answer.status_code == 201
    assert answer.json()["model_a"] == {"name": "owl", "rating": None, "change": None}
    (vote,) = bench.store.votes.standing(battle.battle_id)
    assert (vote.winner, vote.reasons, vote.comment) == (Winner.MODEL_A, ("clear",), "ja")
    assert vote.voter == Voter(VoterKind.HUMAN, "anonymous-1")


@pytest.mark.parametrize(
    "given", [{"json": {"winner": "tie"}}, {"json": {"winner": "me"}}, {"content": b"tie"}]
)
def test_the_short_way_answers_as_the_route_does(bench, call, given):
    short, long = (call(votes(fight(bench)), short=short, **given) for short in (True, False))
    assert short.status_code == long.status_code
    assert short.headers["content-type"] == long.headers["content-type"]
    assert set(short.json()) == set(long.json())
    assert short.json().get("detail") == long.json().get("detail")


@pytest.mark.parametrize("path", ["/battles//votes", "/battles/a/b/votes", "/battles/votes", "/elsewhere"])
def test_only_votes_take_the_short_way(call, path):
    assert call(path, json={"winner": "tie"}).status_code in (404, 405)


def test_ratings_come_with_the_vote_when_asked_for(bench, call, battle):
    revealed = call(votes(battle) + "?ratings=true", json={"winner": "model_a"}).json()
    assert revealed["model_a"]["rating"] > 1000 > revealed["model_b"]["rating"]
    assert revealed["model_a"]["change"] == pytest.approx(-revealed["model_b"]["change"])
    again = bench.vote(fight(bench).battle_id, Winner.TIE, Voter(VoterKind.HUMAN, "anna"))
    assert again.model_a.rating != revealed["model_a"]["rating"]


def test_a_second_vote_is_a_conflict_and_changes_nothing(bench, call, battle):
    call(votes(battle), json={"winner": "model_a"})
    answer = call(votes(battle), json={"winner": "model_b"})
    assert answer.status_code == 409
    assert answer.json()["error"] == "AlreadyVoted"
    assert [vote.winner for vote in bench.store.votes.standing(battle.battle_id)] == [Winner.MODEL_A]


def test_a_refused_vote_names_no_model(bench, call):
    strange = fight(bench, Voter(VoterKind.HUMAN, "anonymous-2"))
    answer = call(votes(strange), json={"winner": "tie"})
    assert (answer.status_code, answer.json()["error"]) == (409, "NotVotable")
    assert "started by somebody else" in answer.json()["detail"]
    assert "owl" not in answer.text and "crow" not in answer.text
    assert bench.store.votes.standing(strange.battle_id) == []


def test_a_battle_is_its_starters_to_vote_on(bench, call):
    own = fight(bench, Voter(VoterKind.HUMAN, "anonymous-1"))
    assert call(votes(own), json={"winner": "tie"}).status_code == 201


def test_a_battle_of_a_review_queue_takes_votes_of_anybody(bench, call):
    strange = fight(bench, Voter(VoterKind.HUMAN, "anonymous-2"))
    bench.create_queue("look", battle_ids=[strange.battle_id])
    assert call(votes(strange), json={"winner": "tie"}).status_code == 201


def test_an_unfinished_battle_takes_no_vote(call):
    answer = call(f"/battles/{uuid4()}/votes", json={"winner": "tie"})
    assert (answer.status_code, answer.json()["error"]) == (409, "NotVotable")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"json": {"winner": "me"}}, "winner"),
        ({"json": {}}, "winner: field required"),
        ({"json": {"winner": "tie", "voter": "gpt"}}, "voter: extra inputs are not permitted"),
        ({"json": {"winner": "tie", "reasons": ["x" * 201]}}, "reasons.0"),
        ({"json": {"winner": "tie", "reasons": ["x"] * 51}}, "reasons"),
        ({"json": {"winner": "tie", "criterion": "beauty"}}, "The criterion 'beauty' is not set up"),
        ({"json": ["tie"]}, "body"),
        ({"content": b"{", "headers": JSON}, "JSON"),
        ({"content": b"", "headers": JSON}, "JSON"),
        ({"content": b"\xff\xfe", "headers": JSON}, "JSON"),
    ],
)
def test_a_body_that_is_no_vote_is_refused_in_one_sentence(bench, call, battle, given, said):
    answer = call(votes(battle), **given)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert bench.store.votes.count() == 0


@pytest.mark.parametrize("path", ["/battles/nonsense/votes", "/battles/{}/votes?ratings=perhaps"])
def test_an_address_that_means_nothing_is_refused(call, battle, path):
    assert call(path.format(battle.battle_id), json={"winner": "tie"}).status_code == 422


def test_what_is_not_json_is_refused(call, battle):
    answer = call(votes(battle), content=b'{"winner": "tie"}', headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_more_votes_than_allowed_are_put_off(bench, battle):
    limits = bench.settings.limits.model_copy(update={"votes_per_minute": 2})
    policy = bench.settings.access.model_copy(update={"anonymous": "voter"})
    settings: Settings = bench.settings.model_copy(update={"access": policy, "limits": limits})
    access = Access(bench.home, settings)
    api = create_api(bench, access)

    async def three() -> list[httpx.Response]:
        cookies = {cookie_name(COOKIE, access.key): sign(access.key, "anonymous-1")}
        transport = httpx.ASGITransport(api)
        async with httpx.AsyncClient(transport=transport, base_url="http://here", cookies=cookies) as client:
            return [await client.post(votes(fight(bench)), json={"winner": "tie"}) for _ in range(3)]

    first, second, third = asyncio.run(three())
    assert (first.status_code, second.status_code, third.status_code) == (201, 201, 429)
    assert int(third.headers["retry-after"]) >= 1


def test_nobody_votes_where_people_must_sign_in(bench, battle):
    policy = bench.settings.access.model_copy(update={"anonymous": "none"})
    access = Access(bench.home, bench.settings.model_copy(update={"access": policy}))
    api = create_api(bench, access)

    async def one() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://here") as client:
            return await client.post(votes(battle), json={"winner": "tie"})

    assert asyncio.run(one()).status_code == 401


def test_of_a_crowd_that_votes_at_once_every_vote_is_there_once(bench):
    policy = bench.settings.access.model_copy(update={"anonymous": "voter"})
    access = Access(bench.home, bench.settings.model_copy(update={"access": policy}))
    api = create_api(bench, access)
    battles = [fight(bench) for _ in range(3)]

    async def crowd() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://here") as client:

            async def one(number: int, battle: Battle) -> int:
                cookie = {
                    "cookie": f"{cookie_name(COOKIE, access.key)}={sign(access.key, f'anonymous-{number}')}"
                }
                answer = await client.post(votes(battle), json={"winner": "model_b"}, headers=cookie)
                return answer.status_code

            twice = [one(number, battle) for number in range(40) for battle in battles for _ in range(2)]
            return await asyncio.gather(*twice)

    statuses = asyncio.run(crowd())
    assert sorted(statuses) == [201] * 120 + [409] * 120
    assert bench.store.votes.count() == 120


def test_the_document_tells_of_the_route(bench):
    document = create_api(bench, Access(bench.home, bench.settings)).openapi()
    operation = document["paths"]["/battles/{battle_id}/votes"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("VoteBody")
    assert {"201", "401", "409", "415", "422", "429"} <= set(operation["responses"])
    assert [parameter["name"] for parameter in operation["parameters"]] == ["battle_id", "ratings"]
