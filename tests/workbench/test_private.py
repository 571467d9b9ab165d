"""Private files of a home are drafted beside their place."""

import stat
from pathlib import Path

from workbench.private import draft


def test_a_draft_is_whole_private_and_leaves_what_stands_there_alone(tmp_path: Path) -> None:
    place = tmp_path / "secret"
    place.write_bytes(b"old")
    beside = draft(place, b"new")
    assert (place.read_bytes(), beside.read_bytes()) == (b"old", b"new")
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    beside.replace(place)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_two_drafts_of_one_file_do_not_meet(tmp_path: Path) -> None:
    place = tmp_path / "secret"
    assert draft(place, b"one") != draft(place, b"two")
