"""An open store for the jobs of these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.store import Store
from workbench.jobs import Jobs


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store in a file."""
    with Store.open(tmp_path / "workbench.duckdb") as store:
        yield store


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    """The jobs of that store, ended with the test."""
    jobs = Jobs(store.jobs)
    yield jobs
    jobs.close(5)
