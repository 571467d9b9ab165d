"""One door for every request: who sends it, whether it may come in, and with what."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from starlette.testclient import TestClient

from arena.store import Store
from tests.support.raw_page import OWN, PASSWORD, add_users, sign_in
from workbench.access import sign_in as signing
from workbench.access import tokens
from workbench.access.access import Access, count, person_of
from workbench.access.bodies import SMALL
from workbench.access.door import Door
from workbench.access.keys import cookie_name
from workbench.access.limits import Limited
from workbench.access.passwords import hash_password
from workbench.access.roles import Role
from workbench.access.sessions import COOKIE
from workbench.access.tokens import TokenHolders
from workbench.api.faults import refuse
from workbench.settings import Settings

Client = Callable[..., TestClient]


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "workbench.duckdb") as opened:
        yield opened


@pytest.fixture
def door(tmp_path, store) -> Client:
    """Return what makes a browser at a small app behind a door with these settings."""

    def make(*, loopback=True, users=True, peer="198.51.100.7", limits=None, **access) -> TestClient:
        settings = Settings.model_validate({"access": access, "limits": limits or {}})
        guard = Access(
            tmp_path,
            settings,
            loopback=loopback,
            tokens=TokenHolders(store.tokens),
            owner_token="the-owner",
            owner_name="me",
        )
        if users and not guard.users.exist:
            add_users(guard.users, ana=Role.VOTER, root=Role.ADMIN)
        app = FastAPI()

        @app.api_route("/who", methods=["GET", "POST", "PUT"])
        async def who(request: Request) -> PlainTextResponse:
            person = person_of(request.scope)
            size = len(await request.body())
            return PlainTextResponse(
                f"{person.name} {person.role} {person.signed_in} {size} {request.client.host}"
            )

        @app.post("/vote")
        def vote(request: Request) -> PlainTextResponse:
            count(request.scope, Limited.VOTE)
            return PlainTextResponse("counted")

        app.include_router(signing.routes(guard))
        app.add_middleware(Door, access=guard, refuse=refuse)
        client = TestClient(
            app,
            base_url="http://localhost",
            client=(peer, 5000),
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        client.access = guard
        return client

    return make


def whom(answer) -> str:
    assert answer.status_code == 200, answer.text
    return answer.text.split()[0]


# ---- people who do not sign in


def test_while_nobody_signs_in_the_machines_own_user_may_do_everything(door):
    answer = door(users=False).get("/who")
    assert answer.text.startswith("anonymous-") and " admin False" in answer.text


def test_from_the_first_user_on_everybody_signs_in(door, tmp_path):
    client = door(users=False)
    assert client.get("/who").status_code == 200
    client.access.users.add("ana", Role.ADMIN, hash_password(PASSWORD))
    answer = client.get("/who")
    assert answer.status_code == 401 and "sign in at /sign-in" in answer.text


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"])
def test_who_comes_through_a_proxy_nobody_told_of_is_not_the_machines_own_user(door, header):
    assert door(users=False).get("/who", headers={header: "198.51.100.9"}).status_code == 401


@pytest.mark.parametrize("role", ["voter", "analyst", "admin"])
def test_the_settings_say_what_anonymous_people_may_do(door, role):
    assert f" {role} False" in door(anonymous=role, loopback=False).get("/who").text


def test_an_anonymous_voter_keeps_their_name_and_two_are_two(door):
    client = door(anonymous="voter")
    first = client.get("/who")
    assert "httponly" in first.headers["set-cookie"].lower()
    again = client.get("/who")
    assert whom(again) == whom(first) and "set-cookie" not in again.headers
    client.cookies.clear()
    assert whom(client.get("/who")) != whom(first)


def test_serving_others_without_a_word_on_who_may_come_in_is_refused(door):
    from arena.errors import InvalidInput

    for settings in ({"loopback": False}, {"allowed_hosts": ["a.org"]}, {"proxy_addresses": ["10.0.0.1"]}):
        policy = door(users=False, **settings).access.policy
        with pytest.raises(InvalidInput, match="users add NAME --role admin"):
            policy.check("0.0.0.0")
    door(users=False).access.policy.check("127.0.0.1")
    door(users=False, loopback=False, anonymous="voter").access.policy.check("0.0.0.0")
    door(loopback=False).access.policy.check("0.0.0.0")


# ---- sessions


def test_one_signs_in_with_name_and_password(door):
    client = door()
    answer = sign_in(client, "ana")
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "httponly; samesite=lax" in cookie and "secure" not in cookie
    assert client.get("/who").text.startswith("ana voter True")


def test_over_https_the_cookie_goes_over_https_only(door):
    client = door()
    client.base_url = "https://localhost"
    assert "; secure" in sign_in(client, "ana", origin="https://localhost").headers["set-cookie"]


@pytest.mark.parametrize(
    ("name", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("", ""), ("ana", "")]
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(door, name, password):
    client = door()
    answer = sign_in(client, name, password)
    assert answer.status_code == 401 and "The name or the password is not right." in answer.text
    assert client.get("/who").status_code == 401


def test_a_form_without_its_token_or_from_elsewhere_signs_nobody_in(door):
    client = door()
    fields = {"name": "ana", "password": PASSWORD}
    assert client.post("/sign-in", data=fields, headers=OWN).status_code == 403
    assert client.post("/sign-in", data={**fields, "form": "x"}, headers=OWN).status_code == 403
    assert sign_in(client, "ana", origin="http://evil.example").status_code == 403
    assert client.get("/who").status_code == 401


def test_a_name_in_the_form_is_shown_escaped(door):
    answer = sign_in(door(), '"><script>alert(1)</script>')
    assert "<script>alert" not in answer.text and "&lt;script&gt;" in answer.text


def test_signing_out_ends_the_session_also_for_a_copy_of_its_cookie(door):
    client = door()
    sign_in(client, "ana")
    copied = dict(client.cookies)
    assert client.post("/sign-out").status_code == 403, "another page must not sign one out"
    assert client.post("/sign-out", headers=OWN).status_code == 303
    assert client.get("/who").status_code == 401
    client.cookies.update(copied)
    assert client.get("/who").status_code == 401
    later = door()
    later.cookies.update(copied)
    assert later.get("/who").status_code == 401, "also after the app was started again"


def test_a_new_password_a_removal_and_another_role_hold_at_once(door):
    client = door()
    users = client.access.users
    sign_in(client, "ana")
    users.set_role("ana", Role.ANALYST)
    assert " analyst " in client.get("/who").text
    users.set_password("ana", hash_password("another password"))
    assert client.get("/who").status_code == 401
    sign_in(client, "ana", "another password")
    assert client.get("/who").status_code == 200
    users.remove("ana")
    assert client.get("/who").status_code == 401


def test_a_cookie_that_was_made_up_is_nobodys(door):
    client = door()
    sign_in(client, "ana")
    name = cookie_name(COOKIE, client.access.key)
    signed = client.cookies[name]
    for made in ("x", signed[:-2], "A" + signed[1:], "", "." * 50):
        client.cookies.clear()
        client.cookies.set(name, made)
        assert client.get("/who").status_code == 401


def test_a_users_file_that_cannot_be_read_lets_nobody_in(door, tmp_path):
    client = door()
    sign_in(client, "root")
    (tmp_path / "users.toml").write_text("nonsense")
    answer = client.get("/who")
    assert answer.status_code == 503 and str(tmp_path) not in answer.text
    owner = {"authorization": "Bearer the-owner"}
    assert whom(client.get("/who", headers=owner)) == "me"


# ---- tokens


def test_a_token_stands_for_whom_it_was_made(door, store):
    told, stored = tokens.make("nightly", Role.VOTER, None)
    store.tokens.add(stored)
    client = door()
    bearer = {"authorization": f"Bearer {told.token}"}
    assert client.get("/who", headers=bearer).text.startswith("nightly voter True")
    assert client.post("/who", headers={**bearer, "origin": "http://other.example"}).status_code == 200
    assert told.token not in repr(told)
    store.tokens.revoke("nightly", datetime.now(UTC))
    answer = client.get("/who", headers=bearer)
    assert answer.status_code == 401 and "revoked" in answer.text


def test_an_expired_token_is_nobodys(door, store):
    from dataclasses import replace

    told, stored = tokens.make("nightly", Role.VOTER, 1)
    store.tokens.add(replace(stored, expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert door().get("/who", headers={"authorization": f"Bearer {told.token}"}).status_code == 401


@pytest.mark.parametrize(
    "given",
    ["Bearer", "Bearer ", "Bearer wrong", "Basic the-owner", "the-owner", "Bearer the-owner, x", "bearer\tx"],
)
def test_a_wrong_token_is_not_passed_over_for_a_session_or_anonymity(door, given):
    client = door(anonymous="admin")
    sign_in(client, "ana")
    assert client.get("/who", headers={"authorization": given}).status_code == 401


def test_two_tokens_are_none(door):
    answer = door().get(
        "/who", headers=[("authorization", "Bearer the-owner"), ("authorization", "Bearer x")]
    )
    assert answer.status_code == 401


# ---- proxies


def test_a_proxys_word_is_taken_only_from_its_address(door):
    said = {"x-remote-user": "ana"}
    trusted = {"proxy_header": "X-Remote-User", "proxy_addresses": ["198.51.100.0/24"], "loopback": False}
    assert door(**trusted).get("/who", headers=said).text.startswith("ana voter True")
    assert door(**trusted, peer="203.0.113.9").get("/who", headers=said).status_code == 401
    assert door(**trusted).get("/who").status_code == 401


def test_a_proxy_names_people_whom_the_users_file_does_not_list(door):
    trusted = {"proxy_header": "X-Remote-User", "proxy_addresses": ["198.51.100.7"], "proxy_role": "analyst"}
    client = door(**trusted)
    assert client.get("/who", headers={"x-remote-user": "zoe"}).text.startswith("zoe analyst True")
    assert client.get("/who", headers={"x-remote-user": "root"}).text.startswith("root admin True")
    assert client.get("/who", headers={"x-remote-user": "anonymous-1"}).status_code == 401
    twice = [("x-remote-user", "root"), ("x-remote-user", "zoe")]
    assert client.get("/who", headers=twice).status_code == 401


def test_whom_a_proxy_signed_in_must_come_from_our_own_page(door):
    client = door(proxy_header="X-Remote-User", proxy_addresses=["198.51.100.7"])
    said = {"x-remote-user": "root"}
    assert client.post("/who", headers=said).status_code == 403
    assert client.post("/who", headers={**said, **OWN}).status_code == 200


def test_the_address_behind_a_proxy_is_believed_from_the_proxy_only(door):
    behind = {"x-forwarded-for": "192.0.2.1, 203.0.113.77"}
    known = door(proxy_addresses=["198.51.100.7"], anonymous="voter")
    assert known.get("/who", headers=behind).text.endswith("203.0.113.77")
    assert door(anonymous="voter").get("/who", headers=behind).text.endswith("198.51.100.7")


def test_a_forwarded_address_does_not_make_somebody_a_proxy(door):
    client = door(proxy_header="X-Remote-User", proxy_addresses=["10.0.0.1"])
    given = {"x-forwarded-for": "10.0.0.1", "x-remote-user": "root"}
    assert client.get("/who", headers=given).status_code == 401


# ---- hosts, sizes, limits


def test_under_a_strange_name_the_app_says_nothing(door):
    client = door(anonymous="admin")
    answer = client.get("/who", headers={"host": "evil.example"})
    assert answer.status_code == 421 and "allowed_hosts" in answer.text
    assert (
        door(anonymous="admin", allowed_hosts=["evil.example"])
        .get("/who", headers={"host": "evil.example"})
        .text
    )


@pytest.mark.parametrize("announced", [True, False])
def test_a_request_too_long_is_refused_however_it_is_sent(door, announced):
    client = door(anonymous="admin")
    body = b"x" * (SMALL + 1)
    content = body if announced else iter([body[:1000], body[1000:]])
    answer = client.post("/who", content=content)
    assert answer.status_code == 413 and "4 MB" in answer.text
    assert client.post("/who", content=body[:SMALL]).status_code == 200


def test_somebody_who_votes_too_often_waits_and_others_do_not(door):
    from arena.errors import TooMany

    client = door(anonymous="voter", limits={"votes_per_minute": 3, "votes_per_minute_of_address": 5})
    votes = []
    for _ in range(4):
        try:
            votes.append(client.post("/vote").status_code)
        except TooMany:
            votes.append(429)
    assert votes == [200, 200, 200, 500], "the app's own handler makes it 429"
    client.cookies.clear()
    assert [client.post("/vote").status_code for _ in range(3)] == [200, 200, 500], "five of one address"
    other = door(anonymous="voter", peer="198.51.100.8", limits={"votes_per_minute": 3})
    assert other.post("/vote").status_code == 200


def test_attempts_to_sign_in_are_counted_by_address_and_by_name(door):
    client = door(limits={"sign_in_per_minute": 2})
    assert [sign_in(client, "ana", "wrong").status_code for _ in range(3)] == [401, 401, 429]
    refused = sign_in(client, "ana")
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
    assert "attempts to sign in a minute from your network" in refused.text


def test_no_websocket_is_opened(door):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), door(anonymous="admin").websocket_connect("/who"):
        pass
