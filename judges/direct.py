"""Judges that need no calls: a rule, a metric against the reference, a trained reward model.

They judge battles in portions, on a thread, and their verdict depends on nothing but the battle.
"""

from collections.abc import Sequence
from typing import Literal, Protocol
from uuid import UUID

from arena.errors import InvalidInput
from arena.judgments import Failure, JudgeSpec, Score, ScorerInfo, Verdict
from arena.types import Answer, Battle
from judges.classifier import SequenceScorer, preference
from judges.metrics.base import Item, Result, Scorer
from judges.outcome import Author, by_numbers, by_passing
from judges.rules import Rule, RuleNotDecidedError
from judges.scoring import results_of
from judges.spec import MetricOptions, hash_of, metric_options, reward_options, rule_options

PORTION = 64
"""So many battles are judged before the wish to stop is looked at again."""


class DirectJudge(Protocol):
    """Judges battles without asking anybody."""

    @property
    def fingerprint(self) -> str:
        """The hash of everything its verdicts depend on."""

    def judge(self, battles: Sequence[Battle], criterion: str) -> list[Verdict]:
        """Return a verdict for each battle, in their order."""


class KeptScores(Protocol):
    """Where scores are looked up before they are computed, and kept after; `store.scores` is one."""

    def of(self, ids: Sequence[UUID], scorer: str, fingerprint: str) -> dict[UUID, Score]:
        """Return the stored scores of these answers."""

    def add(self, info: ScorerInfo, scores: Sequence[Score]) -> None:
        """Store scores."""


class RuleJudge:
    """The side that passes a rule beats the one that does not; of a longer battle every answer must pass."""

    def __init__(self, spec: JudgeSpec) -> None:
        options = rule_options(spec)
        try:
            self._rule = Rule(options)
        except InvalidInput as error:
            raise InvalidInput(f"{spec.name}: {error}") from None
        self._name = spec.name
        self.fingerprint = hash_of({"kind": "rule", "options": dict(sorted(spec.options.items()))})

    def judge(self, battles: Sequence[Battle], criterion: str) -> list[Verdict]:
        """Return a verdict for each battle, in their order."""
        author = Author(self._name, self.fingerprint, criterion)
        return [self._one(battle, author) for battle in battles]

    def _one(self, battle: Battle, author: Author) -> Verdict:
        try:
            complaints_a = self._complaints([turn.answer_a for turn in battle.turns])
            complaints_b = self._complaints([turn.answer_b for turn in battle.turns])
        except RuleNotDecidedError as error:
            return author.failed(battle.battle_id, Failure.NOT_APPLICABLE, f"{error}.")
        winner = by_passing(not complaints_a, not complaints_b)
        detail = "; ".join(
            f"{side} {complaints or 'passes'}"
            for side, complaints in (("A", complaints_a), ("B", complaints_b))
        )
        return author.decided(battle.battle_id, winner, detail=detail)

    def _complaints(self, answers: Sequence[Answer]) -> str:
        reasons = [reason for answer in answers for reason in self._rule.check(answer.text).reasons]
        return f"fails: {', '.join(dict.fromkeys(reasons))}" if reasons else ""


class MetricJudge:
    """The side with the better number wins; the number is that of the first answer, which the reference is about.

    Numbers are kept as scores, so that the same answer in another battle is not scored again.
    """

    def __init__(self, spec: JudgeSpec, scorer: Scorer, kept: KeptScores) -> None:
        self._options: MetricOptions = metric_options(spec)
        self._name = spec.name
        self._scorer = scorer
        self._kept = kept
        self.fingerprint = hash_of(
            {"kind": "metric", "scorer": scorer.info.fingerprint, "tie_width": self._options.tie_width}
        )

    def judge(self, battles: Sequence[Battle], criterion: str) -> list[Verdict]:
        """Return a verdict for each battle, in their order."""
        author = Author(self._name, self.fingerprint, criterion)
        items = {
            answer.answer_id: Item(
                answer.text, _references(battle), battle.prompt.text if battle.prompt else None
            )
            for battle in battles
            for answer in (battle.turns[0].answer_a, battle.turns[0].answer_b)
        }
        results = scored(self._scorer, items, self._kept)
        return [self._one(battle, author, results) for battle in battles]

    def _one(self, battle: Battle, author: Author, results: dict[UUID, Result]) -> Verdict:
        turn = battle.turns[0]
        a, b = results[turn.answer_a.answer_id], results[turn.answer_b.answer_id]
        if a.value is None or b.value is None:
            reason = a.reason if a.value is None else b.reason
            return author.failed(battle.battle_id, Failure.NOT_APPLICABLE, str(reason))
        winner = by_numbers(
            a.value, b.value, self._options.tie_width, higher_is_better=self._scorer.info.higher_is_better
        )
        detail = f"{self._scorer.name}: A {a.value:.4g}, B {b.value:.4g}"
        return author.decided(battle.battle_id, winner, detail=detail)


