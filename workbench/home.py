"""A home folder, open: its settings, its store and its models. The verbs stand on this.

`Home` owns the database while it is open; everything else (exports, runs) is plain folders beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from arena.errors import InvalidInput, NotFound
from arena.models import Model, ModelPool
from arena.store import Store
from arena.types import ModelKind, ModelSpec, Prompt
from judges.metrics import registry
from workbench.jobs import Jobs
from workbench.settings import Settings, load_settings

DATABASE = "workbench.duckdb"
PATH_OPTIONS = ("path", "adapter")
"""Options of a local model that name folders; stored relative to the home when they lie in it."""

OWN_OPTIONS = ("sets", "promoted", "aliases")
"""Options that say where a model is paired (`sets`: prompt sets), what became of it, and what else it is called
(`aliases`), not how it is opened."""


class Home:
    """One open home; close it, or use it as a context manager."""

    def __init__(self, home: Path, settings: Settings, store: Store, rng: np.random.Generator) -> None:
        self.home = home
        self.settings = settings
        self.store = store
        self.pool = ModelPool(store.answers.recorded)
        self.rng = rng
        self.jobs = Jobs(store.jobs)
        for entry in settings.models:
            self.store.models.add(entry.as_spec(), replace=True)
        for judge in settings.judges:
            self.store.judges.add(judge.as_spec(), replace=True)

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
    def templates_folder(self) -> Path:
        """Where this home's own judge templates stand."""
        return self.home / "templates"

    @property
    def runs_folder(self) -> Path:
        """Where training runs stand."""
        return self.home / "runs"

    def close(self) -> None:
        """Stop jobs, release models and database; everything acknowledged is on disk."""
        self.jobs.close()
        self.pool.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def open_model(self, spec: ModelSpec) -> Model:
        """Return the model ready to answer; weights load when it is first asked."""
        return self.pool.open(self.resolved(spec))

    def resolved(self, spec: ModelSpec) -> ModelSpec:
        """Return the spec as the arena opens it: paths inside the home absolute, our own options left out."""
        options = {key: value for key, value in spec.options.items() if key not in OWN_OPTIONS}
        options |= {
            key: str(self.home / spec.options[key]) for key in PATH_OPTIONS if self._inside(spec, key)
        }
        return replace(spec, options=options)

    def portable(self, spec: ModelSpec) -> ModelSpec:
        """Return the spec with paths inside the home made relative, so that copying the folder moves the models."""
        root = self.home.resolve()
        paths = {key: Path(spec.options[key]).resolve() for key in PATH_OPTIONS if spec.options.get(key)}
        moved = {key: str(path.relative_to(root)) for key, path in paths.items() if path.is_relative_to(root)}
        return replace(spec, options={**spec.options, **moved}) if moved else spec

    def _inside(self, spec: ModelSpec, key: str) -> bool:
        path: str | None = spec.options.get(key)
        return path is not None and not Path(path).is_absolute() and (self.home / path).exists()

    def prompts_of(self, set_names: Iterable[str]) -> list[Prompt]:
        """Return the prompts of several sets, each prompt once, in order.

        Raises:
            NotFound: there is no set of that name; the message lists those there are.
        """
        known = self.store.prompts.sets()
        for name in set_names:
            if name not in known:
                raise NotFound(
                    f"There is no prompt set {name!r}: the sets here are {', '.join(known) or 'none'}."
                )
        unique = {p.prompt_id: p for name in set_names for p in self.store.prompts.list(name)}
        return list(unique.values())

    def metric_options(self, metric: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the options of a metric: those in the settings under those `given`.

        Its `model` may be the name of a local model registered here, or a folder, which is looked for in the home
        first; so may other folders.

        Raises:
            NotFound: there is no metric of that name.
        """
        info = registry.find(metric)
        options = {**self.settings.metrics.get(info.name, {}), **(given or {})}
        named = {spec.name: spec for spec in self.store.models.list() if spec.kind is ModelKind.LOCAL}
        if (spec := named.get(options.get("model", ""))) is not None:
            own = self.resolved(spec).options
            known = {key: own[key] for key in ("adapter", "four_bit", "dtype", "device") if key in own}
            kept = {key: value for key, value in known.items() if key in info.options}
            options = {**kept, **options, "model": own["path"]}
        return {key: self._placed(value) for key, value in options.items()}

    def _placed(self, value: Any) -> Any:
        """Return a relative folder as it stands in the home, anything else as it is."""
        relative = isinstance(value, str) and value and not Path(value).is_absolute()
        return str(self.home / value) if relative and (self.home / value).is_dir() else value


def folder_name(name: str) -> str:
    """Return `name` if it can be a folder's name on any system, else raise `InvalidInput`."""
    if not name or name != name.strip(". ") or set(name) & set('/\\:*?"<>|\0\n\t'):
        raise InvalidInput(f"{name!r} cannot be a folder's name: use letters, digits, '-', '_' and '.'.")
    return name
