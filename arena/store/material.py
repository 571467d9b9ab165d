"""The votes of a store as what ratings are made of, each form read once."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from arena.errors import NotFound
from arena.people.reliability import measure, reliability_weights
from arena.ratings.grouped import By, GroupedCounts
from arena.ratings.joint import JointCounts, Strata
from arena.ratings.soft import SoftCount
from arena.store import joint
from arena.style.rows import StyleRows
from arena.types import PairCount, VoteColumns, VoteFilter

if TYPE_CHECKING:
    from arena.store.store import Store


class StoredVotes:
    """The votes that a filter lets through; see `arena.ratings.material.Material`."""

    def __init__(self, store: "Store", votes: VoteFilter) -> None:
        self.store = store
        self.votes = votes
        self._grouped: dict[By, GroupedCounts] = {}
        self._styled: dict[tuple[By, ...], StyleRows] = {}

    @cached_property
    def _counts(self) -> Sequence[PairCount]:
        return self.store.votes.pair_counts(self.votes)

    def counts(self) -> Sequence[PairCount]:
        """Return the outcomes of every pair that met."""
        return self._counts

    def grouped(self, by: By) -> GroupedCounts:
        """Return the votes summed by pair, outcome and voter, prompt or battle."""
        if by not in self._grouped:
            self._grouped[by] = self.store.votes.grouped(self.votes, by)
        return self._grouped[by]

    def soft(self) -> list[SoftCount]:
        """Return the votes as sure as the verdicts behind them."""
        return self.store.votes.soft_counts(self.votes)

    def columns(self) -> VoteColumns:
        """Return the votes in the order in which they were cast."""
        return self.store.votes.outcomes(self.votes)

    def earned(self) -> dict[str, float]:
        """Return what one vote of each voter (`KIND:NAME`) is worth by how voters agree; the mean vote weighs 1.

        Raises:
            InvalidInput: the voters share too little, or agree too little.
        """
        found = reliability_weights(measure(self.store.people.shared(self.votes)))
        return {f"{voter.kind}:{voter.name}": weight for voter, weight in found.items()}

    def joint(self, judge: str, strata: Strata, by_prompt: bool) -> JointCounts:
        """Return people's votes beside those of a judge (or of a simulated voter).

        Raises:
            NotFound: nobody but people of that name has a vote on the criterion.
        """
        for known in self.store.agreement.judges():
            if (known.judge.name, known.criterion) == (judge, self.votes.criterion):
                found = known.judge
                return joint.joint(self.store.read(), self.votes, found, strata=strata, by_prompt=by_prompt)
        raise NotFound(f"The judge {judge!r} has no vote on the criterion {self.votes.criterion!r}.")

    def styled(self, by: tuple[By, ...] = ()) -> StyleRows:
        """Return the votes with the style of what they compared, and with the keys `by` at least."""
        for known, rows in self._styled.items():
            if set(by) <= set(known):
                return rows
        self._styled[by] = self.store.styles.rows(self.votes, by)
        return self._styled[by]
