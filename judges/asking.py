"""Judges that ask a model: which questions a battle makes, and what their answers come to.

A pairwise judge asks which side is better, in both orders unless told otherwise. A single judge asks how good each
answer is, each turn by itself, and the sides are compared by the mean over their turns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from arena.judgments import Failure, JudgeKind, JudgeSpec, Score, ScorerInfo, Verdict
from arena.models import Completion, Model, complete
from arena.types import DEFAULT_CRITERION, Answer, Battle, Message, ModelKind, Prompt
from judges.calls import CallOutcome, CallRequest, CallSettings
from judges.metrics.base import scorer_info
from judges.outcome import Author, by_numbers
from judges.pairwise import Heard, combine
from judges.reading import Unreadable, read
from judges.rendering import Question, call_key, render_pairwise, render_single, schema_for
from judges.spec import AskOptions, hash_of
from judges.templates import Template

MOST_UNREADABLE = 3
"""So many replies to one call may be unreadable; a further one is not likely to be better."""

ONE_ANSWER = "answer "
"""How the reason begins why a single judge has no verdict: which answer it has no score for."""


@dataclass(frozen=True, slots=True)
class AskingJudge:
    """A pairwise or single judge, its model opened; `call_fingerprint` is the hash of what a reply depends on."""

    spec: JudgeSpec
    options: AskOptions
    template: Template
    model: Model
    call_fingerprint: str

    @property
    def fingerprint(self) -> str:
        """The hash of what a verdict depends on: the calls, and what is made of them."""
        return hash_of(
            {
                "calls": self.call_fingerprint,
                "orders": self.options.orders if self.pairwise else None,
                "tie_width": None if self.pairwise else self.options.tie_width,
            }
        )

    @property
    def pairwise(self) -> bool:
        """Whether the judge compares two answers, and does not look at each by itself."""
        return self.spec.kind is JudgeKind.PAIRWISE

    @property
    def structured(self) -> bool:
        """Whether replies are asked for as JSON: only a server can hold a model to a schema."""
        return (
            self.options.structured
            and self.template.structured
            and self.model.spec.kind is ModelKind.ENDPOINT
        )

    def settings(self, **limits: Any) -> CallSettings:
        """Return how a run of this judge asks; `limits` are fields of `CallSettings` that the run sets itself."""
        own = {
            "slots": self.options.slots,
            "attempts": self.options.attempts,
            "unreadable_attempts": min(self.options.attempts, MOST_UNREADABLE),
            "sampling": self.options.sampling(),
            "price_in": self.options.price_in,
            "price_out": self.options.price_out,
        }
        return CallSettings(**{**own, **{name: value for name, value in limits.items() if value is not None}})

    def requests(self, battle: Battle, criterion: str) -> tuple[CallRequest, ...]:
        """Return what is asked about a battle: side A first and side B first, or each answer of A and then of B.

        Raises:
            Unreadable: NOT_APPLICABLE, with the reason.
        """
        return tuple(self._request(question) for question in self._questions(battle, criterion))

    def request(self, prompt: Prompt, conversation: Sequence[Message], criterion: str) -> CallRequest:
        """Return what a single judge is asked about the last answer of a conversation, which begins with the prompt.

        Raises:
            Unreadable: NOT_APPLICABLE, with the reason.
        """
        ask: Mapping[str, Any] = {"criterion": criterion, "structured": self.structured}
        return self._request(render_single(self.template, prompt, conversation, **ask))

    def score(self, answer_id: UUID, criterion: str, outcome: CallOutcome) -> Score:
        """Return the score of an answer that the outcome of its `request` comes to, or the reason why it has none."""
        return _score(answer_id, self.scorer_info(criterion), outcome)

    def verdict(self, battle: Battle, criterion: str, outcomes: Sequence[CallOutcome]) -> Verdict:
        """Return the verdict that the outcomes of `requests` come to, in their order."""
        author = Author(self.spec.name, self.fingerprint, criterion)
        keys = tuple(outcome.key for outcome in outcomes)
        heard = [_heard(outcome) for outcome in outcomes]
        if self.pairwise:
            fields = combine(heard[0], heard[1] if len(heard) > 1 else None)
            return Verdict(
                battle.battle_id, author.judge, author.fingerprint, criterion=criterion, calls=keys, **fields
            )
        scores = []
        for place, reading in enumerate(heard):
            if isinstance(reading, Unreadable):
                side, turn = ("A", place) if place < len(battle.turns) else ("B", place - len(battle.turns))
                where = f"{ONE_ANSWER}{side}" + (f", turn {turn + 1}" if len(battle.turns) > 1 else "")
                detail = f"{where}: {reading.detail}"
                return author.failed(battle.battle_id, reading.failure, detail, calls=keys)
            scores.append(float(reading["score"]))
        turns = len(battle.turns)
        a, b = sum(scores[:turns]) / turns, sum(scores[turns:]) / turns
        winner = by_numbers(a, b, self.options.tie_width)
        return author.decided(battle.battle_id, winner, detail=f"A {a:.4g}, B {b:.4g}", calls=keys)

    def scores(self, battle: Battle, criterion: str, outcomes: Sequence[CallOutcome]) -> list[Score]:
        """Return the score of each answer of a battle, or the reason why it has none; nothing for a pairwise judge."""
        if self.pairwise:
            return []
        info = self.scorer_info(criterion)
        return [
            _score(answer.answer_id, info, outcome)
            for answer, outcome in zip(_answers(battle), outcomes, strict=True)
            if self.stands(outcome)
        ]

    def stands(self, outcome: CallOutcome) -> bool:
        """Whether an outcome says something of the answer: no reply says nothing, and is asked for again."""
        return outcome.failure is not Failure.NO_REPLY

    def scorer_info(self, criterion: str) -> ScorerInfo:
        """Return what this judge's scores depend on; a criterion of its own is part of the scorer's name."""
        name = self.spec.name if criterion == DEFAULT_CRITERION else f"{self.spec.name}: {criterion}"
        depends = {
            "judge": self.call_fingerprint,
            "template": self.template.digest[:16],
            "model": self.options.model,
            "temperature": self.options.temperature,
            "criterion": criterion,
        }
        return scorer_info(name, depends)

    async def ask(self, messages: Sequence[Message]) -> Completion:
        """Return the model's reply to `messages`, asked once and as this judge asks; nothing is stored.

        Raises:
            CallFailed: there is no reply.
        """
        schema = schema_for(self.template) if self.structured else None
        return await complete(self.model, messages, self.options.sampling(), json_schema=schema)

    def _questions(self, battle: Battle, criterion: str) -> list[Question]:
        ask: Mapping[str, Any] = {"criterion": criterion, "structured": self.structured}
        if self.pairwise:
            orders = (False, True) if self.options.orders == "both" else (False,)
            return [render_pairwise(self.template, battle, swapped=swapped, **ask) for swapped in orders]
        if battle.prompt is None or not battle.votable:
            raise Unreadable(Failure.NOT_APPLICABLE, "The battle has no prompt or no two finished answers.")
        return [
            render_single(self.template, battle.prompt, conversation, **ask)
            for side in ("a", "b")
            for conversation in _conversations(battle, side)
        ]

    def _request(self, question: Question) -> CallRequest:
        return CallRequest(
            call_key(self.call_fingerprint, question.messages),
            question.messages,
            partial(read, question),
            schema_for(self.template) if question.structured else None,
            self.options.top_logprobs,
        )


def _conversations(battle: Battle, side: str) -> list[tuple[Message, ...]]:
    """Return one side's conversation up to each of its answers."""
    whole = battle.conversation("a" if side == "a" else "b")
    begun = len(battle.prompt.messages) if battle.prompt else 0
    ends = [n for n, message in enumerate(whole, 1) if n > begun and message.role == "assistant"]
    return [whole[:end] for end in ends]


def _answers(battle: Battle) -> list[Answer]:
    return [turn.answer_a for turn in battle.turns] + [turn.answer_b for turn in battle.turns]


def _heard(outcome: CallOutcome) -> Heard:
    if outcome.reading is not None:
        return outcome.reading
    return Unreadable(outcome.failure or Failure.UNREADABLE, outcome.detail or "The reply could not be read.")


def _score(answer_id: UUID, info: ScorerInfo, outcome: CallOutcome) -> Score:
    reading = outcome.reading
    if reading is None:
        reason = f"{outcome.failure}: {outcome.detail}"
        return Score(answer_id, info.scorer, info.fingerprint, None, reason, calls=(outcome.key,))
    detail = {"expected": reading["expected"]} if reading.get("expected") is not None else {}
    return Score(
        answer_id, info.scorer, info.fingerprint, float(reading["score"]), None, detail, (outcome.key,)
    )
