"""How results travel that are no plain values: the few types that have a form of their own.

All others are frozen dataclasses, which pydantic writes and reads as they are.
"""

import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from arena.leaderboard import WinMatrix
from training.config import RunConfig
from training.run import Run
from training.state import Status

_LOG_LINES = 200
"""So many lines of a run's log travel with it, the last ones."""


@dataclass(frozen=True, slots=True)
class Form:
    """How values of a type travel: as values of `hint`, which `dump` makes of them and `load` turns back."""

    hint: Any
    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class WinMatrixForm:
    """Shares of wins of row against column, null where the two never met, and numbers of votes."""

    names: list[str]
    win_rate: list[list[float | None]]
    votes: list[list[int]]

    def matrix(self) -> WinMatrix:
        """Return the matrix this stands for."""
        shape = (len(self.names), len(self.names))
        rates = [[np.nan if rate is None else rate for rate in row] for row in self.win_rate]
        return WinMatrix(
            tuple(self.names),
            np.array(rates, dtype=np.float64).reshape(shape),
            np.array(self.votes, dtype=np.int64).reshape(shape),
        )


@dataclass(frozen=True, slots=True)
class RunForm:
    """A training run at one moment; `log` holds the last lines of its log.

    Whoever shares the home's machine opens `folder` and sees it go on.
    """

    name: str
    folder: Path
    config: RunConfig
    status: Status
    result: dict[str, Any] | None
    dataset: dict[str, Any]
    log: str

    @classmethod
    def of(cls, run: Run) -> "RunForm":
        """Return a run as it is now."""
        return cls(
            run.name, run.folder, run.config, run.status, run.result, run.dataset, run.log_tail(_LOG_LINES)
        )


def _same(value: Any) -> Any:
    return value


_FORMS: dict[Any, Form] = {
    WinMatrix: Form(
        WinMatrixForm, lambda matrix: WinMatrixForm(**matrix.as_dict()), lambda form: form.matrix()
    ),
    Run: Form(RunForm, RunForm.of, lambda form: Run(form.folder)),
}


@cache
def form_of(hint: Any) -> Form:
    """Return how values of a type travel, lists of such values too."""
    if hint in _FORMS:
        return _FORMS[hint]
    inner = typing.get_args(hint)
    if typing.get_origin(hint) is list and inner[0] in _FORMS:
        item = _FORMS[inner[0]]
        return Form(
            list[item.hint],  # type: ignore[name-defined]
            lambda values: [item.dump(value) for value in values],
            lambda values: [item.load(value) for value in values],
        )
    return Form(hint, _same, _same)
