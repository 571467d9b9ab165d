"""What verbs return when the arena has no type for it: small frozen values that screens and commands show."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

from arena.battles import Frame
from arena.comparison import WinRate
from arena.types import Prompt, Vote


@dataclass(frozen=True, slots=True)
class OpenBattle:
    """A battle that has begun: its opaque id, its prompt, and the frames to show; no names."""

    battle_id: uuid.UUID
    prompt: Prompt
    frames: AsyncIterator[Frame]


@dataclass(frozen=True, slots=True)
class RevealedModel:
    """One side after the vote; ratings are in Elo points, `None` where votes do not settle one."""

    name: str
    rating: float | None
    change: float | None


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a voter sees once the vote is durable."""

    vote: Vote
    model_a: RevealedModel
    model_b: RevealedModel


@dataclass(frozen=True, slots=True)
class VoteCount:
    """How many standing votes a voter has, in all and since midnight UTC."""

    total: int
    today: int


@dataclass(frozen=True, slots=True)
class Promotion:
    """Whether a tuned model may replace its parent, and what that rests on."""

    model: str
    parent: str
    win_rate: WinRate
    promoted: bool
    reason: str

    def as_dict(self) -> dict[str, object]:
        """Return what the command line prints."""
        return {
            "model": self.model,
            "parent": self.parent,
            "win_rate": self.win_rate.win_rate,
            "lower": self.win_rate.lower,
            "upper": self.win_rate.upper,
            "battles": self.win_rate.battles,
            "promoted": self.promoted,
            "reason": self.reason,
        }
