"""What verbs return when the arena has no type for it: small frozen values that screens and commands show."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

from arena.battles import Frame
from arena.comparison import WinRate
from arena.leaderboard import Leaderboard
from arena.statistics import Figure
from arena.types import Message, Prompt, Vote, Winner


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


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """A review queue as one of its annotators sees it.

    `done` battles this person has voted on or skipped, of `total` that are theirs to do as things stand; of all the
    votes the queue needs, the share `complete` is in. Battles that only check who reads are among `done` and `total`.
    At this person's pace the rest takes `seconds_left`, `None` while there is no pace.
    """

    queue: str
    instructions: str
    criterion: str
    overlap: int
    closed: bool
    done: int
    total: int
    complete: float
    seconds_left: float | None

    @property
    def left(self) -> int:
        """How many battles wait for this person, those included that somebody else looks at just now."""
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A battle of a queue as its annotator may see it: an opaque id and texts, no names, nobody else's vote.

    `prompt` is what was asked, `side_a` and `side_b` what followed, from the first answer on. `winner`, `reasons` and
    `comment` are the annotator's own standing vote; `place` counts from 1 in the order they met the battles.
    """

    battle_id: uuid.UUID
    place: int
    prompt: tuple[Message, ...]
    side_a: tuple[Message, ...]
    side_b: tuple[Message, ...]
    winner: Winner | None = None
    reasons: tuple[str, ...] = ()
    comment: str | None = None
    skipped: bool = False

    @property
    def dealt(self) -> bool:
        """Whether the annotator has voted on it or skipped it."""
        return self.skipped or self.winner is not None


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """Where an annotator stands, and the battle before them; none when nothing is left, or all is in other hands."""

    progress: ReviewProgress
    item: ReviewItem | None


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """What a voter's own votes come to.

    `days` are the latest days (UTC) with the number of battles voted on, oldest first, today last. `agreement` is the
    share of other people's votes on the same battles that the voter's equal, unknown until `n` is large enough to tell
    nothing of a single battle. `board` rates models by this voter's votes alone.
    """

    count: VoteCount
    goal: int
    days: tuple[tuple[date, int], ...]
    agreement: Figure
    board: Leaderboard
