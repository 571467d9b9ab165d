"""How results travel that are no plain values: the few types whose JSON form has to be said.

All others are frozen dataclasses, which pydantic writes and reads as they are.
"""

import typing
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, PlainSerializer, PlainValidator, WithJsonSchema

from arena.leaderboard import WinMatrix


class WinMatrixForm(BaseModel):
    """Shares of wins of row against column, null where the two never met, and numbers of votes."""

    names: list[str]
    win_rate: list[list[float | None]]
    votes: list[list[int]]


def _read_matrix(value: Any) -> WinMatrix:
    if isinstance(value, WinMatrix):
        return value
    form = WinMatrixForm.model_validate(value)
    shape = (len(form.names), len(form.names))
    rates = [[np.nan if rate is None else rate for rate in row] for row in form.win_rate]
    return WinMatrix(
        tuple(form.names),
        np.array(rates, dtype=np.float64).reshape(shape),
        np.array(form.votes, dtype=np.int64).reshape(shape),
    )


_FORMS: dict[Any, Any] = {
    WinMatrix: Annotated[
        WinMatrix,
        PlainValidator(_read_matrix),
        PlainSerializer(lambda matrix: matrix.as_dict()),
        WithJsonSchema(WinMatrixForm.model_json_schema()),
    ],
}


def wired(hint: Any) -> Any:
    """Return a type with those parts exchanged that need a form of their own."""
    if hint in _FORMS:
        return _FORMS[hint]
    inner = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if not inner or origin is Annotated or not any(part in _FORMS for part in inner):
        return hint
    changed = tuple(wired(part) for part in inner)
    return origin[changed] if origin is not None else hint
