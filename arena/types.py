"""The nouns of the workbench as frozen values; every module speaks in these.

Swapping sides is a method here, so that nobody re-implements it. Pydantic stands only where strangers' data comes in.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from arena.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DEFAULT_CRITERION = "overall"
"""The criterion of a vote unless another is set up."""

STRANGERS: Any = {"extra": "forbid"}
"""How pydantic reads a filter that strangers send: a name it does not know is an error, not something to ignore."""


class Winner(StrEnum):
    """Outcome of a battle as the voter saw it."""

    MODEL_A = "model_a"
    MODEL_B = "model_b"
    TIE = "tie"
    BOTH_BAD = "both_bad"

    def swapped(self) -> "Winner":
        """Return the same outcome with the two sides exchanged."""
        return {Winner.MODEL_A: Winner.MODEL_B, Winner.MODEL_B: Winner.MODEL_A}.get(self, self)

    @property
    def decisive(self) -> bool:
        """Whether one side won."""
        return self in (Winner.MODEL_A, Winner.MODEL_B)


class VoterKind(StrEnum):
    """Who stands behind a vote; never mixed silently."""

    HUMAN = "human"
    JUDGE = "judge"
    SIMULATED = "simulated"


class Aside(StrEnum):
    """Why the votes on a battle stand aside, in no rating, no export and no agreement."""

    NAMED = "named"
    """Its voter knew the names of the models; `VoteFilter.named` brings such votes in."""
    ATTENTION = "attention"
    """It checks whether annotators read; its votes never count."""


class ModelKind(StrEnum):
    """Where a model's answers come from."""

    ENDPOINT = "endpoint"
    LOCAL = "local"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Voter:
    """A voter: kind and name together identify one."""

    kind: VoterKind
    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message in OpenAI chat form."""

    role: Literal["system", "user", "assistant"]
    content: str

    def as_dict(self) -> dict[str, str]:
        """Return `{"role": ..., "content": ...}`."""
        return {"role": self.role, "content": self.content}


def prompt_id_of(messages: Sequence[Message]) -> str:
    """Return the id of a prompt: 32 hex digits of the SHA-256 of its messages, so equal prompts share one id."""
    text = json.dumps([m.as_dict() for m in messages], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked: messages ending with a user message, and what is known about them."""

    messages: tuple[Message, ...]
    reference: str | None = None
    category: str | None = None
    language: str | None = None
    source: str | None = None

    @property
    def prompt_id(self) -> str:
        """Return the content id, see `prompt_id_of`."""
        return prompt_id_of(self.messages)

    @property
    def text(self) -> str:
        """Return the last user message, what a person would call the prompt."""
        return self.messages[-1].content

    @classmethod
    def from_text(cls, text: str, **known: str | None) -> "Prompt":
        """Make a prompt of one user message."""
        if not text.strip():
            raise InvalidInput("The prompt is empty: write a question or an instruction.")
        return cls((Message("user", text),), **known)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn; `max_tokens` counts new tokens."""

    temperature: float = 0.8
    top_p: float = 1.0
    max_tokens: int = 1024
    seed: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as a plain mapping for storage."""
        return {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
        }


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A named source of answers, as stored.

    `options` by kind: endpoint: `base_url`, `model`, `api_key_env`, `timeout` (seconds), `retries`; local: `path`,
    `adapter`, `four_bit`, `dtype`, `device`; recorded: none (its answers stand in the store). Any kind: `system`
    (a system message), `temperature`, `top_p`, `max_tokens` that override the caller's sampling.
    """

    name: str
    kind: ModelKind
    options: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None

    @property
    def live(self) -> bool:
        """Whether the model can answer a prompt it has never seen."""
        return self.kind is not ModelKind.RECORDED


FINISHED = ("stop", "length", "recorded")
"""Finish reasons of an answer that may be shown; `length` means it was cut at `max_tokens`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model said to one prompt (or to one turn of a battle), or why it said nothing."""

    model: str
    text: str
    finish_reason: str | None = None
    tokens: int | None = None
    seconds: float | None = None
    sampling: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    answer_id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def failed(self) -> bool:
        """Whether this answer cannot be voted on."""
        return self.error is not None


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a battle: what the user wrote after the prompt (`None` in the first turn), and both answers."""

    user: str | None
    answer_a: Answer
    answer_b: Answer

    @property
    def failed(self) -> bool:
        """Whether either answer failed."""
        return self.answer_a.failed or self.answer_b.failed


