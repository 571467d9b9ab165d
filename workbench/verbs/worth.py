"""Verbs on a judge as a help to people's votes: which one helps, and what it is worth."""

from dataclasses import replace

from arena.errors import InvalidInput
from arena.ratings import bradley_terry, prediction_powered
from arena.ratings.joint import Strata
from arena.ratings.options import RatingOptions
from arena.ratings.worth import Worth
from arena.store.material import StoredVotes
from arena.types import VoteFilter, VoterKind
from workbench.verbs.agreement import AgreementVerbs

EVERYBODY = VoteFilter()


class WorthVerbs(AgreementVerbs):
    """A judge's votes beside people's in one rating, never counted as theirs."""

    def judge_worth(self, judge: str, votes: VoteFilter = EVERYBODY, strata: Strata = "pair") -> Worth:
        """Say what a judge's votes are worth in people's votes, where they help people's ratings and replace none.

        `votes` says which votes of people, and on which criterion. A judge without a licence can be measured too.

        Raises:
            InvalidInput: people's votes are left out, or there are none.
            NotFound: nobody but people of that name has a vote on the criterion.
        """
        people = _people(votes)
        known = self._voter(judge, votes.criterion)
        material = StoredVotes(self.store, people)
        counts = material.joint(known.name, strata, False)
        return prediction_powered.fit(counts, bradley_terry.fit(material.counts()))[1]

    def helped(self, votes: VoteFilter, options: RatingOptions) -> tuple[VoteFilter, RatingOptions]:
        """Return the votes and options to rate by: with `ppi` only people's votes count, and a judge is named.

        A judge that is named helps whatever its licence says; else the licensed judge whose help is worth most.

        Raises:
            InvalidInput: people's votes are left out, or no judge has a licence.
            NotFound: nobody but people of that name has a vote on the criterion.
        """
        if options.method != "ppi":
            return votes, options
        if options.judge is not None:
            self._voter(options.judge, votes.criterion)
            return _people(votes), options
        return _people(votes), replace(options, judge=self._best(votes, options.strata))

    def _best(self, votes: VoteFilter, strata: Strata) -> str:
        left_out = set(votes.without_voters)
        there = [found for found in self.licences(votes.criterion) if found.judge not in left_out]
        granted = [found for found in there if found.granted]
        if not granted:
            known = ", ".join(repr(found.judge.name) for found in there)
            those = f"name one of those that have votes: {known}" if known else "none has votes"
            raise InvalidInput(
                f"No judge has a licence on the criterion {votes.criterion!r}, so none helps unasked; {those}."
            )
        names = sorted(found.judge.name for found in granted)
        if len(names) == 1:
            return names[0]
        return max(names, key=lambda name: self.judge_worth(name, votes, strata).more)


def _people(votes: VoteFilter) -> VoteFilter:
    """Return the filter for people's votes alone."""
    if votes.voter_kinds is not None and VoterKind.HUMAN not in votes.voter_kinds:
        raise InvalidInput("A judge helps people's votes and replaces none: let people's votes count, too.")
    return replace(votes, voter_kinds=(VoterKind.HUMAN,), trusted=())
