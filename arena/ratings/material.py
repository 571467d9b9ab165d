"""What ratings are made of: the votes that count, in the form that a method asks for.

A method asks for the smallest form it can do with (pair counts, votes summed by voter, votes in order), so that a
board costs no more than its options need.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from arena.ratings.grouped import By, GroupedCounts
from arena.ratings.joint import JointCounts, Strata
from arena.ratings.soft import SoftCount
from arena.style.rows import StyleRows
from arena.types import PairCount, VoteColumns


class Material(Protocol):
    """The votes that count; each form is made when it is first asked for."""

    def counts(self) -> Sequence[PairCount]:
        """Return the outcomes of every pair that met."""

    def grouped(self, by: By) -> GroupedCounts:
        """Return the votes summed by pair, outcome and voter, prompt or battle."""

    def soft(self) -> Sequence[SoftCount]:
        """Return the votes as sure as the verdicts behind them."""

    def columns(self) -> VoteColumns:
        """Return the votes in the order in which they were cast."""

    def styled(self, by: tuple[By, ...] = ()) -> StyleRows:
        """Return the votes with the style of what they compared, and with the keys `by`."""

    def earned(self) -> Mapping[str, float]:
        """Return what one vote of each voter (`KIND:NAME`) is worth by how voters agree; the mean vote weighs 1."""

    def joint(self, judge: str, strata: Strata, by_prompt: bool) -> JointCounts:
        """Return people's votes beside those of a judge, `by_prompt` with battles of a prompt as one cluster."""
