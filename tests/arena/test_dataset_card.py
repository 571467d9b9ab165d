from pathlib import Path
from typing import Any

import pytest

from arena import exports
from arena.dataset_card import dataset_card
from arena.preferences import derive
from arena.types import VoteFilter, VoterKind
from tests.arena.judged import judged


@pytest.fixture
def manifest(tmp_path: Path) -> dict[str, Any]:
    rows = [
        judged(1, wins_a=3, wins_b=1, language="en", models=("a|b", "two")),
        judged(2, "And south?", wins_b=1, language="de", kinds=(VoterKind.JUDGE, VoterKind.SIMULATED)),
        judged(3, "And west?", ties=4),
    ]
    only = VoteFilter(without_prompts=frozenset(f"p{i}" for i in range(300)))
    return exports.write_export(tmp_path / "north", derive(rows), filters=only).as_dict()


def rows_of(card: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = card.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.replace("\\|", "\0").strip("|").split("|")] for line in lines[2:]]


def test_the_front_matter_is_yaml_that_hubs_read(manifest: dict[str, Any]):
    import yaml

    card = dataset_card(manifest)
    head = yaml.safe_load(card.split("---\n")[1])
    assert head == {
        "pretty_name": "north",
        "license": "unknown",
        "language": ["de", "en"],
        "tags": ["preference", "trl", "dpo"],
        "configs": [{"config_name": "default", "data_files": "preferences.parquet"}],
    }


def test_the_waterfall_in_the_card_adds_up(manifest: dict[str, Any]):
    first, *steps, last = [
        int(row[1].strip("*").replace(",", ""))
        for row in rows_of(dataset_card(manifest), "From votes to pairs")
    ]
    assert (first, last) == (9, 2)
    assert first + sum(steps) == last


def test_every_column_and_model_has_a_row(manifest: dict[str, Any]):
    card = dataset_card(manifest)
    assert [row[0].strip("`") for row in rows_of(card, "Columns")] == list(manifest["columns"])
    assert rows_of(card, "Models") == [["a\0b", "1", "0"], ["one", "0", "1"], ["two", "1", "1"]]


def test_voters_who_are_not_people_are_named(manifest: dict[str, Any]):
    card = dataset_card(manifest)
    assert "people (1 preference pair)" in card
    assert "not people" in card and "Automatic judges have habits" in card


def test_people_alone_need_no_warning_of_machines(tmp_path: Path):
    card = dataset_card(exports.write_export(tmp_path / "north", derive([judged(1, wins_a=1)])).as_dict())
    assert "Simulated" not in card and "Automatic judges" not in card
    assert "Languages: not recorded" in card and "language:" not in card


def test_a_long_filter_is_not_written_out(manifest: dict[str, Any]):
    card = dataset_card(manifest)
    assert '"without_prompts": "300 values, see manifest.json"' in card
    assert "p299" not in card


def test_the_loading_lines_run(manifest: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    code = dataset_card(manifest).split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path / "north")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    found: dict[str, Any] = {}
    exec(code, found)
    assert len(found["pairs"]) == 2
