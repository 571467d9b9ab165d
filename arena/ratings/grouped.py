"""Votes summed by pair, outcome and one thing more that they share: their voter, their prompt, their battle.

All that clustered intervals, weights of voters, influence and leave-one-out need, at a fraction of the rows.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

By = Literal["voter", "prompt", "battle", "prompt+voter"]
SEPARATOR = "\x1f"
"""What stands between a prompt's id and a voter where votes are summed by both."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupedCounts:
    """Standing votes in rows of equal (group, pair, outcome); arrays are of shape (rows,), sorted by group.

    `group` is a place in `groups`: a voter's `kind:name`, a prompt's id, a battle's id, or a prompt's id and a voter
    with `SEPARATOR` between. A battle without a prompt is a group of its own under its battle's id. `model_a` and
    `model_b` are places in `names` with `model_a < model_b`, `winner` a place in `OUTCOMES` seen from that order,
    `votes` how many there are.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    group: npt.NDArray[np.int32]
    model_a: npt.NDArray[np.int32]
    model_b: npt.NDArray[np.int32]
    winner: npt.NDArray[np.int8]
    votes: npt.NDArray[np.int64]

    def by_prompt(self) -> "GroupedCounts":
        """Return votes summed by prompt and voter as groups of prompts; each row keeps its voter's votes apart."""
        prompts = [group.partition(SEPARATOR)[0] for group in self.groups]
        groups, place = np.unique(np.array(prompts, dtype=object), return_inverse=True)
        return replace(self, groups=tuple(groups.tolist()), group=place.astype(np.int32)[self.group])
