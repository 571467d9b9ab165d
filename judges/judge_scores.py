"""Judges that give single answers a number, as scorers of stored answers: what the judge of a battle sees, one by one.

A single judge is asked, and what it is asked costs money: a reply that could not be read is not asked for again unless
that is wished, and equal questions share one reply with the judge's battles. A reward model, a metric and a rule (1 for
passing, else 0) compute. A pairwise judge and a jury compare answers and have no number for one.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from arena.errors import InvalidInput
from arena.judgments import AnswerFilter, JudgeKind, JudgeSpec, ScorableAnswer, Score, ScorerInfo
from arena.store import Store
from arena.types import Message
from judges.asking import AskingJudge
from judges.calls import CallGroup, CallRunner
from judges.judging import Limits
from judges.metrics.base import Result, scorer_info
from judges.opening import Surroundings, asking_judge, metric_scorer, reward_scorer
from judges.reading import Unreadable
from judges.rules import Rule, RuleNotDecidedError
from judges.scoring import ScorerReport, Stop, item_of
from judges.spec import rule_options

PORTION = 64
"""So many answers are computed before the wish to stop is looked at again."""

OnScores = Callable[[Sequence[Score], int], None]
"""Told of scores to store, and how many answers they settle; an answer without a reply has no score to store."""


class ScoringJudge(Protocol):
    """A judge that scores single answers."""

    @property
    def info(self) -> ScorerInfo:
        """What its numbers depend on; a judge that asks names the scorer, a reward model or metric names its own."""

    @property
    def paid(self) -> bool:
        """Whether a number may cost money."""

    async def score(self, answers: Sequence[ScorableAnswer], stop: Stop, on_scores: OnScores) -> str | None:
        """Score the answers until `stop` is set; return in one sentence why not all were looked at, if so."""


def scoring_judge(spec: JudgeSpec, criterion: str, around: Surroundings, limits: Limits) -> ScoringJudge:
    """Return the judge of `spec` as a scorer.

    Raises:
        InvalidInput: it compares answers and scores none, or an option cannot be used.
        NotFound: its model, template or metric is not there.
    """
    if spec.kind is JudgeKind.SINGLE:
        return _Asked(asking_judge(spec, around), criterion, around, limits)
    if spec.kind is JudgeKind.REWARD:
        reward = reward_scorer(spec, around)
        return _Computed(reward.info, lambda said: reward.score_conversations([*map(conversation, said)]))
    if spec.kind is JudgeKind.METRIC:
        metric = metric_scorer(spec, around)
        return _Computed(metric.info, lambda said: metric.score([*map(item_of, said)]))
    if spec.kind is JudgeKind.RULE:
        rule = Rule(rule_options(spec))
        return _Computed(
            scorer_info(spec.name, {"rule": dict(spec.options)}),
            lambda said: [passing(rule, answer.text) for answer in said],
        )
    raise InvalidInput(
        f"The judge {spec.name!r} is of kind {spec.kind} and compares answers; "
        "a number for one answer is given by single, reward, metric and rule judges."
    )


async def score_by_judge(
    store: Store,
    answers: AnswerFilter,
    judge: ScoringJudge,
    *,
    retry_failed: bool,
    stop: Stop,
    on_progress: Callable[[int], None],
) -> tuple[ScorerReport, str | None]:
    """Give each answer without a number of this judge one and store it as it comes; see `ScoringJudge.score`.

    Of a judge that costs money, answers that are known to have no number are left alone unless `retry_failed`.
    `on_progress` is told how many more answers were settled.
    """
    again = retry_failed or not judge.paid
    ids = await asyncio.to_thread(store.scores.waiting, answers, judge.info, failed_too=again)
    there = await asyncio.to_thread(store.scores.coverage, answers)
    scored, reasons = 0, Counter[str]()

    def keep(scores: Sequence[Score], settled: int) -> None:
        nonlocal scored
        if scores:
            store.scores.add(judge.info, scores)
        scored += sum(score.value is not None for score in scores)
        reasons.update(score.reason for score in scores if score.reason is not None)
        on_progress(settled)

    found = await asyncio.to_thread(store.scores.answers, ids)
    ended = await judge.score(found, stop, keep)
    kept = sum(model.answers for model in there) - len(ids)
    return ScorerReport(judge.info, scored, kept, dict(reasons)), ended


def conversation(answer: ScorableAnswer) -> tuple[Message, ...]:
    """Return the prompt's messages with the answer after them."""
    return (*answer.prompt.messages, Message("assistant", answer.text))


