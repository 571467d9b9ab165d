"""A real store, small files of other people's forms, and the real data where it is at hand."""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from arena.store import Store

REAL = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "home" / "workbench.duckdb") as opened:
        yield opened


@pytest.fixture
def real() -> Path:
    """The folder of recorded public data."""
    if not REAL.is_dir():
        pytest.skip(f"the recorded public data is not at {REAL}")
    return REAL


Write = Callable[[str, str | bytes | Sequence[dict]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file under a name: text, bytes, or rows as JSON lines; gzipped if the name says so."""

    def to_file(name: str, content: str | bytes | Sequence[dict]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str | bytes):
            content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return to_file
