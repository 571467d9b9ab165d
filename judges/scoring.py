"""Scoring stored answers: each scorer over every answer that has no number of it yet, stored portion by portion.

Scorers that wait for the same answers take each portion one after the other. A portion grows while it is quick and is
written when it is done, so that fast metrics are not held up by reading and writing, and slow ones lose at most seconds
of work when they are stopped. What is stored is never computed again.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

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
    work = [_Work(scorer, scorer.info) for scorer in scorers]
    waiting = [tuple(store.scores.waiting(answers, one.info)) for one in work]
    total = sum(map(len, waiting))
    done = 0
    for ids in dict.fromkeys(waiting):
        alike = [one for one, mine in zip(work, waiting, strict=True) if mine == ids]
        for portion in _portions(ids, stop):
            found = store.scores.answers(portion)
            items = [item_of(answer) for answer in found]
            new = []
            for one in alike:
                new.append((one.info, one.score(found, items)))
                done += len(portion)
                if on_progress:
                    on_progress(ScoringProgress(one.scorer.name, done, total))
            store.scores.add_all(new)
    reports = [
        ScorerReport(one.info, one.scored, there - len(ids), dict(one.reasons))
        for one, ids in zip(work, waiting, strict=True)
    ]
    return ScoringReport(there, tuple(reports), done < total, time.monotonic() - begun)


@dataclass(slots=True)
class _Work:
    """A scorer at work, and what it has done so far."""

    scorer: Scorer
    info: ScorerInfo
    scored: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def score(self, answers: Sequence[ScorableAnswer], items: Sequence[Item]) -> list[Score]:
        scores = [
            Score(answer.answer_id, self.info.scorer, self.info.fingerprint, r.value, r.reason, r.detail)
            for answer, r in zip(answers, results_of(self.scorer, items), strict=True)
        ]
        self.scored += sum(score.value is not None for score in scores)
        self.reasons.update(score.reason for score in scores if score.reason is not None)
        return scores


def _portions(ids: Sequence[UUID], stop: Stop | None) -> Iterator[Sequence[UUID]]:
    """Yield `ids` in portions that grow while the time between two of them is short, until `stop` is set."""
    place, size = 0, FIRST_PORTION
    while place < len(ids) and not (stop and stop.is_set()):
        started = time.monotonic()
        yield ids[place : place + size]
        place += size
        if time.monotonic() - started < PORTION_SECONDS:
            size = min(2 * size, LARGEST_PORTION)


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


def _finite(result: Result) -> Result:
    if result.value is None or math.isfinite(result.value):
        return result
    return Result(None, f"The number is not finite ({result.value}).", result.detail)
