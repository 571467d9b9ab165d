"""Which battle of a queue an annotator gets next, and who looks at which just now.

The hands are kept in memory by the process that owns the home: a battle is in somebody's hands for `HELD_S` seconds,
or until they take another one. Losing this at a restart costs at most a vote too many on a battle.
"""

import hashlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from arena.reviews import ItemState, Queue
from arena.types import Voter, Winner

HELD_S = 900.0
"""So long a battle counts as being looked at; after that it is handed to somebody else."""
_LEFT_S = 30.0

Hand = tuple[UUID, Voter]
"""A battle and who looks at it."""


@dataclass(frozen=True)
class Pile:
    """A queue's battles as they stand for one annotator."""

    queue: Queue
    voter: Voter
    items: tuple[ItemState, ...]

    @cached_property
    def dealt(self) -> tuple[ItemState, ...]:
        """What the annotator has voted on or skipped, in the order in which they first did."""
        met = [(item.met_at, place, item) for place, item in enumerate(self.items) if item.met_at is not None]
        return tuple(item for *_, item in sorted(met, key=lambda one: one[:2]))

    @cached_property
    def waiting(self) -> tuple[ItemState, ...]:
        """The ordinary battles that need votes and that the annotator has not dealt with."""
        return tuple(
            item
            for item in self.items
            if not item.attention and item.met_at is None and len(item.people) < self.queue.overlap
        )

    @property
    def total(self) -> int:
        """How many battles are the annotator's to do as things stand, those dealt with included."""
        ordinary = self._ordinary_met + len(self.waiting)
        return len(self.dealt) + len(self.waiting) + max(0, self._due(ordinary) - self._pairs_met)

    @property
    def complete(self) -> float:
        """The share of the votes that the queue needs which is in."""
        ordinary = [item for item in self.items if not item.attention]
        votes = sum(min(len(item.people), self.queue.overlap) for item in ordinary)
        return votes / (len(ordinary) * self.queue.overlap) if ordinary else 1.0

    def find(self, battle_id: UUID) -> ItemState | None:
        """Return one battle of the queue, `None` where it is not in it."""
        return next((item for item in self.items if item.battle_id == battle_id), None)

    def place(self, battle_id: UUID | None) -> int | None:
        """Return the place of a battle among those dealt with, from 0."""
        return next((i for i, item in enumerate(self.dealt) if item.battle_id == battle_id), None)

    def with_item(self, changed: ItemState) -> "Pile":
        """Return the pile after one of its battles has changed."""
        items = tuple(changed if item.battle_id == changed.battle_id else item for item in self.items)
        return Pile(self.queue, self.voter, items)

    def voted(self, battle_id: UUID, winner: Winner | None, **changes: object) -> "Pile":
        """Return the pile after the annotator's vote, or without it, on one of its battles."""
        item = self.find(battle_id)
        assert item is not None
        people = [name for name in item.people if name != self.voter.name]
        if winner is not None and self.voter.kind.value == "human":
            people.append(self.voter.name)
        return self.with_item(replace(item, people=tuple(people), winner=winner, **changes))  # type: ignore[arg-type]

    def next(self, hands: Sequence[Hand] = ()) -> UUID | None:
        """Return the battle the annotator should get, `None` where there is none or all are in other hands.

        An attention pair comes when its time has come, otherwise what has the fewest votes. Each of the `hands` of
        others counts as a vote unless theirs stands already. Battles with equally many votes come in an order of the
        annotator's own, so that people who begin together begin at different places.
        """
        if self._due(self._ordinary_met) > self._pairs_met:
            pairs = [item.battle_id for item in self.items if item.attention and item.met_at is None]
            if pairs:
                return min(pairs, key=self._own_order)
        looking: defaultdict[UUID, set[str]] = defaultdict(set)
        for battle_id, other in hands:
            looking[battle_id].add(other.name)
        taken = {item.battle_id: len(looking[item.battle_id].union(item.people)) for item in self.waiting}
        free = [battle_id for battle_id, votes in taken.items() if votes < self.queue.overlap]
        return min(free, key=lambda battle_id: (taken[battle_id], self._own_order(battle_id)), default=None)

    @property
    def _pairs_met(self) -> int:
        return sum(item.attention for item in self.dealt)

    @property
    def _ordinary_met(self) -> int:
        return len(self.dealt) - self._pairs_met

    def _due(self, ordinary_met: int) -> int:
        """Return how many attention pairs the annotator should have met after so many ordinary battles.

        They are spread evenly over the queue, each at a place within its stretch that differs from one annotator to
        the other and that nobody can foresee from the page, yet is the same whenever it is asked for.
        """
        pairs = sum(item.attention for item in self.items)
        if not pairs:
            return 0
        stretch = (len(self.items) - pairs) / pairs
        return sum(stretch * (k + self._fraction(str(k))) <= ordinary_met for k in range(pairs))

    def _own_order(self, battle_id: UUID) -> float:
        return self._fraction(str(battle_id))

    def _fraction(self, what: str) -> float:
        """Return a number in [0, 1) that looks drawn at random, the annotator's own for each `what`."""
        key = "\n".join((self.queue.name, self.voter.kind.value, self.voter.name, what))
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


class Desk:
    """The battles in people's hands, by queue; each person holds at most one of a queue. Any thread may ask."""

    def __init__(self, *, held_s: float = HELD_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._held_s = held_s
        self._clock = clock
        self._lock = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._held: defaultdict[str, dict[Voter, tuple[UUID, float]]] = defaultdict(dict)
        self._left: defaultdict[str, list[tuple[UUID, Voter, float]]] = defaultdict(list)

    @contextmanager
    def choosing(self, name: str) -> Iterator[None]:
        """Let one thread at a time choose from a queue: between looking and taking nobody else may take."""
        with self._lock:
            lock = self._locks[name]
        with lock:
            yield

    def mine(self, name: str, voter: Voter) -> UUID | None:
        """Return the battle a voter holds."""
        with self._lock:
            battle_id, until = self._held[name].get(voter, (None, 0.0))
        return battle_id if until > self._clock() else None

    def others(self, name: str, voter: Voter) -> list[Hand]:
        """Return the battles in other hands than this voter's, each with who holds it, or held it until just now."""
        now = self._clock()
        with self._lock:
            self._held[name] = {who: held for who, held in self._held[name].items() if held[1] > now}
            self._left[name] = [left for left in self._left[name] if left[2] > now]
            hands = [(battle_id, who) for who, (battle_id, _) in self._held[name].items()]
            hands += [(battle_id, who) for battle_id, who, _ in self._left[name]]
        return [(battle_id, who) for battle_id, who in hands if who != voter]

    def take(self, name: str, voter: Voter, battle_id: UUID | None) -> None:
        """Put a battle, or none, into a voter's hands in place of the one they held.

        That one goes on counting for a moment, because whoever chooses just now may not have seen the vote on it.
        """
        now = self._clock()
        with self._lock:
            before = self._held[name].pop(voter, None)
            if before is not None and before[0] != battle_id:
                self._left[name].append((before[0], voter, now + _LEFT_S))
            if battle_id is not None:
                self._held[name][voter] = (battle_id, now + self._held_s)

    def drop(self, name: str, voter: Voter, battle_id: UUID) -> None:
        """Let go of a battle that was not voted on, so that others may have it at once."""
        with self._lock:
            if self._held[name].get(voter, (None, 0.0))[0] == battle_id:
                del self._held[name][voter]
