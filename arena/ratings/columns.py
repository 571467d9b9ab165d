"""What can be made from vote columns: counts, scores, and columns from named votes.

Columns are checked here before a rating reads them: a code outside its range is refused, so that no rating
ever takes an unknown outcome for a tie.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.types import OUTCOMES, PairCount, VoteColumns, Winner

_SCORE_OF_A = np.array([1.0, 0.0, 0.5, 0.5])


def check(columns: VoteColumns) -> None:
    """Raise `InvalidInput` for unequal lengths, a code outside its range, or a model that meets itself."""
    lengths = (len(columns.model_a), len(columns.model_b), len(columns.winner))
    if len(set(lengths)) > 1:
        raise InvalidInput(f"The vote columns have {lengths[0]}, {lengths[1]} and {lengths[2]} rows.")
    if not lengths[0]:
        return
    _check_range("model_a", columns.model_a, len(columns.names))
    _check_range("model_b", columns.model_b, len(columns.names))
    _check_range("winner", columns.winner, len(OUTCOMES))
    own = np.flatnonzero(columns.model_a == columns.model_b)
    if own.size:
        name = columns.names[int(columns.model_a[own[0]])]
        raise InvalidInput(f"Vote {int(own[0]) + 1} compares {name!r} with itself; a vote needs two models.")


def _check_range(name: str, codes: npt.NDArray[np.integer], limit: int) -> None:
    low, high = int(codes.min()), int(codes.max())
    if low < 0 or high >= limit:
        value = low if low < 0 else high
        raise InvalidInput(f"Column {name} holds the code {value}; codes run from 0 to {limit - 1}.")


def from_votes(votes: Iterable[tuple[str, str, Winner]], names: Iterable[str] = ()) -> VoteColumns:
    """Make columns from (model_a, model_b, winner) in vote order.

    `names` come first in the result; further models follow in the order in which they appear.
    """
    code: dict[str, int] = {name: i for i, name in enumerate(dict.fromkeys(names))}
    of_winner = {winner: i for i, winner in enumerate(OUTCOMES)}
    rows = [
        (code.setdefault(a, len(code)), code.setdefault(b, len(code)), of_winner[winner])
        for a, b, winner in votes
    ]
    table = np.array(rows, dtype=np.int32).reshape(-1, 3)
    return VoteColumns(tuple(code), table[:, 0].copy(), table[:, 1].copy(), table[:, 2].astype(np.int8))


def scores_of_a(columns: VoteColumns) -> npt.NDArray[np.float64]:
    """Return the score of side a per vote, shape (votes,): 1, 0, and 0.5 for a tie or both bad."""
    return _SCORE_OF_A[columns.winner]


def pair_counts(columns: VoteColumns) -> list[PairCount]:
    """Count the outcomes of each ordered pair (model_a, model_b), in the order of the codes."""
    check(columns)
    m, w = len(columns.names), len(OUTCOMES)
    if not len(columns.winner):
        return []
    key = (columns.model_a.astype(np.int64) * m + columns.model_b) * w + columns.winner
    keys, numbers = np.unique(key, return_counts=True)
    table: dict[int, list[int]] = {}
    for k, n in zip(keys.tolist(), numbers.tolist(), strict=True):
        table.setdefault(k // w, [0] * w)[k % w] = n
    return [
        PairCount(columns.names[pair // m], columns.names[pair % m], *counts)
        for pair, counts in table.items()
    ]
