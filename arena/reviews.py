"""Review queues: prepared battles that several people vote through, as frozen values.

A queue has ordinary battles, each of which waits for votes by `overlap` different people, wherever those are cast, and
attention pairs, which everybody meets and whose right outcome is known beforehand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from arena.errors import Conflict, InvalidInput
from arena.types import DEFAULT_CRITERION, Voter, Winner


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as stored; once it is closed it hands out nothing, and what was voted stays."""

    name: str
    overlap: int = 1
    instructions: str = ""
    criterion: str = DEFAULT_CRITERION
    created_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def closed(self) -> bool:
        """Whether it takes no more votes."""
        return self.closed_at is not None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A battle of a queue; an attention pair has the outcome that is `expected` of whoever reads it."""

    battle_id: UUID
    expected: Winner | None = None


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """A queue with its figures, for those who run it.

    `battles` are ordinary ones, `complete` of them have votes by `overlap` people; `votes` are people's standing votes
    on them, by `people` different ones, `missing` how many more it takes. `skips` counts skipped battles, once for each
    who skipped. `attention` pairs count in none of the others.
    """

    queue: Queue
    battles: int
    complete: int
    votes: int
    missing: int
    people: int
    skips: int
    attention: int


@dataclass(frozen=True, slots=True)
class ItemState:
    """A battle of a queue as it stands for one annotator.

    `people` have a standing vote on it. `winner` is the annotator's own standing vote; `met_at` is when they first
    voted on it or skipped it, `None` where they did neither or took it back.
    """

    battle_id: UUID
    attention: bool
    people: tuple[str, ...]
    winner: Winner | None
    skipped: bool
    met_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewVote:
    """A person's standing vote on a battle of a queue.

    `first_at` is when they first voted on it, `expected` the right outcome where it is an attention pair.
    """

    battle_id: UUID
    voter: Voter
    winner: Winner
    first_at: datetime
    expected: Winner | None


def queue_name(name: str) -> str:
    """Return `name` as a queue may be called, without surrounding space.

    Raises:
        InvalidInput: it is empty, longer than 80 characters, or holds a slash or signs that cannot be seen.
    """
    name = name.strip()
    if not name or len(name) > 80 or "/" in name or not name.isprintable():
        raise InvalidInput(
            f"{name!r} cannot be the name of a review queue: use up to 80 characters and no slash."
        )
    return name


def refuse_known(name: str, known: Iterable[Queue]) -> None:
    """Refuse the name of a queue that there is already, closed ones included.

    Raises:
        Conflict: there is one.
    """
    if any(queue.name == name for queue in known):
        raise Conflict(f"There is a review queue called {name!r} already: choose another name.")
