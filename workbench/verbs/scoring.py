"""Verbs of scores: which metrics there are, score stored answers, and read the numbers.

A scorer is named as the registry of metrics names it (`rouge`, `rougeL`, `chrf`, `perplexity`, ...); its options come
from `[metrics.NAME]` in the settings, and from the caller first. A judge that scores single answers is a scorer too.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from arena.errors import InvalidInput
from arena.judgments import AnswerCoverage, AnswerFilter, Score, ScoredAnswer, ScorerInfo
from arena.store.spreads import Spread
from arena.types import DEFAULT_CRITERION, Prompt
from judges import score_table
from judges.judge_scores import ScoringJudge, score_by_judge, scoring_judge
from judges.judging import Limits
from judges.metrics import registry
from judges.metrics.base import MetricInfo, Scorer
from judges.score_table import ScoreTable
from judges.scoring import ScoringProgress, ScoringReport, Stop, score_answers
from workbench.criteria import check_criterion
from workbench.jobs import JobControl, JobProgress
from workbench.jobs.plan import Plan
from workbench.jobs.specs import ScoreJob
from workbench.verbs.judging import JudgingVerbs

MetricOptions = Mapping[str, Mapping[str, Any]]
"""Options by the name of the metric they belong to."""

JUDGE = "judge:"
"""What stands before a judge's name where scorers are named."""


@dataclass(frozen=True, slots=True)
class ScorePage:
    """One page of scores beside their answers, and how many there are in all."""

    rows: tuple[ScoredAnswer, ...]
    total: int


class _Either:
    """Two wishes to stop as one; `first` is ours."""

    def __init__(self, first: threading.Event, second: Stop | None) -> None:
        self.first = first
        self._second = second

    def is_set(self) -> bool:
        return self.first.is_set() or (self._second is not None and self._second.is_set())


class _Steps:
    """Progress of metrics and, after them, of judges as one; `for_judges` is the most that those will look at."""

    def __init__(self, for_judges: int, tell: Callable[[ScoringProgress], None] | None) -> None:
        self._for_judges = for_judges
        self._now = ScoringProgress("", 0, for_judges)
        self._tell = tell or (lambda _: None)

    def computed(self, progress: ScoringProgress) -> None:
        self._now = replace(progress, total=progress.total + self._for_judges)
        self._tell(self._now)

    def judged(self, scorer: str, settled: int) -> None:
        self._now = ScoringProgress(scorer, self._now.done + settled, self._now.total)
        self._tell(self._now)


