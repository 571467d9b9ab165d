"""Battles over the API: blind until one's own vote stands, and only one's own."""

import json

import pytest

from arena.types import Answer, Prompt, Voter, VoterKind

NAMES = ("owl", "crow", "wren")


def start(call, by="voter", **body):
    answer = call("POST", "/battles", by=by, json={"prompt_set": "topics", **body})
    assert answer.status_code == 200, answer.text
    return answer


def names_in(answer):
    return [name for name in NAMES if name in answer.text]


def test_a_battle_comes_without_names_and_with_them_after_the_callers_vote(call):
    begun = start(call)
    assert not names_in(begun)
    battle = begun.json()
    assert battle["votable"] and battle["model_a"] is None and battle["votes"] == []
    place = f"/battles/{battle['battle_id']}"
    assert not names_in(call("GET", place, by="voter"))
    voted = call("POST", f"{place}/votes", by="voter", json={"winner": "tie"})
    assert voted.status_code == 201
    seen = call("GET", place, by="voter").json()
    stored = call.bench.battle(battle["battle_id"])
    assert (seen["model_a"], seen["model_b"]) == (stored.model_a, stored.model_b)
    assert [vote["winner"] for vote in seen["votes"]] == ["tie"]


def test_what_is_known_of_a_prompt_besides_its_text_stays(call):
    prompt = Prompt.from_text("What is it?", reference="The secret reference.")
    call.bench.store.prompts.add("quiz", [prompt])
    for name in ("owl", "crow"):
        call.bench.store.answers.add(prompt, [Answer(name, "Hm.", finish_reason="recorded")], recorded=True)
    assert "secret" not in start(call, prompt_set="quiz").text


def test_a_stream_tells_the_id_then_the_texts_and_the_battle_last(call):
    answer = call("POST", "/battles/stream", by="voter", json={"prompt_set": "topics"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [lines[0]["event"], lines[-1]["event"]] == ["battle", "done"]
    assert {line["event"] for line in lines[1:-1]} <= {"frame"}
    assert lines[0]["battle_id"] == lines[-1]["battle"]["battle_id"]
    assert not names_in(answer)
    assert lines[-1]["battle"]["turns"][0]["answer_a"]["text"]


def test_the_battle_that_waits_for_a_vote_is_found_again(call):
    assert call("GET", "/battles/open", by="voter").json() is None
    begun = start(call).json()
    found = call("GET", "/battles/open", by="voter")
    assert found.json()["battle_id"] == begun["battle_id"]
    assert not names_in(found)
    assert call("GET", "/battles/open", by="other").json() is None


def test_somebody_elses_battle_can_be_neither_read_nor_voted_on(call):
    begun = start(call).json()
    place = f"/battles/{begun['battle_id']}"
    assert call("GET", place, by="other").status_code == 404
    refused = call("POST", f"{place}/votes", by="other", json={"winner": "tie"})
    assert refused.status_code == 409
    assert not names_in(refused)


def test_analysts_see_the_names_of_any_battle(call):
    begun = start(call).json()
    seen = call("GET", f"/battles/{begun['battle_id']}", by="analyst").json()
    assert {seen["model_a"], seen["model_b"]} < set(NAMES)
    assert seen["votes"] == []


@pytest.mark.parametrize("choice", [{"models": ["owl", "crow"]}, {"seed": 3}, {"named": True}])
def test_voters_choose_no_models(call, choice):
    answer = call("POST", "/battles", by="voter", json={"prompt_set": "topics", **choice})
    assert answer.status_code == 403
    assert not names_in(answer)


def test_a_named_battle_shows_names_at_once_and_counts_nowhere(call):
    body = {"models": ["owl", "crow"], "named": True}
    begun = start(call, by="analyst", **body).json()
    assert (begun["model_a"], begun["model_b"]) == ("owl", "crow")
    call("POST", f"/battles/{begun['battle_id']}/votes", by="analyst", json={"winner": "model_a"})
    alone = f"voters={call.names['analyst']}"
    assert call("GET", f"/leaderboard?{alone}", by="analyst").json()["votes"] == 0
    assert call("GET", f"/leaderboard?{alone}&named=true", by="analyst").json()["votes"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "Why?", "prompt_set": "topics"},
        {"prompt": "  "},
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "Hm."}]},
        {"messages": [{"role": "robot", "content": "Hm."}]},
        {"prompt": "x" * 50_001},
        {"what": "ever"},
        {"named": True},
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(call, body):
    answer = call("POST", "/battles", by="analyst", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")


def test_votes_are_amended_and_taken_back(call):
    begun = start(call).json()
    place = f"/battles/{begun['battle_id']}/votes"
    call("POST", place, by="voter", json={"winner": "model_b"})
    amended = call("PATCH", place, by="voter", json={"reasons": ["clear"], "comment": "So."}).json()
    assert (amended["votes"][0]["reasons"], amended["votes"][0]["comment"]) == (["clear"], "So.")
    back = call("DELETE", place, by="voter")
    assert back.json()["votes"] == [] and not names_in(back)
    assert call("DELETE", place, by="voter").status_code == 404
    voter = Voter(VoterKind.HUMAN, call.names["voter"])
    assert call.bench.vote_count(voter).total == 0
    assert call("POST", place, by="voter", json={"winner": "model_a"}).status_code == 201


def test_own_votes_come_in_pages_by_cursor_and_are_nobody_elses(call):
    for _ in range(5):
        begun = start(call).json()
        call("POST", f"/battles/{begun['battle_id']}/votes", by="voter", json={"winner": "tie"})
    first = call("GET", "/me/votes?limit=2", by="voter").json()
    late = start(call).json()
    call("POST", f"/battles/{late['battle_id']}/votes", by="voter", json={"winner": "model_a"})
    seen = list(first["items"])
    cursor = first["next_cursor"]
    while cursor:
        page = call("GET", f"/me/votes?limit=2&cursor={cursor}", by="voter").json()
        seen += page["items"]
        cursor = page["next_cursor"]
    assert len({item["number"] for item in seen}) == len(seen) == 5
    assert call("GET", "/me/votes", by="other").json()["items"] == []
