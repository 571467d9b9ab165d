"""People's votes beside one judge's on the same battles: what prediction-powered ratings are made of."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from arena.types import Voter

Strata = Literal["pair", "category", "all"]
"""Among which of the judge's battles people's are taken for a random draw: those of a pair, those of a pair and a
prompt's category, or all."""


@dataclass(frozen=True, slots=True, eq=False)
class JointCounts:
    """Battles that people or the judge voted on, in rows of equal values; arrays are of shape (rows,).

    `model_a` and `model_b` are places in `names`, `model_a < model_b`; `stratum` numbers the battles that are compared
    with each other, all of one pair. `votes` is how many people voted on one such battle and `points` what `model_a`
    took from them (ties as half); `verdict` is the judge's outcome for `model_a` from 0 to 1, NaN where it has no vote.
    `battles` is how many such battles there are. `cluster` numbers what resembles each other beyond the battle (a
    prompt), `None` where each battle stands for itself. With `pooled` the judge's battles of all pairs are put together
    by its own ratings, and strata do not matter.
    """

    judge: Voter
    names: tuple[str, ...]
    model_a: npt.NDArray[np.int32]
    model_b: npt.NDArray[np.int32]
    stratum: npt.NDArray[np.int32]
    votes: npt.NDArray[np.float64]
    points: npt.NDArray[np.float64]
    verdict: npt.NDArray[np.float64]
    battles: npt.NDArray[np.float64]
    cluster: npt.NDArray[np.int32] | None = None
    pooled: bool = False
