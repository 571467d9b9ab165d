"""Any table of votes comes through every container with the same counts, in the same order."""

import csv
import gzip
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.formats import import_file
from arena.formats.detect import fields_of
from arena.formats.options import Options
from arena.formats.source import open_source
from arena.formats.votes import LABELS, read_votes
from arena.types import OUTCOMES, Message, VoteFilter

KINDS = ("csv", "csv.gz", "jsonl", "json", "parquet")

text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
name = text.map(lambda s: "m" + s.strip() + ".")
label = st.sampled_from(["model_a", "model_b", "tie", "tie (bothbad)"])


@st.composite
def tables(draw):
    names = draw(st.lists(name, min_size=2, max_size=5, unique_by=lambda n: n.strip(" \t\r\n")))
    rows = []
    for place in range(draw(st.integers(1, 12))):
        a, b = draw(st.permutations(names))[:2]
        cells = {"model_a": a, "model_b": b, "winner": draw(label), "voter": f"v{place % 3}"}
        rows.append(
            cells | {"prompt": "p" + draw(text), "response_a": draw(text), "response_b": draw(text) + "."}
        )
    return rows


def written(folder: Path, kind: str, rows: list[dict]) -> Path:
    path = folder / f"votes.{kind}"
    if kind.startswith("parquet"):
        parquet.write_table(pa.Table.from_pylist(rows), path)
        return path
    if kind.startswith("csv"):
        buffer = io.StringIO(newline="")
        table = csv.DictWriter(buffer, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
        data = buffer.getvalue().encode()
    elif kind.startswith("jsonl"):
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    else:
        data = json.dumps(rows, ensure_ascii=False, indent=1).encode()
    path.write_bytes(gzip.compress(data) if kind.endswith("gz") else data)
    return path


def read(path: Path) -> list[dict]:
    """The rows that would be stored, prompts by their texts, from the containers' common reader."""
    source = open_source(path)
    parcel, count, rejects = read_votes(source, Options("set", True, fields_of(source)))
    assert (len(rejects), parcel.staged.num_rows) == (0, count)
    rows = sorted(parcel.staged.to_pylist(), key=lambda row: row["row_number"])
    asked = {prompt_id: prompt.messages for prompt_id, prompt in parcel.prompts.items()}
    return [{**row, "battle_key": None, "prompt_id": asked[row["prompt_id"]]} for row in rows]


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_every_container_gives_the_same_votes(rows):
    with TemporaryDirectory() as folder:
        found = [read(written(Path(folder), kind, rows)) for kind in KINDS]
    assert all(other == found[0] for other in found[1:])
    for row, staged in zip(rows, found[0], strict=True):
        assert (staged["model_a"], staged["model_b"]) == (
            row["model_a"].strip(" "),
            row["model_b"].strip(" "),
        )
        assert (staged["winner"], staged["voter"]) == (LABELS[row["winner"]], row["voter"])
        assert staged["prompt_id"] == (Message("user", row["prompt"]),)
        assert (staged["text_a"], staged["text_b"]) == (row["response_a"], row["response_b"])


@pytest.mark.parametrize("kind", KINDS)
def test_votes_in_every_container_reach_the_store(store, tmp_path, kind):
    rows = [
        {"model_a": a, "model_b": b, "winner": winner}
        for a, b, winner in (
            ("ada", "bob", "model_a"),
            ("cyd", "ada", "tie"),
            ("bob", "cyd", "tie (bothbad)"),
        )
    ]
    report = import_file(store, written(tmp_path, kind, rows), "votes")
    assert (report.votes_added, report.rows_read, report.models_added) == (3, 3, 3)
    columns = store.votes.outcomes(VoteFilter())
    assert [columns.names[code] for code in columns.model_b] == ["bob", "ada", "cyd"]
    assert [OUTCOMES[code] for code in columns.winner] == ["model_a", "tie", "both_bad"]


def test_a_large_file_keeps_its_order_and_its_lines(store, tmp_path):
    rows = 200_000
    lines = [f"{i},m{i % 7},m{7 + i % 5},model_{'ab'[i % 2]},v{i % 1000}\n" for i in range(rows)]
    lines[150_000] = "150000,m1,m2,nobody,v1\n"
    path = tmp_path / "large.csv"
    path.write_text("question_id,model_a,model_b,winner,voter\n" + "".join(lines))
    report = import_file(store, path, "votes", skip_bad=True)
    assert [reject.line for reject in report.rejects] == [150_002]
    columns = store.votes.outcomes(VoteFilter())
    kept = [i for i in range(rows) if i != 150_000]
    assert columns.winner.tolist() == [i % 2 for i in kept]
    assert [columns.names[code] for code in columns.model_a] == [f"m{i % 7}" for i in kept]


def test_what_cannot_be_imported_says_what_can(store, write):
    with pytest.raises(InvalidInput, match="'votez' cannot be imported"):
        import_file(store, write("v.csv", "a,b\n"), "votez")


def test_importing_the_formats_pulls_no_heavy_library():
    import subprocess
    import sys

    code = "import sys, arena.formats; print([m for m in ('torch', 'pandas', 'pyarrow', 'gradio') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
