"""Whatever is sent to Gradio's own endpoints by hand, nobody gets more than their page gives them."""

import re

import pytest

from arena.types import Voter, VoterKind
from tests.support.raw_page import OWN, RawPage
from tests.workbench.access.conftest import NONCES
from workbench.access.roles import Role
from workbench.role_page import make_page

ANA, BEA = Voter(VoterKind.HUMAN, "ana"), Voter(VoterKind.HUMAN, "bea")
FILE = {"path": "/etc/passwd", "orig_name": "passwd", "meta": {"_type": "gradio.FileData"}}
ELSEWHERE = (
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=users.toml",
    "/gradio_api/file=workbench.toml",
    "/gradio_api/file/etc/passwd",
    "/gradio_api/file=http://127.0.0.1:1/",
    "/gradio_api/proxy=http://127.0.0.1:1/",
    "/gradio_api/stream/a/b/1/playlist-file",
    "/gradio_api/custom_component/a/client/b/c",
    "/gradio_api/deep_link?session_hash=x",
    "/gradio_api/dev/reload",
    "/gradio_api/vibe-code",
    "/gradio_api/openapi.json",
    "/gradio_api/run-history/buckets",
    "/gradio_api/profiling/traces",
    "/monitoring",
    "/monitoring/summary",
    "/login",
    "/logout",
    "/static/..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "/assets/..%2f..%2f..%2fetc/passwd",
    "/svelte/..%2f..%2f..%2fetc/passwd",
    "/page/..%2fpage.py",
    "/page/../page.py",
    "/exports/..%2fworkbench.toml.parquet",
    "/server.json",
    "/users.toml",
)


NEEDED = {
    "/", "/config", "/config/", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json",
    "/static/x", "/assets/x", "/svelte/x",
    "/gradio_api/info", "/gradio_api/info/", "/gradio_api/startup-events",
    "/gradio_api/app_id", "/gradio_api/app_id/", "/gradio_api/login_check", "/gradio_api/login_check/",
    "/gradio_api/queue/data", "/gradio_api/queue/join", "/gradio_api/run/x", "/gradio_api/run/x/",
    "/gradio_api/cancel", "/gradio_api/reset", "/gradio_api/reset/", "/gradio_api/heartbeat/x",
    "/gradio_api/upload", "/gradio_api/upload_progress",
}  # fmt: skip
"""What of Gradio's routes our pages use."""


@pytest.fixture
def ana(browser):
    page = RawPage(browser("ana"))
    page.load()
    return page


def test_nobody_reaches_a_page_without_signing_in(browser):
    nobody = browser()
    assert nobody.get("/").headers["location"] == "/sign-in"
    assert nobody.get("/gradio_api/queue/data?session_hash=x").status_code == 401
    assert nobody.post("/gradio_api/queue/join", json={}, headers=OWN).status_code == 401
    assert nobody.post("/gradio_api/upload", files={"files": b"x"}, headers=OWN).status_code == 401
    assert nobody.get("/leaderboard.csv").status_code == 401
    assert nobody.get("/config").status_code == 401


def test_a_page_lacks_what_is_for_others(browser):
    voter, analyst, admin = (RawPage(browser(name)) for name in ("ana", "lise", "root"))
    assert {"start", "board"} <= voter.elements
    assert not {"run-start", "import", "export", "judge-table", "model-add"} & voter.elements
    assert {"export", "judge-table", "means"} <= analyst.elements
    assert not {"run-start", "import", "model-add", "judge-form", "golden-freeze"} & analyst.elements
    assert {"run-start", "import", "model-add", "judge-form", "golden-freeze"} <= admin.elements


def test_no_function_of_a_voters_page_changes_anything_but_their_own_votes(ana, guarded):
    def everything():
        store = guarded.store
        return (
            store.models.list(), store.judges.list(), guarded.prompt_sets(), guarded.exports(), guarded.runs(),
            store.tokens.list(), [job.id for job in guarded.list_jobs()], sorted(guarded.home.iterdir()),
        )  # fmt: skip

    before = everything()
    for number in range(len(ana.functions) + 150):
        for data in ([], ["x"] * 20, [None] * 20, [FILE] * 20):
            known = number < len(ana.functions)
            given = data[: len(ana.functions[number]["inputs"])] if known else data
            answer = ana.call(number, given, event_data={"do": "remove", "name": NONCES[0]})
            assert known or answer.status_code >= 400
            assert "root:" not in answer.text
    assert everything() == before


def test_a_second_vote_on_a_battle_is_refused(ana, guarded, fight):
    battle = fight(ANA)
    loaded = ana.load()
    assert not any(name in loaded.text for name in NONCES)
    vote = ana.number("vote-a", "click")
    first, second = ana.call(vote, [None]), ana.call(ana.number("vote-b", "click"), [None])
    assert first.status_code == 200 and all(name in first.text for name in NONCES)
    assert second.status_code == 500 and not any(name in second.text for name in NONCES)
    assert [vote.winner for vote in guarded.votes_by(battle.battle_id, ANA).values()] == ["model_a"]