@dataclass(frozen=True, slots=True)
class Battle:
    """Two models on one prompt, in the order shown; `model_a` and `model_b` stay hidden until the vote."""

    battle_id: uuid.UUID
    prompt: Prompt | None
    model_a: str
    model_b: str
    turns: tuple[Turn, ...] = ()
    started_by: Voter | None = None
    created_at: datetime | None = None

    @property
    def votable(self) -> bool:
        """Whether both sides answered every turn."""
        return bool(self.turns) and not any(t.failed for t in self.turns)

    def conversation(self, side: Literal["a", "b"]) -> tuple[Message, ...]:
        """Return the whole conversation of one side: prompt, answers and follow-ups, in order."""
        messages = list(self.prompt.messages) if self.prompt else []
        for turn in self.turns:
            if turn.user is not None:
                messages.append(Message("user", turn.user))
            answer = turn.answer_a if side == "a" else turn.answer_b
            messages.append(Message("assistant", answer.text))
        return tuple(messages)


@dataclass(frozen=True, slots=True)
class Vote:
    """A voter's outcome for a battle on a criterion.

    Append-only: (battle, voter, criterion, `revision`) is unique, the highest revision stands, and an undo is a
    revision whose `winner` is `None`.
    """

    battle_id: uuid.UUID
    winner: Winner | None
    voter: Voter
    criterion: str = DEFAULT_CRITERION
    revision: int = 0
    reasons: tuple[str, ...] = ()
    comment: str | None = None
    created_at: datetime | None = None

    def swapped(self) -> "Vote":
        """Return the vote as it would read had the sides been shown the other way round."""
        return replace(self, winner=self.winner.swapped() if self.winner else None)


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """What a voter wrote because they would have answered better, in the place of a battle's last answers.

    Append-only as votes are: (battle, voter, `revision`) is unique, the highest revision stands, and a withdrawal is
    a revision whose `text` is `None`. It counts while its writer's vote on `criterion` stands.
    """

    battle_id: uuid.UUID
    voter: Voter
    text: str | None
    criterion: str = DEFAULT_CRITERION
    revision: int = 0
    created_at: datetime | None = None
    answer_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class OwnVote:
    """A standing vote as its voter may see it again: with what was asked, and with the names, known since the vote.

    `number` rises with each vote written; `prompt` is what the user said last, `None` where only the vote is known.
    """

    number: int
    vote: Vote
    prompt: str | None
    model_a: str
    model_b: str


@dataclass(frozen=True, slots=True)
class ListedBattle:
    """A stored battle in a list, names included: what the user said last, who started it, how many votes stand on it.

    `aside` says why its votes count nowhere, if they do not (see `Aside`).
    """

    battle_id: uuid.UUID
    prompt: str | None
    model_a: str
    model_b: str
    votable: bool
    started_by: str | None
    aside: str | None
    votes: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PairCount:
    """How often each outcome stands between two models, with `model_a` < `model_b` not required."""

    model_a: str
    model_b: str
    wins_a: int
    wins_b: int
    ties: int
    both_bad: int

    @property
    def votes(self) -> int:
        """Return the number of votes on this pair."""
        return self.wins_a + self.wins_b + self.ties + self.both_bad


OUTCOMES = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD)
"""The codes of `VoteColumns.winner`: a winner's place in this tuple."""


@dataclass(frozen=True, slots=True, eq=False)
class VoteColumns:
    """Standing votes as columns of one length, in the order the votes were cast, for ratings that depend on order.

    `model_a` and `model_b` (int32) are places in `names`, `winner` (int8) is a place in `OUTCOMES`.
    """

    names: tuple[str, ...]
    model_a: "npt.NDArray[np.int32]"
    model_b: "npt.NDArray[np.int32]"
    winner: "npt.NDArray[np.int8]"


@dataclass(frozen=True, slots=True)
class VoteFilter:
    """Which standing votes count; `None` means no restriction.

    `models` keeps votes between two of them; `without_prompts` leaves out battles on those prompt ids, and
    `without_voters` the votes of those voters. `trusted` names judges whose votes count whatever their licence says;
    the workbench reads it, the store does not. `named` adds the votes on battles set aside because their voter knew the
    models' names. `since` and `until` keep votes cast at or after, and before, a moment (with a time zone; the board as
    of a date). `per_prompt` counts only so many votes on one prompt, the earliest, so that a prompt asked again and
    again cannot decide. `without_self_named` leaves out battles in which an answer names its own model.
    """

    __pydantic_config__ = STRANGERS

    voter_kinds: tuple[VoterKind, ...] | None = None
    voters: tuple[str, ...] | None = None
    criterion: str = DEFAULT_CRITERION
    category: str | None = None
    language: str | None = None
    models: tuple[str, ...] | None = None
    without_prompts: frozenset[str] = frozenset()
    without_voters: tuple[Voter, ...] = ()
    trusted: tuple[str, ...] = ()
    named: bool = False
    since: datetime | None = None
    until: datetime | None = None
    per_prompt: int | None = None
    without_self_named: bool = False


@dataclass(frozen=True, slots=True)
class Preference:
    """A prompt with a chosen and a rejected continuation: assistant messages, with follow-ups of the user between."""

    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]
    prompt_id: str
    battle_id: uuid.UUID
    model_chosen: str
    model_rejected: str
    votes: int
    agreement: float
    voter_kinds: tuple[VoterKind, ...]
