"""An anonymous voter is who the signed cookie says, and nobody else."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.access.keys import cookie_name
from workbench.access.voters import COOKIE, new_id, read, set_cookie, sign

KEY = b"k" * 32


def test_two_ids_differ() -> None:
    assert new_id() != new_id()


def test_a_chosen_name_without_the_right_signature_is_not_taken() -> None:
    signature = sign(b"other", "admin").rpartition(".")[2]
    assert read(KEY, f"{cookie_name(COOKIE, KEY)}=admin.{signature}") is None


@given(st.text())
def test_any_cookie_header_is_read_without_an_error(text: str) -> None:
    assert read(KEY, f"{cookie_name(COOKIE, KEY)}={text}") is None


def test_a_signed_name_reads_back() -> None:
    assert read(KEY, f"a=b; {cookie_name(COOKIE, KEY)}={sign(KEY, 'anonymous-1')}; c=d") == "anonymous-1"


def test_the_cookie_of_another_home_on_this_machine_is_left_alone() -> None:
    mine, other = (set_cookie(key, "anonymous-1", secure=False).partition(";")[0] for key in (KEY, b"o" * 32))
    assert mine.partition("=")[0] == cookie_name(COOKIE, KEY) != other.partition("=")[0]
    assert read(KEY, f"{mine}; {other}") == "anonymous-1"


def test_a_cookie_from_before_names_differed_still_counts() -> None:
    assert read(KEY, f"{COOKIE}={sign(KEY, 'anonymous-1')}") == "anonymous-1"
    newer = set_cookie(KEY, "anonymous-2", secure=False).partition(";")[0]
    assert read(KEY, f"{newer}; {COOKIE}={sign(KEY, 'anonymous-1')}") == "anonymous-2"


def test_a_script_cannot_read_the_cookie_and_no_other_site_sends_it() -> None:
    cookie = set_cookie(KEY, "anonymous-1", secure=False)
    assert "; HttpOnly; SameSite=Lax" in cookie and "Secure" not in cookie
    assert set_cookie(KEY, "anonymous-1", secure=True).endswith("; Secure")