class RewardJudge:
    """The side whose conversation has the higher reward wins; the difference makes a soft verdict.

    The reward of one answer to one prompt is kept as its score; a longer conversation is scored each time.
    """

    def __init__(self, spec: JudgeSpec, scorer: SequenceScorer, kept: KeptScores) -> None:
        self._options = reward_options(spec)
        self._name = spec.name
        self._scorer = scorer
        self._kept = kept
        self.fingerprint = hash_of(
            {"kind": "reward", "scorer": scorer.info.fingerprint, "tie_width": self._options.tie_width}
        )

    def judge(self, battles: Sequence[Battle], criterion: str) -> list[Verdict]:
        """Return a verdict for each battle, in their order."""
        author = Author(self._name, self.fingerprint, criterion)
        plain = [battle for battle in battles if _one_exchange(battle)]
        results = self._kept_rewards(plain)
        longer = [battle for battle in battles if not _one_exchange(battle)]
        conversations = [battle.conversation(side) for battle in longer for side in _SIDES]
        found = self._scorer.score_conversations(conversations) if conversations else []
        for battle, a, b in zip(longer, found[::2], found[1::2], strict=True):
            results[battle.battle_id] = (a, b)
        return [self._one(battle, author, *results[battle.battle_id]) for battle in battles]

    def _kept_rewards(self, battles: Sequence[Battle]) -> dict[UUID, tuple[Result, Result]]:
        items = {
            answer.answer_id: Item(answer.text, (), battle.prompt.text if battle.prompt else None)
            for battle in battles
            for answer in (battle.turns[0].answer_a, battle.turns[0].answer_b)
        }
        rewards = scored(self._scorer, items, self._kept)
        return {
            battle.battle_id: (
                rewards[battle.turns[0].answer_a.answer_id],
                rewards[battle.turns[0].answer_b.answer_id],
            )
            for battle in battles
        }

    def _one(self, battle: Battle, author: Author, a: Result, b: Result) -> Verdict:
        chance = preference(a, b)
        if chance is None:
            reason = a.reason if a.value is None else b.reason
            return author.failed(battle.battle_id, Failure.NOT_APPLICABLE, str(reason))
        first, second = a.detail["logit"], b.detail["logit"]
        winner = by_numbers(first, second, self._options.tie_width)
        detail = f"reward: A {first:.4g}, B {second:.4g}"
        return author.decided(battle.battle_id, winner, detail=detail, probability_a=chance)


_SIDES: tuple[Literal["a", "b"], ...] = ("a", "b")


def _one_exchange(battle: Battle) -> bool:
    """Whether a battle is one user message with one answer each, which is what a stored reward is about."""
    return len(battle.turns) == 1 and battle.prompt is not None and len(battle.prompt.messages) == 1


def scored(scorer: Scorer, items: dict[UUID, Item], kept: KeptScores) -> dict[UUID, Result]:
    """Return each item's result by its answer's id: the stored number where there is one, else computed and kept."""
    info = scorer.info
    known = kept.of(list(items), info.scorer, info.fingerprint)
    results = {i: Result(s.value, None, s.detail) for i, s in known.items() if s.value is not None}
    missing = [answer_id for answer_id in items if answer_id not in results]
    new = dict(zip(missing, results_of(scorer, [items[i] for i in missing]), strict=True)) if missing else {}
    if new:
        kept.add(
            info,
            [Score(i, info.scorer, info.fingerprint, r.value, r.reason, r.detail) for i, r in new.items()],
        )
    return {**results, **new}


def _references(battle: Battle) -> tuple[str, ...]:
    reference = battle.prompt.reference if battle.prompt else None
    return (reference,) if reference else ()
