"""The loops of Elo over votes: each vote needs what the one before it left, so no vector operation takes them at once.

Short histories go through Python. Long ones go through the same loops compiled by numba, which is imported only then:
half a second, and a few seconds once on a machine to compile (what was compiled is kept beside this file). Ten million
votes take a fifth of a second then instead of four.
"""

from collections.abc import Callable
from functools import cache
from math import exp, log
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]

SCALE = 400.0
"""Points that make the odds ten to one."""
LONG = 2_000_000
"""Steps from which compiling is worth its while."""

_RATE = log(10.0) / SCALE


def run(ratings: Floats, model_a: Places, model_b: Places, scores: Floats, k: float) -> None:
    """Move `ratings` (models,), in place, through votes in order; `scores` are those of side A, one a vote."""
    if len(scores) >= LONG:
        _compiled(_run)(ratings, model_a, model_b, scores, k)
        return
    moved = ratings.tolist()
    _run(moved, model_a.tolist(), model_b.tolist(), scores.tolist(), k)
    ratings[:] = moved


def walk(
    table: Floats, model_a: Places, model_b: Places, scores: Floats, drawn: npt.NDArray[np.uint8], k: float
) -> None:
    """Move the ratings of many rounds, (models, rounds), in place.

    `drawn` (votes, rounds) says how often a vote counts in a round.
    """
    if drawn.size >= LONG:
        _compiled(_walk_each)(table, model_a, model_b, scores, drawn, k)
    else:
        _walk_together(table, model_a, model_b, scores, drawn, k)


@cache
def _compiled(loop: Callable[..., None]) -> Callable[..., None]:
    import numba

    compiled: Callable[..., None] = numba.njit(cache=True, nogil=True)(loop)
    return compiled


def _run(ratings: Any, model_a: Any, model_b: Any, scores: Any, k: float) -> None:
    for i in range(len(scores)):
        a, b = model_a[i], model_b[i]
        step = k * (scores[i] - 1.0 / (1.0 + exp(_RATE * (ratings[b] - ratings[a]))))
        ratings[a] += step
        ratings[b] -= step


def _walk_each(table: Any, model_a: Any, model_b: Any, scores: Any, drawn: Any, k: float) -> None:
    for i in range(len(scores)):
        a, b = model_a[i], model_b[i]
        for j in range(table.shape[1]):
            times = drawn[i, j]
            if times:
                step = scores[i] - 1.0 / (1.0 + exp(_RATE * (table[b, j] - table[a, j])))
                step *= k * times
                table[a, j] += step
                table[b, j] -= step


def _walk_together(
    table: Floats, model_a: Places, model_b: Places, scores: Floats, drawn: npt.NDArray[np.uint8], k: float
) -> None:
    weights = drawn * k
    expected, step = np.empty(table.shape[1]), np.empty(table.shape[1])
    for i, (a, b, score) in enumerate(zip(model_a.tolist(), model_b.tolist(), scores.tolist(), strict=True)):
        row_a, row_b = table[a], table[b]
        np.subtract(row_b, row_a, out=expected)
        expected *= _RATE
        np.exp(expected, out=expected)
        expected += 1.0
        np.reciprocal(expected, out=expected)
        np.subtract(score, expected, out=step)
        step *= weights[i]
        row_a += step
        row_b -= step
