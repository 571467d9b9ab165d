"""Every route of the API asks who calls: nobody gets in, and each role reaches what is its own."""

import re

import pytest

from tests.support.raw_page import OWN
from workbench.jobs.specs import ImportJob

VOTERS = re.compile(
    r"/(me|criteria|health|categories|languages|win-rate|prompt-sets|prompts/examples|votes/kinds)(/.*)?|/(battles|review|leaderboard)(/.*)?"
)
"""Where a voter gets past the question of role."""
ANALYSTS_ONLY = {
    ("GET", "/battles"), ("GET", "/battles/{battle_id}/verdicts/{judge}"),
    ("GET", "/leaderboard/plan"), ("GET", "/leaderboard/votes-needed"),
}  # fmt: skip
STARTS_WORK = re.compile(r"/battles(/stream)?")


@pytest.fixture(scope="module")
def operations(served) -> list[tuple[str, str]]:
    """Every method and path of the API, as its own document lists them."""
    from tests.support.raw_page import sign_in

    root = served()
    sign_in(root, "root")
    paths = root.get("/api/v1/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def asked(client, method, path):
    """Send what no route can use: whoever is refused for their role is refused before that is seen."""
    filled = re.sub(r"\{[^}]*\}", "00000000-0000-0000-0000-000000000000", path)
    return client.request(method, "/api/v1" + filled, headers=OWN | {"content-type": "text/plain"})


def test_nobody_gets_past_any_route(browser, operations):
    nobody = browser()
    answers = {(method, path): asked(nobody, method, path).status_code for method, path in operations}
    assert len(answers) > 80
    assert {code for (_, path), code in answers.items() if path != "/health"} == {401}


def test_a_voter_reaches_only_what_is_for_voters(browser, operations):
    ana = browser("ana")
    for method, path in operations:
        answer = asked(ana, method, path)
        allowed = VOTERS.fullmatch(path) is not None and (method, path) not in ANALYSTS_ONLY
        assert (answer.status_code != 403) is allowed, (method, path, answer.text)
        assert answer.status_code < 500, (method, path, answer.text)


def test_an_analyst_changes_nothing_that_is_set_up(browser, operations):
    lise, refused = browser("lise"), set()
    for method, path in operations:
        if STARTS_WORK.fullmatch(path):
            continue
        answer = asked(lise, method, path)
        assert answer.status_code < 500, (method, path, answer.text)
        if answer.status_code == 403:
            refused.add((method, path))
    expected = {
        ("POST", "/models"), ("DELETE", "/models/{name}"), ("POST", "/judges"), ("DELETE", "/judges/{name}"),
        ("POST", "/golden"), ("DELETE", "/golden/{name}"), ("POST", "/golden/{name}/accept"),
        ("POST", "/runs"), ("POST", "/runs/{name}/stop"), ("POST", "/runs/{name}/deploy"), ("POST", "/imports"),
        ("GET", "/tokens"), ("POST", "/tokens"), ("DELETE", "/tokens/{name}"),
    }  # fmt: skip
    assert expected <= refused
    assert not {path for method, path in refused if method == "GET"} - {"/tokens"}


def test_an_analyst_ends_and_forgets_no_job_that_only_an_admin_may_start(browser, guarded, tmp_path):
    (tmp_path / "prompts.jsonl").write_text('{"prompt": "What is a quay?"}\n')
    spec = ImportJob(
        file=str(tmp_path / "prompts.jsonl"), what="prompts", set_name="harbour", name="prompts.jsonl"
    )
    job = guarded.start_job(spec, by="root")
    assert job.wait(60)
    for method, path in (("POST", f"{job.id}/stop"), ("POST", f"{job.id}/resume"), ("DELETE", job.id)):
        refused = browser("lise").request(method, f"/api/v1/jobs/{path}", headers=OWN)
        assert refused.status_code == 403 and "takes the role admin" in refused.json()["detail"], refused.text
    assert browser("lise").get(f"/api/v1/jobs/{job.id}").json()["state"] == "done"
    assert browser("root").request("DELETE", f"/api/v1/jobs/{job.id}", headers=OWN).status_code == 204


@pytest.mark.parametrize(
    "votes",
    [
        "voters=ana",
        "without_voters=human:ana",
        "without_prompts=x",
        "trusted=j",
        "named=true",
        "since=2026-01-01T00:00:00Z",
        "until=2026-01-01T12:00:00Z",
    ],
)
def test_a_voter_singles_out_nobodys_votes(browser, votes):
    for path in ("leaderboard?", "leaderboard/win-matrix?names=a&", "leaderboard/history?"):
        address = f"/api/v1/{path}{votes}"
        refused = browser("ana").get(address)
        assert refused.status_code == 403 and "role analyst" in refused.json()["detail"], refused.text
        assert browser("lise").get(address).status_code != 403


def test_a_voter_weighs_nobodys_votes(browser):
    address = "/api/v1/leaderboard?voter_weights=human:ana=9"
    assert browser("ana").get(address).status_code == 403
    assert browser("lise").get(address).status_code != 403
