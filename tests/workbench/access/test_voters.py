"""An anonymous voter is who the signed cookie says, and nobody else."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from workbench.access.voters import COOKIE, cookie_name, load_key, new_id, read, set_cookie, sign

KEY = b"k" * 32


def test_two_ids_differ() -> None:
    assert new_id() != new_id()


def test_a_chosen_name_without_the_right_signature_is_not_taken() -> None:
    signature = sign(b"other", "admin").rpartition(".")[2]
    assert read(KEY, f"{cookie_name(KEY)}=admin.{signature}") is None


@given(st.text())
def test_any_cookie_header_is_read_without_an_error(text: str) -> None:
    assert read(KEY, f"{cookie_name(KEY)}={text}") is None


def test_a_signed_name_reads_back() -> None:
    assert read(KEY, f"a=b; {cookie_name(KEY)}={sign(KEY, 'anonymous-1')}; c=d") == "anonymous-1"


def test_the_cookie_of_another_home_on_this_machine_is_left_alone() -> None:
    mine, other = (set_cookie(key, "anonymous-1", secure=False).partition(";")[0] for key in (KEY, b"o" * 32))
    assert mine.partition("=")[0] == cookie_name(KEY) != other.partition("=")[0]
    assert read(KEY, f"{mine}; {other}") == "anonymous-1"


def test_a_cookie_from_before_names_differed_still_counts() -> None:
    assert read(KEY, f"{COOKIE}={sign(KEY, 'anonymous-1')}") == "anonymous-1"
    newer = set_cookie(KEY, "anonymous-2", secure=False).partition(";")[0]
    assert read(KEY, f"{newer}; {COOKIE}={sign(KEY, 'anonymous-1')}") == "anonymous-2"


def test_processes_that_open_a_new_home_at_once_get_one_whole_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: load_key(tmp_path), range(64)))
    assert {len(key) for key in keys} == {32} and len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["cookie.key"]


def test_a_script_cannot_read_the_cookie_and_no_other_site_sends_it() -> None:
    cookie = set_cookie(KEY, "anonymous-1", secure=False)
    assert "; HttpOnly; SameSite=Lax" in cookie and "Secure" not in cookie
    assert set_cookie(KEY, "anonymous-1", secure=True).endswith("; Secure")


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    key = load_key(tmp_path)
    assert load_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "cookie.key").stat().st_mode) == 0o600
