"""The figures that screens show and that take long at a million votes, each with the state it depends on."""

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress

from arena.boards import Boards, Sorting
from arena.integrity.report import IntegrityReport
from arena.judgments import AnswerCoverage, AnswerFilter
from arena.leaderboard import Leaderboard
from arena.outline import Outline
from arena.people.agreement import PeopleAgreement
from arena.people.pairs import Between
from arena.people.reliability import ReliabilityReport
from arena.ratings.options import RatingOptions
from arena.ratings.worth import Worth
from arena.store.spreads import Spread
from arena.types import VoteFilter, VoterKind
from judges.agreement import Agreement
from judges.score_table import ScoreTable
from workbench.bench import Workbench
from workbench.recent import Recent
from workbench.verbs.scoring import ScorePage

MANY = 50_000
"""From so many votes on, figures are counted ahead when the app starts."""
_KEPT = 60
SCORE_PAGE = 20
"""So many scored answers a page."""
_PREVIEWS = 3
"""So many outlines are kept: each holds a hundred bytes for every pair."""


class Figures:
    """What the tabs of one app ask for; every method may be called from any thread."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._recent = Recent(_KEPT)
        self._previews = Recent(_PREVIEWS)
        self._closed = False

    def agreements(self, criterion: str) -> list[Agreement]:
        """Return how all judges agree with people on a criterion."""
        state = self._bench.store.agreement.state()
        return self._recent.get(("agreements", criterion), state, lambda: self._bench.agreements(criterion))

    def judge_worth(self, judge: str, criterion: str) -> Worth:
        """Return what a judge's votes are worth in people's."""
        found = VoteFilter(criterion=criterion)
        return self._recent.get(
            ("worth", judge, criterion), self._votes(), lambda: self._bench.judge_worth(judge, found)
        )

    def judges_between(self, criterion: str) -> tuple[Between, ...]:
        """Return how judges agree with each other."""
        state = self._bench.store.agreement.state()
        return self._recent.get(("between", criterion), state, lambda: self._bench.judges_between(criterion))

    def board(self) -> Leaderboard:
        """Return the board over all voters that count, for screens that show a rating beside a name."""
        return self._recent.get(("board",), self._votes(), lambda: self._bench.leaderboard(VoteFilter()))

    def leaderboard(self, votes: VoteFilter, options: RatingOptions) -> Leaderboard:
        """Return a board that takes long, such as one at equal style."""
        key = ("leaderboard", votes, options)
        return self._recent.get(key, self._votes(), lambda: self._bench.leaderboard(votes, options))

    def boards_by(self, votes: VoteFilter, sorting: Sorting, options: RatingOptions) -> Boards:
        """Return the boards of each category, language, criterion or kind of voter."""
        key = ("boards", votes, sorting, options)
        return self._recent.get(key, self._votes(), lambda: self._bench.boards_by(votes, sorting, options))

    def voters(self, votes: VoteFilter) -> int:
        """Return how many voters stand behind the votes that count."""
        return self._recent.get(("voters", votes), self._votes(), lambda: self._bench.voters(votes))

    def people_agreement(self, votes: VoteFilter) -> PeopleAgreement:
        """Return how far voters agree."""
        key = ("people", votes)
        return self._recent.get(key, self._votes(), lambda: self._bench.people_agreement(votes))

    def voter_reliability(self, votes: VoteFilter) -> ReliabilityReport:
        """Return how far each voter can be relied on."""
        key = ("reliability", votes)
        return self._recent.get(key, self._votes(), lambda: self._bench.voter_reliability(votes))

    def outline(self, votes: VoteFilter, majority: float) -> Outline:
        """Return where every vote went and where the pairs are that an export would hold."""
        state = (self._votes(), self._bench.store.written.state())
        return self._previews.get(
            ("outline", votes, majority), state, lambda: self._bench.outline_export(votes, majority=majority)
        )

    def integrity(self, votes: VoteFilter) -> IntegrityReport:
        """Return who and what decides the board."""
        state = (self._votes(), self._bench.store.integrity.state())
        return self._recent.get(("integrity", votes), state, lambda: self._bench.integrity(votes))

    def score_table(self, answers: AnswerFilter, *, shared_prompts: bool) -> ScoreTable:
        """Return the means of all models by all scorers."""
        return self._recent.get(
            ("scores", answers, shared_prompts),
            self._bench.store.scores.state(),
            lambda: self._bench.score_table(answers, shared_prompts=shared_prompts),
        )

    def score_coverage(self, answers: AnswerFilter) -> list[AnswerCoverage]:
        """Return how many answers there are to score."""
        state = self._bench.store.scores.state()
        return self._recent.get(("coverage", answers), state, lambda: self._bench.score_coverage(answers))

    def score_spread(self, answers: AnswerFilter, scorer: str, fingerprint: str) -> Spread:
        """Return how the scores of one column are spread over each model."""
        return self._recent.get(
            ("spread", answers, scorer, fingerprint),
            self._bench.store.scores.state(),
            lambda: self._bench.score_spread(answers, scorer, fingerprint),
        )

    def score_page(
        self,
        answers: AnswerFilter,
        scorer: str,
        fingerprint: str,
        *,
        offset: int = 0,
        descending: bool = False,
    ) -> ScorePage:
        """Return a page of scores beside their answers."""
        return self._recent.get(
            ("page", answers, scorer, fingerprint, offset, descending),
            self._bench.store.scores.state(),
            lambda: self._bench.score_page(
                answers, scorer, fingerprint, limit=SCORE_PAGE, offset=offset, descending=descending
            ),
        )

    def late(self, *figures: str) -> bool:
        """Whether one of these (`outline`, `agreements`, `scores`, ...) is shown as it was before the latest change."""
        return any(recent.behind(figures) for recent in (self._recent, self._previews))

    def warm(self) -> None:
        """Begin to count what tabs show when they are opened first, if there are many votes; returns at once."""
        if sum(self._bench.voter_kinds().values()) >= MANY:
            threading.Thread(target=self._warm, name="warm-up", daemon=True).start()

    def _warm(self) -> None:
        people = VoteFilter(voter_kinds=(VoterKind.HUMAN,))
        criterion, all_answers = self._bench.main_criterion, AnswerFilter()
        steps: tuple[Callable[[], object], ...] = (
            lambda: self._bench.examples(),
            lambda: self.voters(people),
            lambda: self.leaderboard(people, RatingOptions(style=True)),
            lambda: self.agreements(criterion),
            lambda: self.board(),
            lambda: self.judges_between(criterion),
            lambda: self.score_coverage(all_answers),
            lambda: self.score_table(all_answers, shared_prompts=False),
            lambda: self._first_column(all_answers),
            lambda: self.outline(people, 0.5),
            lambda: self.integrity(people),
            lambda: self.people_agreement(people),
            lambda: self.voter_reliability(people),
        )
        for step in steps:
            if self._closed:
                return
            with suppress(Exception):  # whoever opens the tab meets the same error, and is told
                step()

    def _first_column(self, answers: AnswerFilter) -> None:
        for column in self.score_table(answers, shared_prompts=False).columns[:1]:
            self.score_spread(answers, column.info.scorer, column.info.fingerprint)
            self.score_page(answers, column.info.scorer, column.info.fingerprint)

    def close(self) -> None:
        """Stop counting in the background."""
        self._closed = True
        self._recent.close()
        self._previews.close()

    def _votes(self) -> Hashable:
        store = self._bench.store
        return store.votes.state(), store.agreement.state(), store.integrity.readings()
