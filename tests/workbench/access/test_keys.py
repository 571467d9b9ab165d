"""A home signs with one key, which is there whole from the first moment."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workbench.access.keys import load_key


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    key = load_key(tmp_path)
    assert load_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "cookie.key").stat().st_mode) == 0o600


def test_processes_that_open_a_new_home_at_once_get_one_whole_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: load_key(tmp_path), range(64)))
    assert {len(key) for key in keys} == {32} and len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["cookie.key"]