def passing(rule: Rule, text: str) -> Result:
    """Return 1 for a text that passes, 0 for one that fails (with `detail["fails"]`), or why neither is known."""
    try:
        found = rule.check(text)
    except RuleNotDecidedError as error:
        return Result.missing(f"{error}.")
    return Result(float(found.passed), None, {} if found.passed else {"fails": list(found.reasons)})


@dataclass(frozen=True)
class _Computed:
    """A judge whose numbers are computed here."""

    info: ScorerInfo
    compute: Callable[[Sequence[ScorableAnswer]], list[Result]]
    paid = False

    async def score(self, answers: Sequence[ScorableAnswer], stop: Stop, on_scores: OnScores) -> str | None:
        for start in range(0, len(answers), PORTION):
            if stop.is_set():
                return f"Stopped after {start:,} of {len(answers):,} answers."
            portion = answers[start : start + PORTION]
            scores = await asyncio.to_thread(self._scores, portion)
            await asyncio.to_thread(on_scores, scores, len(scores))
        return None

    def _scores(self, answers: Sequence[ScorableAnswer]) -> list[Score]:
        return [
            Score(a.answer_id, self.info.scorer, self.info.fingerprint, r.value, r.reason, r.detail)
            for a, r in zip(answers, self.compute(answers), strict=True)
        ]


class _Asked:
    """A judge whose model is asked."""

    paid = True

    def __init__(self, judge: AskingJudge, criterion: str, around: Surroundings, limits: Limits) -> None:
        self.info = judge.scorer_info(criterion)
        self._judge = judge
        self._criterion = criterion
        self._around = around
        self._limits = limits

    async def score(self, answers: Sequence[ScorableAnswer], stop: Stop, on_scores: OnScores) -> str | None:
        judge, limits = self._judge, self._limits
        refused: list[Score] = []
        runner = CallRunner(
            judge.model,
            judge.spec.name,
            judge.call_fingerprint,
            self._around.store.judgments,
            judge.settings(slots=limits.slots, max_cost=limits.max_cost, max_tokens=limits.max_tokens),
            stop=stop,
        )
        async with aclosing(runner.ask(self._groups(answers, refused), len(answers))) as portions:
            async for portion in portions:
                scores = [
                    judge.score(found.tag.answer_id, self._criterion, found.outcomes[0])
                    for found in portion
                    if judge.stands(found.outcomes[0])
                ]
                await asyncio.to_thread(on_scores, scores, len(portion))
        await asyncio.to_thread(on_scores, refused, len(refused))
        return runner.ended

    def _groups(
        self, answers: Sequence[ScorableAnswer], refused: list[Score]
    ) -> Iterator[CallGroup[ScorableAnswer]]:
        """Yield the question about each answer; one that cannot be asked goes to `refused` with the reason."""
        for answer in answers:
            try:
                request = self._judge.request(answer.prompt, conversation(answer), self._criterion)
            except Unreadable as reason:
                refused.append(self._refused(answer, reason))
            else:
                yield CallGroup(answer, (request,))

    def _refused(self, answer: ScorableAnswer, reason: Unreadable) -> Score:
        text = f"{reason.failure}: {reason.detail}"
        return Score(answer.answer_id, self.info.scorer, self.info.fingerprint, None, text)