def test_many_votes_at_once_are_one(ana, guarded, fight):
    from concurrent.futures import ThreadPoolExecutor

    battle = fight(ANA)
    ana.load()
    before = guarded.vote_count(ANA).total
    numbers = [ana.number(f"vote-{which}", "click") for which in ("a", "b", "tie", "bad")] * 3
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: ana.call(number, [None]).status_code, numbers))
    assert answers.count(200) == 1
    assert len(guarded.votes_by(battle.battle_id, ANA)) == 1
    assert guarded.vote_count(ANA).total == before + 1


def test_a_battle_named_in_the_request_is_not_the_one_that_is_voted_on(browser, guarded, fight):
    battle = fight(BEA)
    page = RawPage(browser("ana"))
    page.load()
    for named in (str(battle.battle_id), battle.battle_id.hex):
        answer = page.call(page.number("vote-a", "click"), [named])
        assert not any(name in answer.text for name in NONCES)
    assert guarded.votes_by(battle.battle_id, ANA) == {} == guarded.votes_by(battle.battle_id, BEA)


def test_anothers_open_page_cannot_be_used(browser, guarded, fight):
    battle = fight(BEA)
    hers = RawPage(browser("bea"))
    hers.load()
    his = browser("ana")
    stolen = {"fn_index": hers.number("vote-a", "click"), "data": [None], "session_hash": hers.session}
    for path in ("queue/join", "run/predict", "cancel"):
        answer = his.post(f"/gradio_api/{path}", json=stolen, headers=OWN)
        assert answer.status_code == 403 and "somebody else" in answer.text
    assert his.get(f"/gradio_api/queue/data?session_hash={hers.session}").status_code == 403
    assert his.get(f"/gradio_api/heartbeat/{hers.session}").status_code == 403
    assert guarded.votes_by(battle.battle_id, BEA) == {}
    assert hers.call(hers.number("vote-a", "click"), [None]).status_code == 200


def test_a_page_left_open_while_somebody_else_signs_in_does_nothing_in_their_name(browser, guarded, fight):
    from tests.support.raw_page import sign_in

    battle = fight(ANA)
    page = RawPage(browser("ana"))
    page.load()
    sign_in(page.client, "root")
    assert page.call(page.number("vote-a", "click"), [None]).status_code == 403
    assert guarded.votes_by(battle.battle_id, ANA) == {}


@pytest.mark.parametrize("name", ["ana", "lise", "root"])
def test_no_path_reads_a_file_or_asks_another_server(browser, name):
    client = browser(name)
    for path in ELSEWHERE:
        answer = client.get(path)
        assert answer.status_code in (400, 403, 404), path
        assert "root:" not in answer.text and "argon2" not in answer.text, path


def test_of_gradios_routes_only_those_a_page_needs_are_there(browser, guarded):
    root, asked = browser("root"), 0
    for template, methods in make_page(guarded, Role.ADMIN)[1].openapi()["paths"].items():
        path = re.sub(r"\{[^}]*\}", "x", template)
        for method in set(methods) - {"head"} if path not in NEEDED else ():
            asked += 1
            answer = root.request(method.upper(), path, headers=OWN, json={})
            assert answer.status_code == 404 and "There is nothing at" in answer.text, (method, path)
    assert asked > 40


@pytest.mark.parametrize("name", ["ana", "lise"])
def test_only_admins_upload(browser, name):
    answer = browser(name).post("/gradio_api/upload", files={"files": ("a.csv", b"x")}, headers=OWN)
    assert answer.status_code == 404


def test_an_import_takes_no_file_that_was_not_uploaded(browser, guarded):
    page = RawPage(browser("root"))
    page.load()
    before = guarded.prompt_sets()
    for path in ("/etc/passwd", str(guarded.home / "users.toml"), "../users.toml"):
        answer = page.call(
            page.number("import", "click"), [{**FILE, "path": path}, "prompts", "stolen", "human", True]
        )
        assert answer.status_code >= 400
        assert "root:" not in answer.text and "argon2" not in answer.text
    assert guarded.prompt_sets() == before


def test_a_file_that_was_sent_is_imported(browser, guarded):
    page = RawPage(browser("root"))
    page.load()
    sent = page.client.post("/gradio_api/upload", files={"files": ("mine.txt", b"Why?\nHow?\n")}, headers=OWN)
    [path] = sent.json()
    answer = page.call(
        page.number("import", "click"), [{**FILE, "path": path}, "prompts", "mine", "human", False]
    )
    assert answer.status_code == 200, answer.text
    assert guarded.prompt_sets()["mine"] == 2


def test_a_call_that_is_no_call_is_refused(ana):
    for body in (b"", b"[]", b"null", b"{", b'{"session_hash": 5}', b"[" * 100_000, b"\xff\xfe"):
        answer = ana.client.post(
            "/gradio_api/queue/join", content=body, headers=OWN | {"content-type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, body[:20]
