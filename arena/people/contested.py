"""Battles that voters disagree on, and in which order they are worth another look."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Contested:
    """A battle on which voters gave different outcomes, names included; a tie and both bad are one outcome.

    `prompt` is what the user said last, `None` where only the votes are known. `disagreement` is the share of pairs
    of its voters that differ. `expected` is the chance that two further voters would differ, which ranks the battles:
    with one vote beforehand, spread over the three outcomes (a Dirichlet prior of 1/3 each), five against five comes
    before one against one. `votable` says whether it takes more votes.
    """

    battle_id: UUID
    prompt: str | None
    model_a: str
    model_b: str
    wins_a: int
    wins_b: int
    ties: int
    both_bad: int
    disagreement: float
    expected: float
    votable: bool

    @property
    def votes(self) -> int:
        """Return how many voters voted on it."""
        return self.wins_a + self.wins_b + self.ties + self.both_bad

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)
