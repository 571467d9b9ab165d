"""Which names the app answers to, and from which pages it takes what changes something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.access.origins import is_own_host, is_own_page


def asking(method="GET", **headers):
    listed = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http", "method": method, "headers": listed}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:7860", "127.0.0.1:7860", "[::1]:7860", "10.1.2.3", "a.localhost", "ARENA.example.org:443",
     "arena.example.org.", "b.team.example.org"],
)  # fmt: skip
def test_it_answers_to_addresses_localhost_and_the_names_allowed(host):
    assert is_own_host(asking(host=host), ("arena.example.org", "*.team.example.org"))


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil-arena.example.org",
     "team.example.org", "127.0.0.1@evil.example", "evil.example:127.0.0.1", "[evil.example]"],
)  # fmt: skip
def test_it_answers_to_no_other_name(host):
    assert not is_own_host(asking(host=host), ("arena.example.org", "*.team.example.org"))


def test_it_answers_to_no_two_names_at_once():
    scope = asking(host="localhost")
    scope["headers"].append((b"host", b"localhost"))
    assert not is_own_host(scope, ())
    assert not is_own_host(asking(), ())


@given(st.text(st.characters(max_codepoint=255)))
def test_any_host_header_is_read_without_an_error(host):
    is_own_host(asking(host=host), ("x.org",))


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("ambient", [True, False])
def test_nothing_is_taken_that_a_page_of_another_site_sends(site, method, ambient):
    assert not is_own_page(
        asking(method, host="localhost", sec_fetch_site=site, sec_fetch_mode="cors"), ambient=ambient
    )


def test_a_link_on_another_site_may_open_the_app_but_not_in_a_frame():
    link = {"host": "localhost", "sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert is_own_page(asking("GET", **link, sec_fetch_dest="document"), ambient=True)
    assert not is_own_page(asking("GET", **link, sec_fetch_dest="iframe"), ambient=True)
    assert not is_own_page(asking("POST", **link, sec_fetch_dest="document"), ambient=True)


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("localhost:7860", "http://localhost:7860", True),
        ("arena.example.org", "https://arena.example.org:443", True),
        ("localhost:7860", "http://localhost:7861", False),
        ("localhost:7860", "http://evil.example", False),
        ("localhost:7860", "null", False),
        ("localhost:7860", "http://localhost:7860.evil.example", False),
        ("", "", False),
    ],
)
def test_an_older_browser_is_asked_for_its_origin(host, origin, own):
    assert is_own_page(asking("POST", host=host, origin=origin), ambient=True) is own


def test_what_says_nothing_of_its_origin_is_no_browser_and_may_not_use_its_session():
    assert is_own_page(asking("POST", host="localhost"), ambient=False)
    assert not is_own_page(asking("POST", host="localhost"), ambient=True)
    assert is_own_page(asking("GET", host="localhost"), ambient=True)
