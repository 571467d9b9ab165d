import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from arena import exports, pairs
from arena.errors import Conflict, InvalidInput, NotFound, StoreDamaged
from arena.preferences import Preferences, derive
from arena.types import VoteFilter, VoterKind
from tests.arena.judged import judged, without_text


def preferences(number: int = 4) -> Preferences:
    """As many pairs, from three votes each, and votes that fell away for four reasons."""
    rows = [
        judged(n, f"Question {n}?", f"Good {n}.", f"Bad {n}.", wins_a=2, wins_b=1, language="en")
        for n in range(number)
    ]
    return derive(
        [*rows, judged(50, "Tied?", ties=2), judged(51, "Same?", "x", "x", wins_a=1), without_text(52, 1)]
    )


def test_an_export_is_three_files_and_its_manifest_says_what_it_is(tmp_path: Path):
    made = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    only = VoteFilter(voter_kinds=(VoterKind.HUMAN,), without_prompts=frozenset({"b", "a"}))
    manifest = exports.write_export(
        tmp_path / "exports" / "first", preferences(), filters=only, created_at=made
    )
    folder = tmp_path / "exports" / "first"
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "manifest.json",
        "preferences.parquet",
    ]
    assert exports.read_manifest(folder) == manifest
    assert (manifest.name, manifest.kind, manifest.pairs, manifest.prompts) == ("first", "dpo", 4, 4)
    assert (manifest.votes, manifest.battles, manifest.agreement) == (16, 7, pytest.approx(2 / 3))
    assert manifest.created_at == "2026-05-04T03:02:01.000000+00:00"
    assert manifest.sha256 == pairs.content_hash(preferences().kept)
    assert manifest.filter["voter_kinds"] == ["human"] and manifest.filter["without_prompts"] == ["a", "b"]
    assert manifest.models == {"one": {"chosen": 4, "rejected": 0}, "two": {"chosen": 0, "rejected": 4}}
    assert manifest.voter_kinds == {"human": 4} and manifest.languages == {"en": 4}
    assert manifest.versions.keys() == {"python", "preference-workbench", "pyarrow"}


def test_the_stored_waterfall_adds_up(tmp_path: Path):
    manifest = exports.write_export(tmp_path / "one", preferences())
    steps = dict(manifest.waterfall)
    assert steps.pop("votes") - sum(steps.values()) + steps["pairs"] == steps["pairs"]
    assert {k: v for k, v in manifest.waterfall.items() if v} == {
        "votes": 16,
        "merged": 4,
        "outvoted": 4,
        "tie": 2,
        "same text": 1,
        "no text": 1,
        "pairs": 4,
    }


def test_pairs_come_back_in_order_and_in_parts(tmp_path: Path):
    kept = list(preferences(7).kept)
    exports.write_export(tmp_path / "one", preferences(7))
    assert exports.load_pairs(tmp_path / "one") == kept
    assert exports.load_pairs(tmp_path / "one", 2, 3) == kept[2:5]
    assert exports.load_pairs(tmp_path / "one", 6, 10) == kept[6:]
    assert exports.load_pairs(tmp_path / "one", 99) == []
    assert exports.prompt_ids(tmp_path / "one") == {pair.prompt_id for pair in kept}
    with pytest.raises(InvalidInput, match="from -1"):
        exports.load_pairs(tmp_path / "one", -1)


def test_the_same_pairs_have_the_same_hash_under_any_name_and_time(tmp_path: Path):
    one = exports.write_export(tmp_path / "one", preferences())
    two = exports.write_export(tmp_path / "two", preferences(), kind="reward")
    assert one.sha256 == two.sha256 and one.created_at != two.created_at
    assert exports.write_export(tmp_path / "three", preferences(5)).sha256 != one.sha256


def test_another_encoding_of_the_file_keeps_the_hash(tmp_path: Path):
    exports.write_export(tmp_path / "one", preferences())
    path = tmp_path / "one" / "preferences.parquet"
    before = path.read_bytes()
    parquet.write_table(parquet.read_table(path), path, compression="zstd", row_group_size=1)
    assert path.read_bytes() != before
    exports.verify(tmp_path / "one")


def test_a_changed_pair_is_noticed(tmp_path: Path):
    exports.write_export(tmp_path / "one", preferences())
    path = tmp_path / "one" / "preferences.parquet"
    parquet.write_table(parquet.read_table(path).slice(1), path)
    with pytest.raises(StoreDamaged, match="are not those it was frozen with"):
        exports.verify(tmp_path / "one")


