"""A voter made of a rule and some noise, for demonstrations and tests of the whole loop.

Its votes are cast as kind `simulated`, so they are never taken for people's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from arena.errors import InvalidInput, NotVotable
from arena.types import DEFAULT_CRITERION, Battle, Vote, Voter, VoterKind, Winner


@dataclass(frozen=True, slots=True)
class SimulatedVoter:
    """Votes for the side with the advantage, calls small ones a tie, and errs at a known rate.

    `advantage` says by how much side a is better (below zero: side b), in the rule's own units. An advantage of
    at most `tie_width` either way is a tie. A decisive vote goes to the wrong side with chance `flip`, drawn
    from `rng`.
    """

    name: str
    advantage: Callable[[Battle], float]
    rng: np.random.Generator
    flip: float = 0.0
    tie_width: float = 0.0

    def __post_init__(self) -> None:
        """Check the rates once."""
        if not 0.0 <= self.flip <= 1.0:
            raise InvalidInput(
                f"The flip chance of voter {self.name!r} is {self.flip}; give a value from 0 to 1."
            )
        if not self.tie_width >= 0.0:
            raise InvalidInput(
                f"The tie width of voter {self.name!r} is {self.tie_width}; give zero or more."
            )

    @classmethod
    def by_score(
        cls,
        name: str,
        score: Callable[[str], float],
        rng: np.random.Generator,
        *,
        flip: float = 0.0,
        tie_width: float = 0.0,
    ) -> "SimulatedVoter":
        """Make a voter that scores each answer's text and compares the means over the turns."""

        def advantage(battle: Battle) -> float:
            gaps = [score(turn.answer_a.text) - score(turn.answer_b.text) for turn in battle.turns]
            return sum(gaps) / len(gaps)

        return cls(name, advantage, rng, flip, tie_width)

    @classmethod
    def by_comparison(
        cls,
        name: str,
        compare: Callable[[str, str], float],
        rng: np.random.Generator,
        *,
        flip: float = 0.0,
        tie_width: float = 0.0,
    ) -> "SimulatedVoter":
        """Make a voter that compares the two texts of each turn (above zero: the first) and takes the mean."""

        def advantage(battle: Battle) -> float:
            gaps = [compare(turn.answer_a.text, turn.answer_b.text) for turn in battle.turns]
            return sum(gaps) / len(gaps)

        return cls(name, advantage, rng, flip, tie_width)

    @property
    def voter(self) -> Voter:
        """Return who casts these votes."""
        return Voter(VoterKind.SIMULATED, self.name)

    def vote(self, battle: Battle, criterion: str = DEFAULT_CRITERION) -> Vote:
        """Return the vote on a finished battle; it is not cast yet.

        Raises `NotVotable` if a side failed or never answered, `InvalidInput` if the advantage is not a number.
        """
        if not battle.votable:
            raise NotVotable(f"Battle {battle.battle_id} has no two finished answers: it takes no vote.")
        return Vote(battle.battle_id, self._winner(float(self.advantage(battle))), self.voter, criterion)

    def _winner(self, advantage: float) -> Winner:
        if np.isnan(advantage):
            raise InvalidInput(
                f"The rule of voter {self.name!r} gave no number for a battle; it cannot vote on it."
            )
        if abs(advantage) <= self.tie_width:
            return Winner.TIE
        winner = Winner.MODEL_A if advantage > 0 else Winner.MODEL_B
        return winner.swapped() if self.rng.random() < self.flip else winner
