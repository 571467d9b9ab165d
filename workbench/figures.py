"""The figures that screens show and that take long at a million votes, each with the state it depends on."""

from collections.abc import Hashable

from arena.boards import Boards, Sorting
from arena.history import RatingHistory
from arena.integrity.report import IntegrityReport
from arena.judgments import AnswerCoverage, AnswerFilter
from arena.leaderboard import Leaderboard
from arena.outline import Outline
from arena.pairing.plan import PairingPlan
from arena.people.agreement import PeopleAgreement
from arena.people.contested import Contested
from arena.people.pairs import Between
from arena.people.reliability import ReliabilityReport
from arena.ratings.certainty import Certainty
from arena.ratings.options import RatingOptions
from arena.ratings.worth import Worth
from arena.store.spreads import Spread
from arena.types import VoteFilter
from judges.agreement import Agreement
from judges.score_table import ScoreTable
from workbench.bench import Workbench
from workbench.recent import Recent
from workbench.verbs.scoring import ScorePage

MANY = 50_000
"""From so many votes on, many figures on one tab take long together."""
_PATIENCE_S = {False: 1.0, True: 0.1}
"""The longest CPU time of a figure that is counted before it is shown, with few votes and with many."""
_SHARED_S = 0.5
"""What agreements take, which boards with judges wait for as well: whoever comes second finds them counted."""
_KEPT = 120
SCORE_PAGE = 20
"""So many scored answers a page,"""
CERTAINTY_ROWS = 30
"""models in the picture of what is certain, the highest,"""
CONTESTED_ROWS = 10
"""and disputed battles are listed."""
_PREVIEWS = 3
"""So many outlines are kept: each holds a hundred bytes for every pair."""


class Figures:
    """What the tabs of one app ask for; every method may be called from any thread."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._recent = Recent(_KEPT, self._patience_s)
        self._previews = Recent(_PREVIEWS, self._patience_s)
        self._closed = False

    def agreements(self, criterion: str) -> list[Agreement]:
        """Return how all judges agree with people on a criterion."""
        state = self._bench.store.agreement.state()
        return self._recent.get(
            ("agreements", criterion),
            state,
            lambda: self._bench.agreements(criterion),
            at_least_s=_SHARED_S,
        )

    def agreement_matrix(self, judge: str, criterion: str) -> tuple[tuple[int, int, int], ...]:
        """Return how often a judge's outcome met people's majority."""
        return self._recent.get(
            ("matrix", judge, criterion),
            self._bench.store.agreement.state(),
            lambda: self._bench.agreement_matrix(judge, criterion),
        )

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
        return self._recent.get(
            ("board",), self._votes(), lambda: self._bench.leaderboard(VoteFilter()), at_least_s=_SHARED_S
        )

    def leaderboard(self, votes: VoteFilter, options: RatingOptions) -> Leaderboard:
        """Return a board that takes long, such as one at equal style."""
        key = ("leaderboard", votes, options)
        return self._recent.get(key, self._votes(), lambda: self._bench.leaderboard(votes, options))

    def boards_by(self, votes: VoteFilter, sorting: Sorting, options: RatingOptions) -> Boards:
        """Return the boards of each category, language, criterion or kind of voter."""
        key = ("boards", votes, sorting, options)
        return self._recent.get(key, self._votes(), lambda: self._bench.boards_by(votes, sorting, options))

    def certainty(self, votes: VoteFilter, options: RatingOptions, limit: int) -> Certainty:
        """Return which models are told apart, the highest `limit` of them listed."""
        key = ("certainty", votes, options, limit)
        return self._recent.get(
            key, self._votes(), lambda: self._bench.certainty(votes, options, limit=limit)
        )

    def rating_history(self, votes: VoteFilter, options: RatingOptions) -> RatingHistory:
        """Return the ratings over time."""
        key = ("history", votes, options)
        return self._recent.get(key, self._votes(), lambda: self._bench.rating_history(votes, options))

    def pairing_plan(self, votes: VoteFilter, options: RatingOptions, target: float | None) -> PairingPlan:
        """Return how many more votes the board takes."""
        models = tuple(spec.name for spec in self._bench.store.models.list())
        return self._recent.get(
            ("plan", votes, options, target),
            (self._votes(), models),
            lambda: self._bench.pairing_plan(votes, options, target),
        )

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

    def contested(self, votes: VoteFilter, limit: int, *, opposed: bool) -> list[Contested]:
        """Return the battles on which voters differ, the most disputed first."""
        key = ("contested", votes, limit, opposed)
        return self._recent.get(
            key, self._votes(), lambda: self._bench.contested(votes, limit, opposed=opposed)
        )

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

    @property
    def closed(self) -> bool:
        """Whether nothing more is to be counted."""
        return self._closed

    def close(self) -> None:
        """Stop counting in the background."""
        self._closed = True
        self._recent.close()
        self._previews.close()

    def _patience_s(self) -> float:
        return _PATIENCE_S[sum(self._bench.voter_kinds().values()) >= MANY]

    def _votes(self) -> Hashable:
        store = self._bench.store
        return store.votes.state(), store.agreement.state(), store.integrity.readings()
