"""Scoring stored answers: each scorer over every answer that has no number of it yet, stored portion by portion.

A portion grows while it is quick and is written when it is done, so that a fast metric is not held up by writing and
a slow one loses at most seconds of work when it is stopped. What is stored is never computed again.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from arena.judgments import AnswerFilter, ScorableAnswer, Score, ScorerInfo
from arena.store import Store
from judges.metrics.base import Item, Result, Scorer

FIRST_PORTION = 32
LARGEST_PORTION = 8192
PORTION_SECONDS = 1.0
"""A portion is doubled while it takes less than this."""


class Stop(Protocol):
    """The wish to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether it was wished."""


@dataclass(frozen=True, slots=True)
class ScoringProgress:
    """How far a scoring is: answers of all scorers together; `scorer` is the one at work."""

    scorer: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ScorerReport:
    """What one scorer did: `scored` numbers were new, `kept` were there before, `reasons` counts those without."""

    info: ScorerInfo
    scored: int
    kept: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ScoringReport:
    """What a scoring came to; `stopped` says that it was ended before every answer was looked at.

    `ended` says in a sentence each why judges did not look at all of them: a stop, a ceiling, a server that is gone.
    """

    answers: int
    scorers: tuple[ScorerReport, ...]
    stopped: bool
    seconds: float
    ended: tuple[str, ...] = ()


def score_answers(
    store: Store,
    answers: AnswerFilter,
    scorers: Sequence[Scorer],
    *,
    stop: Stop | None = None,
    on_progress: Callable[[ScoringProgress], None] | None = None,
) -> ScoringReport:
    """Give each answer that `answers` lets through a score by each scorer, and store it.

    Answers with a number of the same fingerprint keep it; those that had none are tried again. `stop` ends the work
    after the portion at hand.
    """
    begun = time.monotonic()
    there = sum(coverage.answers for coverage in store.scores.coverage(answers))
    infos = [scorer.info for scorer in scorers]
    waiting = [store.scores.waiting(answers, info) for info in infos]
    total = sum(map(len, waiting))
    reports: list[ScorerReport] = []
    done = 0
    for scorer, info, ids in zip(scorers, infos, waiting, strict=True):
        scored, reasons, place, portion = 0, Counter[str](), 0, FIRST_PORTION
        while place < len(ids) and not (stop and stop.is_set()):
            started = time.monotonic()
            found = store.scores.answers(ids[place : place + portion])
            scores = _scores(scorer, info, found)
            store.scores.add(info, scores)
            scored += sum(score.value is not None for score in scores)
            reasons.update(score.reason for score in scores if score.reason is not None)
            done += len(ids[place : place + portion])
            place += portion
            if on_progress:
                on_progress(ScoringProgress(scorer.name, done, total))
            if time.monotonic() - started < PORTION_SECONDS:
                portion = min(2 * portion, LARGEST_PORTION)
        reports.append(ScorerReport(info, scored, there - len(ids), dict(reasons)))
    return ScoringReport(there, tuple(reports), done < total, time.monotonic() - begun)


def item_of(answer: ScorableAnswer) -> Item:
    """Return an answer as metrics see it: its text, its prompt's reference and last user message."""
    reference = answer.prompt.reference
    return Item(answer.text, (reference,) if reference is not None else (), answer.prompt.text)


def results_of(scorer: Scorer, items: Sequence[Item]) -> list[Result]:
    """Return what `scorer` says of `items`; a number that is not finite is none, with the reason.

    Raises:
        RuntimeError: the scorer returned another number of results than there are items.
    """
    results = scorer.score(items)
    if len(results) != len(items):
        raise RuntimeError(f"the scorer {scorer.name} gave {len(results)} results for {len(items)} texts")
    return [_finite(result) for result in results]


def _scores(scorer: Scorer, info: ScorerInfo, answers: Sequence[ScorableAnswer]) -> list[Score]:
    results = results_of(scorer, [item_of(answer) for answer in answers])
    return [
        Score(answer.answer_id, info.scorer, info.fingerprint, r.value, r.reason, r.detail)
        for answer, r in zip(answers, results, strict=True)
    ]


def _finite(result: Result) -> Result:
    if result.value is None or math.isfinite(result.value):
        return result
    return Result(None, f"The number is not finite ({result.value}).", result.detail)
