"""Token choice for a batch whose rows have their own temperature, top-p and seed.

`generate` draws a whole batch with one setting and one generator. Here each row draws one uniform number a step from
its own generator and the token is found by inverting its own distribution, so an answer with a seed does not depend on
who shares the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Draw:
    """How one row chooses its tokens; temperature 0 takes the most likely one."""

    temperature: float
    top_p: float
    rng: np.random.Generator


class RowwiseDraw:
    """A logits processor for greedy search that leaves, in rows that sample, only the token drawn."""

    def __init__(self, rows: Sequence[Draw]) -> None:
        self._rows = rows
        self._sampling = [index for index, row in enumerate(rows) if row.temperature > 0]
        self.broken = [False] * len(rows)
        """Rows whose last scores were no numbers, as those of diverged weights are; their token means nothing."""

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """Return scores (rows, vocabulary) whose largest entry in each row is that row's choice."""
        import torch

        self.broken = (~torch.isfinite(scores.amax(dim=-1))).tolist()
        if not self._sampling:
            return scores
        rows = [self._rows[index] for index in self._sampling]
        where = torch.tensor(self._sampling, device=scores.device)
        temperature = _column(scores, [row.temperature for row in rows])
        # The most likely token at 0, so that a tiny temperature cannot overflow.
        logits = scores[where] - scores[where].max(dim=-1, keepdim=True).values
        probabilities = torch.softmax(logits / temperature, dim=-1)
        uniform = _column(scores, [row.rng.random() for row in rows])
        if all(row.top_p >= 1 for row in rows):
            chosen = _invert(probabilities, uniform)
        else:
            ordered, order = probabilities.sort(dim=-1, descending=True)
            before = ordered.cumsum(dim=-1) - ordered
            ordered = ordered.masked_fill(before >= _column(scores, [row.top_p for row in rows]), 0.0)
            chosen = order.gather(-1, _invert(ordered, uniform))
        only = torch.full_like(scores[where], -torch.inf).scatter_(-1, chosen, 0.0)
        return scores.index_copy(0, where, only)


def _column(like: "torch.Tensor", values: Sequence[float]) -> "torch.Tensor":
    import torch

    return torch.tensor(values, device=like.device, dtype=like.dtype)[:, None]


def _invert(weights: "torch.Tensor", uniform: "torch.Tensor") -> "torch.Tensor":
    """Return, for each row of unnormalised `weights`, the index where their sum passes the share `uniform` of it."""
    import torch

    sums = weights.cumsum(dim=-1)
    found = torch.searchsorted(sums, uniform * sums[:, -1:], right=True)
    # Rounding may leave nothing above the share; the last index that has any weight is then meant.
    last = (
        (weights > 0)
        .int()
        .mul(torch.arange(weights.shape[-1], device=weights.device))
        .amax(dim=-1, keepdim=True)
    )
    return torch.minimum(found, last)
