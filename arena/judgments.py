"""What judges leave behind: judges, their calls, verdicts and scores, as frozen values.

A verdict on a battle becomes a vote of kind `judge`; a score belongs to one answer. Both carry the fingerprint of what
made them (template, judge model, settings), so that a changed judge never passes for the old one. A verdict or score
that could not be had is stored with its reason and is never a tie or a zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arena.types import DEFAULT_CRITERION, STRANGERS, Message, Prompt, Voter, Winner

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class JudgeKind(StrEnum):
    """What decides: a language model, several judges together, a reward model, a metric, or a rule."""

    PAIRWISE = "pairwise"
    SINGLE = "single"
    JURY = "jury"
    REWARD = "reward"
    METRIC = "metric"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """A named judge, as stored; its name is the voter's name of its votes.

    `options` by kind: pairwise and single: `model` (a registered model), `template`, and how to ask it; jury:
    `members`, `decide`; reward: `path`; metric: `metric`; rule: `pattern`, `json_schema` or lengths.
    """

    name: str
    kind: JudgeKind
    options: Mapping[str, Any] = field(default_factory=dict)


class Failure(StrEnum):
    """Why there is no verdict or score."""

    UNREADABLE = "unreadable"
    """The reply holds no verdict."""
    CONTRADICTORY = "contradictory"
    """The reply holds several verdicts that differ."""
    OFF_SCALE = "off_scale"
    """The verdict is none of those asked for."""
    TRUNCATED = "truncated"
    """The reply was cut before its verdict."""
    REFUSED = "refused"
    """The judge, or its server's filter, declined to answer."""
    NO_REPLY = "no_reply"
    """The server failed, timed out or could not be reached."""
    NOT_APPLICABLE = "not_applicable"
    """This judge cannot judge this battle or answer, for example without a reference."""


@dataclass(frozen=True, slots=True)
class JudgeCall:
    """One request to a judge's model, answered or not; what is paid for.

    `key` is the content hash of fingerprint and messages: equal calls share it, and `attempt` (from 1) counts the
    tries. `reading` is what was understood of the reply, `failure` and `detail` why nothing was.
    """

    key: str
    attempt: int
    judge: str
    fingerprint: str
    messages: tuple[Message, ...]
    reply: str | None
    reading: Mapping[str, Any] | None
    failure: Failure | None = None
    detail: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None
    """In the currency of the judge's prices; `None` where it has none."""
    seconds: float | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judge's outcome for a battle, in the battle's own order of sides; `winner` is `None` where there is none.

    `forward` is the outcome with side A shown first, `backward` the one with side B first, turned back to the
    battle's order; a judge that is asked once has no `backward`. `probability_a` is the soft verdict: the chance that
    A is better, a tie counted half. `strength` is 3 for a much better answer where the scale has that, else 1.
    """

    battle_id: UUID
    judge: str
    fingerprint: str
    winner: Winner | None
    criterion: str = DEFAULT_CRITERION
    failure: Failure | None = None
    detail: str | None = None
    inconsistent: bool = False
    probability_a: float | None = None
    strength: int = 1
    forward: Winner | None = None
    backward: Winner | None = None
    calls: tuple[str, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One number for one answer by one scorer, or the reason why there is none.

    `fingerprint` is the hash of `scorer` and everything the number depends on (see `ScorerInfo`).
    """

    answer_id: UUID
    scorer: str
    fingerprint: str
    value: float | None
    reason: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScorerInfo:
    """What a number of a scorer depends on: model, layer, stemmer, window, template, ..."""

    scorer: str
    fingerprint: str
    depends: Mapping[str, Any]
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class BattleFilter:
    """Which stored battles a judge is to look at; `None` means no restriction. Only battles that take votes count.

    `voted_by_people` keeps battles with a standing vote of a person; `models` those between two of them.
    """

    __pydantic_config__ = STRANGERS

    models: tuple[str, ...] | None = None
    prompt_sets: tuple[str, ...] | None = None
    category: str | None = None
    language: str | None = None
    voted_by_people: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """Which stored answers are scored or shown; `None` means no restriction.

    Those there are: recorded answers, and the first answers of battles (a follow-up answers a conversation, which no
    reference knows). A recorded answer that battles have shown again counts once. Answers of removed models are
    left out unless `models` names them.
    """

    __pydantic_config__ = STRANGERS

    models: tuple[str, ...] | None = None
    prompt_sets: tuple[str, ...] | None = None
    category: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ScorableAnswer:
    """A stored answer with the prompt it answers: what a scorer is given."""

    answer_id: UUID
    model: str
    text: str
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class AnswerCoverage:
    """How many answers a filter lets through, how many have a reference, and on how many prompts."""

    model: str
    answers: int
    prompts: int
    with_reference: int
    prompts_with_reference: int


@dataclass(frozen=True, slots=True)
class ScoreMean:
    """The scores of one model by one scorer: their mean, and its standard error with answers clustered by prompt.

    `answers` counts those with a number and `prompts` what they answer; `standard_error` is `None` for fewer than
    two prompts. `reasons` counts the answers without a number by why there is none.
    """

    model: str
    scorer: str
    fingerprint: str
    mean: float | None
    standard_error: float | None
    answers: int
    prompts: int
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """One stored score beside its answer, for reading."""

    answer: ScorableAnswer
    score: Score


@dataclass(frozen=True, slots=True)
class JudgeVotes:
    """That `votes` votes of a judge (or of another voter who is no person) stand on a criterion."""

    judge: Voter
    criterion: str
    votes: int


@dataclass(frozen=True, slots=True)
class JointVotes:
    """How two voters voted on the battles they share: `counts[i][j]` got outcome i by the first, j by the second.

    Outcomes are 0 for side A, 1 for side B, 2 for neither (a tie or both bad).
    """

    first: Voter
    second: Voter
    counts: tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedBattles:
    """A judge's standing votes on one criterion as columns of one length, one row a battle, with what people said.

    Outcomes are coded 0 for side A, 1 for side B, 2 for neither (a tie or both bad). `judge` (n,) is the judge's
    vote; `people` (n, 3) counts people's standing votes by outcome; `forward` and `backward` (n,) are its outcomes
    with side A and side B shown first, -1 where it was not asked so. `length_a`, `length_b` (n,) are the characters
    of a side's answers, -1 without texts. `model_a`, `model_b` (n,) are places in `names`; `category` and `language`
    (n,) are the prompt's, empty where not known.
    """

    names: tuple[str, ...]
    model_a: "npt.NDArray[np.int32]"
    model_b: "npt.NDArray[np.int32]"
    judge: "npt.NDArray[np.int8]"
    people: "npt.NDArray[np.int32]"
    forward: "npt.NDArray[np.int8]"
    backward: "npt.NDArray[np.int8]"
    length_a: "npt.NDArray[np.int64]"
    length_b: "npt.NDArray[np.int64]"
    category: "npt.NDArray[np.object_]"
    language: "npt.NDArray[np.object_]"