def test_a_name_that_is_taken_is_a_conflict_and_nothing_changes(tmp_path: Path):
    exports.write_export(tmp_path / "one", preferences())
    before = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    with pytest.raises(Conflict, match="'one' exists"):
        exports.write_export(tmp_path / "one", preferences(2))
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_of_many_writers_of_one_name_one_wins_and_the_others_are_told(tmp_path: Path):
    outcomes: list[str] = []
    barrier = threading.Barrier(6)

    def write(size: int) -> None:
        barrier.wait()
        try:
            outcomes.append(f"{exports.write_export(tmp_path / 'one', preferences(size)).pairs} pairs")
        except Conflict:
            outcomes.append("taken")

    threads = [threading.Thread(target=write, args=(size,)) for size in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("taken") == 5
    assert f"{exports.verify(tmp_path / 'one').pairs} pairs" in outcomes
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_write_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        exports.write_export(tmp_path / "one", preferences())
    assert list(tmp_path.iterdir()) == []


def test_no_pairs_say_where_the_votes_went(tmp_path: Path):
    tied = derive([judged(1, ties=2), judged(2, "Same?", "x", "x", wins_b=3)])
    with pytest.raises(InvalidInput, match=r"no pair to export: of 5 votes went 2 tie, 3 same text\.$"):
        exports.write_export(tmp_path / "one", tied)
    with pytest.raises(InvalidInput, match="no standing vote passes the filter"):
        exports.write_export(tmp_path / "one", derive([]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".hidden", "..", "a\nb", " a", "a ", "x" * 101, "-rf"])
def test_a_name_that_no_folder_should_have_is_refused(tmp_path: Path, name: str):
    with pytest.raises(InvalidInput, match="cannot be named"):
        exports.write_export(Path(f"{tmp_path}/{name}") if name else Path(), preferences())


def test_an_unknown_kind_is_refused(tmp_path: Path):
    with pytest.raises(InvalidInput, match="'sft' is not known"):
        exports.write_export(tmp_path / "one", preferences(), kind="sft")


def test_exports_are_listed_newest_first_without_drafts(tmp_path: Path):
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for name, age in (("b", 2), ("a", 1), ("c", 3)):
        exports.write_export(tmp_path / name, preferences(), created_at=day - timedelta(days=age))
    (tmp_path / ".d.draft").mkdir()
    (tmp_path / ".d.draft" / "manifest.json").write_text("{")
    (tmp_path / "notes").mkdir()
    assert [manifest.name for manifest in exports.list_exports(tmp_path)] == ["a", "b", "c"]
    assert exports.list_exports(tmp_path / "absent") == []


def test_an_export_that_is_not_there_names_those_that_are(tmp_path: Path):
    for ask in (exports.read_manifest, exports.export_file, exports.load_pairs, exports.prompt_ids):
        with pytest.raises(NotFound, match="There is no export 'two'; none has been made yet"):
            ask(tmp_path / "two")
    exports.write_export(tmp_path / "one", preferences())
    with pytest.raises(NotFound, match="no export 'two'; there are one"):
        exports.read_manifest(tmp_path / "two")
    assert exports.export_file(tmp_path / "one") == tmp_path / "one" / "preferences.parquet"


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "one"}', "\udcff"])
def test_a_damaged_manifest_is_one_sentence(tmp_path: Path, text: str):
    exports.write_export(tmp_path / "one", preferences())
    (tmp_path / "one" / "manifest.json").write_text(text, errors="surrogateescape")
    with pytest.raises(StoreDamaged, match=r"manifest\.json cannot be read"):
        exports.read_manifest(tmp_path / "one")


def test_damaged_pairs_are_one_sentence(tmp_path: Path):
    exports.write_export(tmp_path / "one", preferences())
    (tmp_path / "one" / "preferences.parquet").write_bytes(b"PAR1 no longer")
    with pytest.raises(StoreDamaged, match="cannot be read"):
        exports.load_pairs(tmp_path / "one")


def test_datasets_and_trl_read_the_file_unchanged(tmp_path: Path):
    from datasets import load_dataset
    from trl import is_conversational

    exports.write_export(tmp_path / "one", preferences())
    loaded = load_dataset(
        "parquet",
        data_files=str(exports.export_file(tmp_path / "one")),
        split="train",
        cache_dir=str(tmp_path / "cache"),
    )
    assert loaded.column_names == list(pairs.COLUMNS)
    assert loaded.to_list() == [pairs.row_of(pair) for pair in preferences().kept]
    assert all(is_conversational(row) for row in loaded)


def test_the_card_stands_in_the_export_as_it_is_made(tmp_path: Path):
    manifest = exports.write_export(tmp_path / "one", preferences())
    card = (tmp_path / "one" / "README.md").read_text()
    assert manifest.sha256 in card
    assert json.loads((tmp_path / "one" / "manifest.json").read_text()) == manifest.as_dict()
