"""Verbs on ratings: the board, how it came to be, and who wins against whom."""

from collections.abc import Sequence
from dataclasses import replace

from arena import history, leaderboard
from arena.history import RatingHistory
from arena.leaderboard import Leaderboard, WinMatrix
from arena.ratings.grouped import By
from arena.ratings.options import RatingOptions
from arena.ratings.rate import rate
from arena.ratings.rated import Rated
from arena.ratings.tally import tally
from arena.store.check import CountsCheck
from arena.store.material import StoredVotes
from arena.types import VoteFilter
from workbench.verbs.worth import WorthVerbs

BOARD = RatingOptions()
"""How the board rates unless told otherwise."""


class RatingVerbs(WorthVerbs):
    """What votes say about models."""

    def leaderboard(
        self, votes: VoteFilter, options: RatingOptions = BOARD, *, idle: bool = False
    ) -> Leaderboard:
        """Rate all models that `votes` meet, with 95 % intervals, as `options` say.

        With `idle` registered models that no vote has met stand below, without a rating; voters never see these: a
        name that is new on the board hints at who answers next. Judges whose votes do not count are named in the
        board's notes.

        Raises:
            InvalidInput: options that cannot be had together, or that these votes cannot give.
        """
        votes, options = self.helped(votes, options)
        material = self.material(votes)
        rated = rate(material, options)
        counts = material.styled().counts() if options.style else material.counts()
        models = self._registered(votes) if idle else ()
        board = leaderboard.of(rated, counts, options.method, models=models)
        return replace(board, notes=(*board.notes, *self.left_out(votes)))

    def _registered(self, votes: VoteFilter) -> list[str]:
        """Return the models that stand on the board although no vote has met them."""
        names = self.store.models.names()
        return names if votes.models is None else [name for name in names if name in votes.models]

    def voted_models(self) -> list[str]:
        """Return the models that votes have met, on any criterion, by name."""
        counts = [self.store.votes.pair_counts(VoteFilter(criterion=c)) for c in self.settings.criteria]
        return sorted({name for found in counts for name in tally(found).names})

    def rated(self, votes: VoteFilter, options: RatingOptions = BOARD) -> Rated:
        """Return the ratings that stand behind the board, with the covariance and all that was fitted.

        Raises:
            InvalidInput: as `leaderboard`.
        """
        votes, options = self.helped(votes, options)
        return rate(self.material(votes), options)

    def material(self, votes: VoteFilter) -> StoredVotes:
        """Return the votes that count, as ratings are made of them."""
        return StoredVotes(self.store, self.counting(votes))

    def rating_history(
        self, votes: VoteFilter, options: RatingOptions = BOARD, *, points: int = 40
    ) -> RatingHistory:
        """Rate all models as the board with `options` would have at up to `points` moments that divide `votes` evenly.

        Elo has no intervals here.

        Raises:
            InvalidInput: the options have no history, or `points` is beyond 1 and 400.
        """
        counted = self.counting(votes)
        by: list[By] = [] if options.cluster == "none" else [options.cluster]
        by += ["voter"] if options.weighted and "voter" not in by else []
        timed = self.store.styles.timed if options.style else self.store.votes.timed
        return history.build(timed(counted, by), options, points=points)

    def check_counts(self) -> CountsCheck:
        """Hold the counts that ratings rest on against the votes, counted anew; wrong ones are forgotten."""
        return self.store.votes.check()

    def win_matrix(self, votes: VoteFilter, names: Sequence[str] | None = None) -> WinMatrix:
        """Return each model's share of wins against each other one, ties as half, in the order of `names`."""
        return leaderboard.win_matrix(self.store.votes.pair_counts(self.counting(votes)), names)
