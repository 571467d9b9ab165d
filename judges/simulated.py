"""A voter made of a rule and some noise, for demonstrations and tests of the whole loop.

Its votes are cast as kind `simulated`, so they are never taken for people's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan

import numpy as np

from arena.errors import InvalidInput, NotVotable
from arena.types import DEFAULT_CRITERION, Battle, Vote, Voter, VoterKind, Winner


@dataclass(frozen=True, slots=True)
class SimulatedVoter:
    """Votes by `rule`, and errs at a known rate: a decisive vote goes to the wrong side with chance `flip`.

    The rule sees the whole battle; `by_score` and `by_comparison` make one from what is known of a text. The
    errors are drawn from `rng`.
    """

    name: str
    rule: Callable[[Battle], Winner]
    rng: np.random.Generator
    flip: float = 0.0

    def __post_init__(self) -> None:
        """Check the rate once."""
        if not 0.0 <= self.flip <= 1.0:
            raise InvalidInput(
                f"The flip chance of the voter {self.name!r} is {self.flip}; give a value from 0 to 1."
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
        bad_below: float = -float("inf"),
    ) -> "SimulatedVoter":
        """Make a voter that scores each side's answers and takes the mean over the turns.

        Means at most `tie_width` apart are a tie; where both lie below `bad_below`, both are bad.
        """
        _check_width(name, tie_width)

        def rule(battle: Battle) -> Winner:
            a = _mean(name, [score(turn.answer_a.text) for turn in battle.turns])
            b = _mean(name, [score(turn.answer_b.text) for turn in battle.turns])
            return Winner.BOTH_BAD if max(a, b) < bad_below else _winner(a - b, tie_width)

        return cls(name, rule, rng, flip)

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
        """Make a voter that compares the two texts of each turn (above zero: the first is better).

        It takes the mean over the turns; one at most `tie_width` from zero is a tie.
        """
        _check_width(name, tie_width)

        def rule(battle: Battle) -> Winner:
            gaps = [compare(turn.answer_a.text, turn.answer_b.text) for turn in battle.turns]
            return _winner(_mean(name, gaps), tie_width)

        return cls(name, rule, rng, flip)

    @property
    def voter(self) -> Voter:
        """Return who casts these votes."""
        return Voter(VoterKind.SIMULATED, self.name)

    def vote(self, battle: Battle, criterion: str = DEFAULT_CRITERION) -> Vote:
        """Return the vote on a finished battle; it is not cast yet.

        Raises `NotVotable` if a side failed or never answered, `InvalidInput` if a score is not a number.
        """
        if not battle.votable:
            raise NotVotable(f"Battle {battle.battle_id} has no two finished answers: it takes no vote.")
        winner = self.rule(battle)
        if winner.decisive and self.rng.random() < self.flip:
            winner = winner.swapped()
        return Vote(battle.battle_id, winner, self.voter, criterion)


def _winner(advantage: float, tie_width: float) -> Winner:
    if abs(advantage) <= tie_width:
        return Winner.TIE
    return Winner.MODEL_A if advantage > 0 else Winner.MODEL_B


def _mean(name: str, values: list[float]) -> float:
    mean = sum(values) / len(values)
    if isnan(mean):
        raise InvalidInput(
            f"The rule of the voter {name!r} gave no number for an answer: it cannot vote on it."
        )
    return mean


def _check_width(name: str, tie_width: float) -> None:
    if not tie_width >= 0.0:
        raise InvalidInput(f"The tie width of the voter {name!r} is {tie_width}; give zero or more.")
