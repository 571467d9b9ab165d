"""How two answers that come at different speeds are shown at one.

Time to first word, speed and who finishes first are hints about a model, so both sides are uncovered together: nothing
before both have text (or a long wait has passed), never more of one side than the slower one has written, and the rest
at a steady rate once both are complete. A recorded text, there at once, looks like one being written.
"""

import math
from dataclasses import dataclass

FIRST_WAIT = 10.0
"""Seconds one side's first word is held back for the other's."""

CATCH_UP = 0.3
"""Seconds over which a backlog of text is smoothed while the answers are being written."""

TAIL = 1.2
"""Seconds at most between the last word written and the whole text shown."""

SLOWEST = 160.0
"""Characters per second that are always shown when they are there."""


@dataclass(slots=True)
class Side:
    """What one side has written so far, and whether it will write more."""

    text: str = ""
    complete: bool = False


class Pace:
    """Decides how many characters of both sides are uncovered; call `step` once a tick."""

    def __init__(self, side_a: Side, side_b: Side) -> None:
        self.shown = 0
        self._sides = (side_a, side_b)
        self._waited = 0.0
        self._tail_speed: float | None = None

    @property
    def complete(self) -> bool:
        """Whether both sides are complete and all of their text is uncovered."""
        return all(side.complete and len(side.text) <= self.shown for side in self._sides)

    def step(self, seconds: float) -> None:
        """Uncover what `seconds` more of time allow."""
        if not self._begun(seconds):
            return
        backlog = self._available() - self.shown
        if backlog <= 0:
            return
        if all(side.complete for side in self._sides):
            if self._tail_speed is None:
                self._tail_speed = max(SLOWEST, backlog / TAIL)
            allowed = self._tail_speed * seconds
        else:
            allowed = max(SLOWEST * seconds, backlog * min(1.0, seconds / CATCH_UP))
        self.shown += min(backlog, max(1, math.ceil(allowed)))

    def texts(self) -> tuple[str, str]:
        """Return the uncovered text of both sides."""
        first, second = self._sides
        return first.text[: self.shown], second.text[: self.shown]

    def _begun(self, seconds: float) -> bool:
        if self.shown or all(side.text or side.complete for side in self._sides):
            return True
        if any(side.text for side in self._sides):
            self._waited += seconds
        return self._waited > FIRST_WAIT

    def _available(self) -> int:
        """Return how many characters may be uncovered: no more than the slower side has, unless it is complete."""
        writing = [len(side.text) for side in self._sides if not side.complete]
        if self._waited > FIRST_WAIT:
            writing = [length for length in writing if length]
        return min(writing) if writing else max(len(side.text) for side in self._sides)
