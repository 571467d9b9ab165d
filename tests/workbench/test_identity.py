"""A voter is who the signed cookie says, and nobody else."""

import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from arena.types import VoterKind
from workbench.identity import COOKIE, VoterIdentity, load_key, read, sign, voter_of

KEY = b"k" * 32


def client() -> TestClient:
    async def whoami(request: Request) -> PlainTextResponse:
        voter = voter_of(request.scope)
        assert voter.kind is VoterKind.HUMAN
        return PlainTextResponse(voter.name)

    app = Starlette(routes=[Route("/", whoami)])
    app.add_middleware(VoterIdentity, key=KEY)
    return TestClient(app)


def test_a_first_visit_gets_an_id_that_the_next_one_keeps() -> None:
    visitor = client()
    first = visitor.get("/")
    assert "httponly" in first.headers["set-cookie"].lower()
    again = visitor.get("/")
    assert again.text == first.text
    assert "set-cookie" not in again.headers


def test_two_visitors_are_two_voters() -> None:
    assert client().get("/").text != client().get("/").text


def test_a_chosen_name_without_the_right_signature_is_not_taken() -> None:
    visitor = client()
    signature = sign(b"other", "admin").rpartition(".")[2]
    answer = visitor.get("/", headers={"cookie": f"{COOKIE}=admin.{signature}"})
    assert answer.text != "admin"


@given(st.text())
def test_any_cookie_header_is_read_without_an_error(text: str) -> None:
    assert read(KEY, f"{COOKIE}={text}") is None


def test_a_signed_name_reads_back() -> None:
    assert read(KEY, f"a=b; {COOKIE}={sign(KEY, 'anonymous-1')}; c=d") == "anonymous-1"


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    key = load_key(tmp_path)
    assert load_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "cookie.key").stat().st_mode) == 0o600
