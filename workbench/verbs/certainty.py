"""The verb on how sure an order of models is."""

from dataclasses import replace

from arena.ratings.certainty import Certainty, certainty
from arena.ratings.options import RatingOptions
from arena.types import VoteFilter
from workbench.verbs.ratings import BOARD, RatingVerbs


class CertaintyVerbs(RatingVerbs):
    """What votes tell apart, and what they do not yet."""

    def certainty(
        self, votes: VoteFilter, options: RatingOptions = BOARD, *, limit: int | None = None
    ) -> Certainty:
        """Return for every two models the chance that one is better, ranks, and what cannot be told apart yet.

        With `limit` only the highest so many models are listed; all that is said counts all of them.

        Raises:
            InvalidInput: options that cannot be had together, or that these votes cannot give.
        """
        found = certainty(self.rated(votes, options))
        found = replace(found, notes=(*found.notes, *self.left_out(votes)))
        return found if limit is None else found.highest(limit)
