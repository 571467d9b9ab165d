"""Verbs on pairing: whether the board is sure enough, which pairs come next, and what tells two models apart."""

from arena.errors import InvalidInput
from arena.pairing import needed, plan
from arena.pairing.needed import VotesNeeded
from arena.pairing.plan import PairingPlan
from arena.pairing.policies import Policy
from arena.ratings.options import RatingOptions
from arena.ratings.tally import tally
from arena.types import VoteFilter
from workbench.verbs.pairing import PairingVerbs
from workbench.verbs.ratings import BOARD, RatingVerbs

EVERYBODY = VoteFilter()


class PlanningVerbs(PairingVerbs, RatingVerbs):
    """What further votes would bring."""

    def pairing_plan(
        self, votes: VoteFilter = EVERYBODY, options: RatingOptions = BOARD, target_width: float | None = None
    ) -> PairingPlan:
        """Say whether the board is sure enough, how many more votes it takes, and which pairs come next.

        `target_width` is half the mean width of the 95 % intervals to reach, in points (± so many); the settings'
        without it. Models that are registered no more take no part.

        Raises:
            InvalidInput: fewer than two models, a target that is not above 0, the method is Elo, or options that these
                votes cannot give.
        """
        if options.method == "elo":
            raise InvalidInput(
                "Elo's intervals do not narrow with votes, as each vote moves ratings by the same K: plan with bt."
            )
        votes, options = self.helped(votes, options)
        rated = self.rated(votes, options)
        arena = self.settings.arena
        target = arena.target_width if target_width is None else target_width
        counts = self.material(votes).counts()
        registered = {spec.name for spec in self.store.models.list()}
        if votes.models is not None:
            registered &= set(votes.models)
        beside: list[Policy] = ["active", "uniform"]
        return plan.plan(rated, counts, registered, policy=arena.pairing, target=target, beside=beside)

    def votes_needed(
        self,
        first: str,
        second: str,
        *,
        power: float = 0.8,
        difference: float | None = None,
        votes: VoteFilter = EVERYBODY,
        options: RatingOptions = BOARD,
    ) -> VotesNeeded:
        """Say how many more votes tell two models apart with the chance `power`.

        `difference` is the true difference to reckon with, in points; without it, it is taken to be what it looks like
        now.

        Raises:
            InvalidInput: the power is not between 0.5 and 0.999, the models are one, the method is Elo, or there is no
                difference known or given.
            NotFound: there is no such model, or it has no votes and no `difference` is given.
        """
        if options.method == "elo":
            raise InvalidInput("Elo says nothing about how sure a difference is: reckon with bt.")
        votes, options = self.helped(votes, options)
        rated = self.rated(votes, options)
        for name in {first, second}.difference(rated.names):
            self.store.models.get(name)
        table = tally(self.material(votes).counts())
        return needed.votes_needed(rated, table, first, second, power=power, difference=difference)
