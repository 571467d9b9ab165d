"""Verbs of scores: which metrics there are, score stored answers, and read the numbers.

A scorer is named as the registry of metrics names it (`rouge`, `rougeL`, `chrf`, `perplexity`, ...); its options come
from `[metrics.NAME]` in the settings, and from the caller first.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from arena.errors import InvalidInput
from arena.judgments import AnswerCoverage, AnswerFilter, Score, ScoredAnswer, ScorerInfo
from arena.store.spreads import Spread
from arena.types import Prompt
from judges import score_table
from judges.metrics import registry
from judges.metrics.base import MetricInfo, Scorer
from judges.score_table import ScoreTable
from judges.scoring import ScoringProgress, ScoringReport, Stop, score_answers
from workbench.home import Home
from workbench.jobs import Job, JobControl, JobProgress

MetricOptions = Mapping[str, Mapping[str, Any]]
"""Options by the name of the metric they belong to."""


@dataclass(frozen=True, slots=True)
class ScorePage:
    """One page of scores beside their answers, and how many there are in all."""

    rows: tuple[ScoredAnswer, ...]
    total: int


class _Either:
    """Two wishes to stop as one."""

    def __init__(self, first: Stop, second: Stop | None) -> None:
        self._first = first
        self._second = second

    def is_set(self) -> bool:
        return self._first.is_set() or (self._second is not None and self._second.is_set())


class ScoringVerbs(Home):
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
        on_progress: Callable[[ScoringProgress], None] | None = None,
        stop: Stop | None = None,
    ) -> ScoringReport:
        """Score the stored answers that `answers` lets through and keep every number; none is computed twice.

        `on_progress` is called from a thread of the scoring.

        Raises:
            NotFound: a metric, model or prompt set does not exist.
            InvalidInput: no stored answer is let through, or an option cannot be used.
        """
        checked = self._checked(answers)
        scorers = self.make_scorers(metrics, options)
        if not await asyncio.to_thread(self.store.scores.coverage, checked):
            raise InvalidInput(
                "There is no stored answer to score here: import answers, let models answer a prompt set, "
                "or fight battles first."
            )
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(
                score_answers,
                self.store,
                checked,
                scorers,
                stop=_Either(given_up, stop),
                on_progress=on_progress,
            )
        except asyncio.CancelledError:
            given_up.set()
            raise

    def start_scoring(
        self, metrics: Sequence[str], answers: AnswerFilter, *, options: MetricOptions | None = None
    ) -> Job:
        """Begin `score` as a job that outlives the page; its result is the `ScoringReport`.

        Raises:
            NotFound: a metric, model or prompt set does not exist.
            InvalidInput: an option cannot be used.
        """
        self.make_scorers(metrics, options)
        self._checked(answers)

        async def work(control: JobControl) -> ScoringReport:
            def report(progress: ScoringProgress) -> None:
                control.report(
                    JobProgress(done=progress.done, total=progress.total, note=f"{progress.scorer}")
                )

            return await self.score(metrics, answers, options=options, on_progress=report, stop=control.stop)

        return self.jobs.start("score", f"Score answers by {', '.join(metrics)}", work)

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

    def _checked(self, answers: AnswerFilter) -> AnswerFilter:
        for name in answers.models or ():
            self.store.models.get(name)
        if answers.prompt_sets is not None:
            self.prompts_of(answers.prompt_sets)
        return answers
