"""A home folder, open: its settings, its store and its models. The verbs stand on this.

`Home` owns the database while it is open; everything else (exports, runs) is plain folders beside it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np

from arena.errors import NotFound
from arena.models import ModelPool
from arena.store import Store
from arena.types import Prompt
from workbench.settings import Settings, load_settings

DATABASE = "workbench.duckdb"


class Home:
    """One open home; close it, or use it as a context manager."""

    def __init__(self, home: Path, settings: Settings, store: Store, rng: np.random.Generator) -> None:
        self.home = home
        self.settings = settings
        self.store = store
        self.pool = ModelPool(store.answers.recorded)
        self.rng = rng
        for entry in settings.models:
            self.store.models.add(entry.as_spec(), replace=True)

    @classmethod
    def open(cls, home: Path, *, create: bool = True, seed: int | None = None) -> Self:
        """Open the home at `home`, making it when `create`.

        Raises:
            NotFound: there is no home there and `create` is false.
            InvalidInput: its settings file cannot be used.
            StoreLocked: another process has it open.
        """
        if not create and not (home / DATABASE).exists():
            raise NotFound(
                f"There is no workbench at {home}: start one with `workbench demo` or `workbench import`, "
                "or name its folder with --home."
            )
        settings = load_settings(home)
        return cls(home, settings, Store.open(home / DATABASE), np.random.default_rng(seed))

    @property
    def exports_folder(self) -> Path:
        """Where frozen exports stand."""
        return self.home / "exports"

    @property
    def runs_folder(self) -> Path:
        """Where training runs stand."""
        return self.home / "runs"

    def close(self) -> None:
        """Release models and database; everything acknowledged is on disk."""
        self.pool.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def prompts_of(self, set_names: Iterable[str]) -> list[Prompt]:
        """Return the prompts of several sets, each prompt once, in order."""
        unique = {p.prompt_id: p for name in set_names for p in self.store.prompts.list(name)}
        return list(unique.values())