class ScoringVerbs(JudgingVerbs):
    """What people do with metrics."""

    def metrics(self) -> list[MetricInfo]:
        """Return the metrics there are, each with its title, scorers and options."""
        return registry.describe()

    def metric_info(self, name: str) -> MetricInfo:
        """Return the metric of that name, or the one a scorer of that name belongs to.

        Raises:
            NotFound: there is none.
        """
        return registry.find(name)

    def make_scorers(self, metrics: Sequence[str], options: MetricOptions | None = None) -> list[Scorer]:
        """Return the scorers of several metrics, each scorer once.

        Raises:
            NotFound: there is no metric of that name.
            InvalidInput: no metric is named, or an option is missing, unknown or impossible.
        """
        if not metrics:
            raise InvalidInput(f"Name a metric: {', '.join(registry.metric_names())}.")
        own = {registry.find(name).name for name in metrics}
        if strays := sorted(set(options or ()) - own):
            raise InvalidInput(
                f"There are options for {strays[0]!r}, which is not among the metrics asked for."
            )
        made: dict[str, Scorer] = {}
        for name in metrics:
            given = (options or {}).get(registry.find(name).name, {})
            for scorer in registry.make(name, **self.metric_options(name, given)):
                made.setdefault(scorer.name, scorer)
        return list(made.values())

    def score_coverage(self, answers: AnswerFilter) -> list[AnswerCoverage]:
        """Return, for each model, how many stored answers there are to score, and how many have a reference.

        Raises:
            NotFound: a model or prompt set that `answers` names does not exist.
        """
        return self.store.scores.coverage(self._checked(answers))

    def prompts_without_reference(self, answers: AnswerFilter) -> list[Prompt]:
        """Return the answered prompts that metrics against a reference cannot score."""
        return self.store.scores.without_reference(self._checked(answers))

    async def score(
        self,
        metrics: Sequence[str],
        answers: AnswerFilter,
        *,
        options: MetricOptions | None = None,
        limits: Limits | None = None,
        criterion: str = DEFAULT_CRITERION,
        on_progress: Callable[[ScoringProgress], None] | None = None,
        stop: Stop | None = None,
    ) -> ScoringReport:
        """Score the stored answers that `answers` lets through and keep every number; none is computed twice.

        `metrics` are names of metrics, of scorers of them, and of judges as `judge:NAME`. `limits` bound what each
        judge may spend; `criterion` is what judges are asked about. `on_progress` is called from other threads.

        Raises:
            NotFound: a metric, judge, model or prompt set does not exist.
            InvalidInput: no stored answer is let through, a judge only compares answers, or an option cannot be used.
        """
        begun = time.monotonic()
        limits = limits or Limits()
        checked = self._checked(answers)
        scorers, judges = await asyncio.to_thread(
            self._scorers_and_judges, metrics, options, criterion, limits
        )
        if not (coverage := await asyncio.to_thread(self.store.scores.coverage, checked)):
            raise InvalidInput(
                "There is no stored answer to score here: import answers, let models answer a prompt set, "
                "or fight battles first."
            )
        steps = _Steps(sum(c.answers for c in coverage) * len(judges), on_progress)
        given_up = _Either(threading.Event(), stop)
        try:
            report = await asyncio.to_thread(
                score_answers, self.store, checked, scorers, stop=given_up, on_progress=steps.computed
            )
            by_judges = [
                await score_by_judge(
                    self.store,
                    checked,
                    judge,
                    retry_failed=limits.retry_failed,
                    stop=given_up,
                    on_progress=partial(steps.judged, judge.info.scorer),
                )
                for judge in judges
            ]
        except asyncio.CancelledError:
            given_up.first.set()
            raise
        ended = tuple(why for _, why in by_judges if why)
        return replace(
            report,
            scorers=(*report.scorers, *(found for found, _ in by_judges)),
            stopped=report.stopped or bool(ended),
            seconds=time.monotonic() - begun,
            ended=ended,
        )

    def _plan_score(self, spec: ScoreJob) -> Plan:
        """Return how a job of scores is done: `score`, whose metrics and judges are made once here to be checked."""
        limits = Limits(spec.slots, spec.max_cost, spec.max_tokens, spec.retry_failed)
        self._scorers_and_judges(spec.metrics, spec.options, spec.criterion, limits)
        self._checked(spec.answers)

        async def work(control: JobControl) -> ScoringReport:
            def report(progress: ScoringProgress) -> None:
                control.report(JobProgress(done=progress.done, total=progress.total, note=progress.scorer))

            found = await self.score(
                spec.metrics,
                spec.answers,
                options=spec.options,
                limits=limits,
                criterion=spec.criterion,
                on_progress=report,
                stop=control.stop,
            )
            for why in found.ended:
                control.log(why)
            return found

        return Plan(f"Score answers by {', '.join(spec.metrics)}", work)

    def score_table(self, answers: AnswerFilter, *, shared_prompts: bool = False) -> ScoreTable:
        """Return the mean of each model by each scorer that has scored, with 95 % intervals.

        With `shared_prompts` each scorer counts only prompts on which every model has a number.

        Raises:
            NotFound: a model or prompt set that `answers` names does not exist.
        """
        means = self.store.scores.means(self._checked(answers), shared_prompts=shared_prompts)
        return score_table.build(means, self.store.scores.scorers(), shared_prompts=shared_prompts)

    def score_page(
        self,
        answers: AnswerFilter,
        scorer: str,
        fingerprint: str,
        *,
        limit: int = 50,
        offset: int = 0,
        descending: bool = False,
    ) -> ScorePage:
        """Return scores beside their answers, lowest first unless `descending`, those without a number last.

        `scorer` and `fingerprint` are those of a column of `score_table`.
        """
        checked = self._checked(answers)
        rows = self.store.scores.page(
            checked, scorer, fingerprint, limit=limit, offset=offset, descending=descending
        )
        return ScorePage(tuple(rows), self.store.scores.count(checked, scorer, fingerprint))

    def scorers(self) -> list[ScorerInfo]:
        """Return every scorer that has scored in this home, with what its numbers depend on."""
        return self.store.scores.scorers()

    def score_spread(self, answers: AnswerFilter, scorer: str, fingerprint: str, *, bins: int = 40) -> Spread:
        """Return how the scores of one column of `score_table` are spread over each model.

        Raises:
            NotFound: a model or prompt set that `answers` names does not exist.
        """
        return self.store.scores.spread(self._checked(answers), scorer, fingerprint, bins=bins)

    def scores_of(self, answers: Sequence[UUID]) -> list[tuple[ScorerInfo, dict[UUID, Score]]]:
        """Return all that is known of some answers: each scorer that has scored one of them, with its scores."""
        found = [
            (info, self.store.scores.of(answers, info.scorer, info.fingerprint)) for info in self.scorers()
        ]
        return [(info, scores) for info, scores in found if scores]

    def _scorers_and_judges(
        self, names: Sequence[str], options: MetricOptions | None, criterion: str, limits: Limits
    ) -> tuple[list[Scorer], list[ScoringJudge]]:
        metrics = [name for name in names if not name.startswith(JUDGE)]
        scorers = self.make_scorers(metrics, options) if metrics or not names else []
        return scorers, [
            self._scoring_judge(name.removeprefix(JUDGE), criterion, limits)
            for name in dict.fromkeys(names)
            if name.startswith(JUDGE)
        ]

    def _scoring_judge(self, name: str, criterion: str, limits: Limits) -> ScoringJudge:
        check_criterion(self.settings, criterion)
        return scoring_judge(self.store.judges.get(name), criterion, self._surroundings(), limits)

    def _checked(self, answers: AnswerFilter) -> AnswerFilter:
        for name in answers.models or ():
            self.store.models.get(name)
        if answers.prompt_sets is not None:
            self.prompts_of(answers.prompt_sets)
        return answers
