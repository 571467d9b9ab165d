"""Verbs of the personal page: a voter's own votes and what they come to.

Each takes the voter whose request it is and gives out nothing but that voter's own: the names of models only on
battles they have voted on, and of other people's votes one figure over many battles.
"""

import uuid
from datetime import UTC, datetime, time, timedelta

from arena import leaderboard
from arena.errors import InvalidInput, NotFound
from arena.statistics import UNKNOWN, Figure
from arena.types import Battle, OwnVote, VoteFilter, Voter
from judges.annotators import agreement_with_others
from workbench.criteria import main_criterion
from workbench.home import Home
from workbench.results import OwnFigures, VoteCount

MIN_SHARED = 5
"""On fewer shared battles, a figure of agreement would tell how others voted on one of them."""
MAX_PAGE = 200


class OwnVerbs(Home):
    """What a voter may see of themselves."""

    def own_votes(self, voter: Voter, *, limit: int = 25, before: int | None = None) -> list[OwnVote]:
        """Return this voter's standing votes from the newest on, at most `limit`, older than the number `before`.

        Raises:
            InvalidInput: the limit is below 1 or above 200.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise InvalidInput(f"The limit is {limit}, but must be from 1 to {MAX_PAGE}.")
        return self.store.mine.page(voter, limit, before)

    def own_battle(self, battle_id: uuid.UUID, voter: Voter) -> Battle:
        """Return a battle, names included, that this voter has voted on.

        Raises:
            NotFound: no vote of theirs stands on it, or there is no such battle.
        """
        if not self.store.mine.has_voted(voter, battle_id):
            raise NotFound(
                f"You have no vote on the battle {battle_id}: vote first, then it can be read here."
            )
        return self.store.battles.get(battle_id)

    def own_figures(self, voter: Voter, *, days: int = 28, criterion: str | None = None) -> OwnFigures:
        """Return how many votes this voter has cast lately, how far others agree, and their own leaderboard.

        Agreement and board are on `criterion`, the main one unless told otherwise.

        Raises:
            InvalidInput: fewer than 1 or more than 366 days.
        """
        if not 1 <= days <= 366:
            raise InvalidInput(f"The number of days is {days}, but must be from 1 to 366.")
        criterion = criterion or main_criterion(self.settings)
        today = datetime.now(UTC).date()
        first = today - timedelta(days=days - 1)
        cast = self.store.mine.days(voter, datetime.combine(first, time(), UTC))
        votes = VoteFilter(voter_kinds=(voter.kind,), voters=(voter.name,), criterion=criterion)
        return OwnFigures(
            count=VoteCount(self.store.votes.count_by_voter(voter), cast.get(today, 0)),
            goal=self.settings.arena.daily_goal,
            days=tuple((day, cast.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))),
            agreement=self._agreement(voter, criterion),
            board=leaderboard.build(self.store.votes.pair_counts(votes)),
        )

    def _agreement(self, voter: Voter, criterion: str) -> Figure:
        mine, others = self.store.mine.beside_others(voter, criterion)
        if not len(mine):
            return UNKNOWN
        found = agreement_with_others(mine, others)
        return found if found.n >= MIN_SHARED else Figure(None, None, None, found.n)
