"""Verbs on agreement: how far a judge agrees with people, and whether its votes count.

Every verb that rates or exports votes asks `counting` first, so that the bar stands in one place.
"""

import threading
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cached_property

from arena.errors import NotFound
from arena.judgments import JudgeKind, JudgeSpec
from arena.people.pairs import Between, between
from arena.types import DEFAULT_CRITERION, VoteFilter, Voter, VoterKind
from judges import kinship
from judges.agreement import Agreement, matrix, measure
from judges.licence import Bar, Licence, licence
from workbench.home import Home


class AgreementVerbs(Home):
    """What judges must show before their votes count."""

    def agreement(
        self, judge: str, criterion: str = DEFAULT_CRITERION, *, own: Sequence[str] | None = None
    ) -> Agreement:
        """Measure a judge (or a simulated voter) against people on the battles it voted on.

        `own` names the models of its own family where the settings and its model do not tell.

        Raises:
            NotFound: nobody but people of that name has a vote or a verdict on this criterion.
        """
        return self.measured(self._voter(judge, criterion), criterion, own)

    def agreements(self, criterion: str | None = None, *, judge: str | None = None) -> list[Agreement]:
        """Measure every judge and simulated voter that has votes (or one), on one criterion or on each."""
        if criterion is not None and judge is None:
            kin = repr((self.store.models.list(), self.store.judges.list()))
            return self._known_agreements.get(criterion, (*self.store.agreement.state(), kin))
        return [
            self.measured(found.judge, found.criterion)
            for found in self.store.agreement.judges()
            if criterion in (None, found.criterion) and judge in (None, found.judge.name)
        ]

    def agreement_matrix(
        self, judge: str, criterion: str = DEFAULT_CRITERION
    ) -> tuple[tuple[int, int, int], ...]:
        """Return how often a judge's outcome (row) met people's majority (column), both as A, B, neither.

        Raises:
            NotFound: nobody but people of that name has a vote or a verdict on this criterion.
        """
        return matrix(self.store.agreement.battles(self._voter(judge, criterion), criterion))

    def judges_between(self, criterion: str = DEFAULT_CRITERION) -> tuple[Between, ...]:
        """Return how far each two judges (or simulated voters) agree on the battles they share, by name."""
        return between(self.store.agreement.joint(criterion))

    def bar(self) -> Bar:
        """Return what a judge must reach for its votes to count."""
        asked = self.settings.judging
        return Bar(asked.min_kappa, asked.of_people, asked.min_battles, asked.max_bias)

    def licence(self, judge: str, criterion: str = DEFAULT_CRITERION) -> Licence:
        """Return whether the votes of a judge count on a criterion, and why.

        Raises:
            NotFound: it has no vote or verdict there.
        """
        return licence(self.agreement(judge, criterion), self.bar())

    def licences(self, criterion: str = DEFAULT_CRITERION) -> list[Licence]:
        """Return the licence of every judge that has votes on a criterion; measured again when votes have come in."""
        bar = self.bar()
        return [
            licence(found, bar) for found in self.agreements(criterion) if found.judge.kind is VoterKind.JUDGE
        ]

    def counting(self, votes: VoteFilter) -> VoteFilter:
        """Return the filter that a rating or an export uses: `votes`, less the judges whose votes do not count.

        A judge named in `votes.voters` or `votes.trusted` counts whatever its licence says.
        """
        refused = tuple(found.judge for found in self._refused(votes))
        return replace(votes, without_voters=(*votes.without_voters, *refused)) if refused else votes

    def left_out(self, votes: VoteFilter) -> tuple[str, ...]:
        """Return a sentence for each judge whose votes `votes` lets through but `counting` leaves out, and why."""
        return tuple(
            f"The votes of the judge {found.judge.name!r} do not count. {found.reason}"
            for found in self._refused(votes)
        )

    def _refused(self, votes: VoteFilter) -> list[Licence]:
        asks_for_judges = votes.voter_kinds is None or VoterKind.JUDGE in votes.voter_kinds
        if not asks_for_judges or votes.voters is not None or not self.store.votes.judged():
            return []
        known = (
            *votes.trusted,
            *(voter.name for voter in votes.without_voters if voter.kind is VoterKind.JUDGE),
        )
        return [
            found
            for found in self.licences(votes.criterion)
            if not found.granted and found.judge.name not in known
        ]

    @cached_property
    def _known_agreements(self) -> "_Agreements":
        return _Agreements(self)

    def measured(self, judge: Voter, criterion: str, own: Sequence[str] | None = None) -> Agreement:
        """Measure a voter who is no person against people, anew."""
        rows, by_judge = self.store.agreement, judge.kind is VoterKind.JUDGE
        return measure(
            judge,
            rows.battles(judge, criterion),
            criterion=criterion,
            own=frozenset(own) if own else self._own_models(judge),
            failures=rows.failures(judge.name, criterion) if by_judge else {},
            versions=rows.versions(judge.name, criterion) if by_judge else 0,
        )

    def _voter(self, name: str, criterion: str) -> Voter:
        known = self.store.agreement.judges()
        for found in known:
            if (found.judge.name, found.criterion) == (name, criterion):
                return found.judge
        if self.store.agreement.failures(name, criterion):
            return Voter(VoterKind.JUDGE, name)
        others = sorted({found.judge.name for found in known if found.criterion == criterion})
        there_are = f"those that have are {', '.join(others)}" if others else "no judge has any"
        raise NotFound(f"The judge {name!r} has no vote on the criterion {criterion!r}; {there_are}.")

    def _own_models(self, judge: Voter) -> frozenset[str] | None:
        specs = {spec.name: spec for spec in self.store.judges.list()}
        asked = _asked(judge.name, specs) if judge.kind is VoterKind.JUDGE else set()
        return kinship.own_models(judge.name, asked, self.store.models.list(), self.settings.judging.families)


class _Agreements:
    """The agreements last measured, by criterion, with the state of the store they were measured in."""

    def __init__(self, bench: AgreementVerbs) -> None:
        self._bench = bench
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Hashable, list[Agreement]]] = {}

    def get(self, criterion: str, state: Hashable) -> list[Agreement]:
        """Return how all judges agree with people on a criterion, as of `state`."""
        with self._lock:
            known = self._known.get(criterion)
            if known is None or known[0] != state:
                measured = [
                    self._bench.measured(found.judge, criterion)
                    for found in self._bench.store.agreement.judges()
                    if found.criterion == criterion
                ]
                known = self._known[criterion] = (state, measured)
            return list(known[1])


def _asked(judge: str, specs: dict[str, JudgeSpec]) -> set[str]:
    """Return the models that a judge asks, those of a jury's members included."""
    spec = specs.get(judge)
    if spec is None:
        return set()
    if spec.kind is JudgeKind.JURY:
        rest = {name: other for name, other in specs.items() if name != judge}
        members = spec.options.get("members") or ()
        names = members.split(",") if isinstance(members, str) else members
        return set().union(*(_asked(str(name).strip(), rest) for name in names))
    model = spec.options.get("model")
    return {str(model)} if model else set()
