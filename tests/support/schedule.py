"""How tests are shared out when the suite runs in several processes.

A file's tests stay together, since they share what is dear to make; all browser tests stay in one process, with one
Chromium and one set of servers. The dear ones begin first, so that no process is left with a long one at the end.
"""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = "tests/browser/"
DEAR = (TOGETHER, "tests/e2e/", "tests/training/", "tests/docs/", "tests/benchmarks/", "tests/arena/models/")
"""Folders in the order in which they begin; all others follow as they are found."""


class ByFile(LoadScopeScheduling):
    """Gives a file to one process, browser tests all to one, in the order of the collection."""

    def __init__(self, config: pytest.Config, log: object = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.split("::", 1)[0]


def dear_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with the dear folders in front."""

    def rank(item: pytest.Item) -> int:
        return next((i for i, folder in enumerate(DEAR) if item.nodeid.startswith(folder)), len(DEAR))

    return sorted(items, key=rank)
