"""Votes between a baseline and everybody who met it, with how long both answers were."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Equal votes on a battle with the `baseline` in one row, as its opponent sees them; arrays are of shape (rows,).

    `model` is the opponent's place in `names` (sorted), `prompt` a place in `prompts`; a battle without a prompt is a
    prompt of its own under its id. `points` are what the opponent got: 1, 0, or 0.5 for a tie or both bad. `votes` is
    how many votes the row stands for, `longer` by how many characters the opponent's answer is the longer one, summed
    over the turns. `unread` votes more stand on battles without stored answers.
    """

    baseline: str
    names: tuple[str, ...]
    prompts: tuple[str, ...]
    model: Ints
    prompt: Ints
    points: Floats
    votes: npt.NDArray[np.int64]
    longer: Floats
    unread: int = 0

    def of(self, model: str) -> npt.NDArray[np.bool_]:
        """Return which rows are those of an opponent, none for a name that never met the baseline."""
        place = self.names.index(model) if model in self.names else -1
        return self.model == place
