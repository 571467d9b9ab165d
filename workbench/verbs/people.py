"""Verbs on the people who vote: how far they agree, how far each can be relied on, and which battles divide them.

Where a filter names no kind of voter, people are meant; name kinds to hold judges or simulated voters among them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from arena.errors import InvalidInput, NotFound
from arena.people import agreement, reliability
from arena.people.agreement import MOST, PeopleAgreement
from arena.people.contested import Contested
from arena.people.reliability import ReliabilityReport
from arena.reviews import QueueSummary
from arena.types import VoteFilter, VoterKind
from workbench.verbs.reviews import ReviewVerbs

CONTESTED = 50
"""So many contested battles are listed or queued unless told otherwise."""
MOST_CONTESTED = 10_000
MOST_VOTES = 1_000
PEOPLE = VoteFilter()


class PeopleVerbs(ReviewVerbs):
    """What votes say about those who cast them."""

    def people_agreement(self, votes: VoteFilter = PEOPLE, *, most: int = MOST) -> PeopleAgreement:
        """Return how far voters agree: all together, each with the others, and two at a time.

        Only the `most` voters with most shared battles are held against each other two at a time.

        Raises:
            InvalidInput: `most` is beyond 2 and 200.
        """
        if not 2 <= most <= 200:
            raise InvalidInput(f"{most} voters cannot be compared two at a time: give 2 to 200.")
        votes = self.of_people(votes)
        shared = self.store.people.shared(votes)
        joint = self.store.people.joint(votes, agreement.most_shared(shared, most))
        return agreement.measure(shared, joint, votes.criterion)

    def voter_reliability(self, votes: VoteFilter = PEOPLE) -> ReliabilityReport:
        """Return how far each voter can be relied on (Dawid-Skene), and what one vote of theirs is worth."""
        return reliability.measure(self.store.people.shared(self.of_people(votes)))

    def contested(
        self, votes: VoteFilter = PEOPLE, limit: int = CONTESTED, *, opposed: bool = False
    ) -> list[Contested]:
        """Return the battles on which voters differ, names included, the most disputed first.

        With `opposed` only those where some chose one side and some the other.

        Raises:
            InvalidInput: `limit` is beyond 1 and 10,000.
        """
        if not 1 <= limit <= MOST_CONTESTED:
            raise InvalidInput(f"{limit} battles cannot be listed: give 1 to {MOST_CONTESTED:,}.")
        return self.store.people.contested(self.of_people(votes), limit, opposed=opposed)

    def queue_contested(
        self,
        name: str,
        votes: VoteFilter = PEOPLE,
        *,
        limit: int = CONTESTED,
        opposed: bool = False,
        more: int = 2,
        attention: float = 0.05,
        instructions: str = "",
        battle_ids: Sequence[uuid.UUID] | None = None,
    ) -> QueueSummary:
        """Make a review queue of the most disputed battles, on the criterion of `votes`.

        Each waits until it has `more` votes beyond those of the battle among them that has most. With `battle_ids`
        only those of the disputed battles are queued, and `limit` does not count.

        Raises:
            NotFound: voters differ on no battle that takes votes, or not on one of `battle_ids`.
            InvalidInput: the name, the share of attention pairs, `limit` or `more` cannot be used.
            Conflict: there is a queue of that name.
        """
        if not 1 <= more <= MOST_VOTES:
            raise InvalidInput(f"{more} more votes a battle make no queue: give 1 to {MOST_VOTES:,}.")
        votes = self.of_people(votes)
        if battle_ids is None:
            found = self.contested(votes, limit, opposed=opposed)
        else:
            found = self.store.people.contested(votes, None, opposed=opposed, among=battle_ids)
        chosen = [one for one in found if one.votable]
        known = {one.battle_id for one in chosen}
        for battle_id in battle_ids or ():
            if battle_id not in known:
                raise NotFound(f"The battle {battle_id} is not disputed, or takes no vote: leave it out.")
        if not chosen:
            raise NotFound(
                "There is no battle to queue: no two voters differ on one. Let several people vote on the same "
                "battles first (`workbench review create --overlap 2`)."
            )
        return self.create_queue(
            name,
            battle_ids=[one.battle_id for one in chosen],
            overlap=max(one.votes for one in chosen) + more,
            attention=attention,
            instructions=instructions,
            criterion=votes.criterion,
        )

    def of_people(self, votes: VoteFilter) -> VoteFilter:
        """Return `votes`, kept to people where it names neither kinds of voters nor voters."""
        if votes.voter_kinds is None and votes.voters is None:
            return replace(votes, voter_kinds=(VoterKind.HUMAN,))
        return votes
