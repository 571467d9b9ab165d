"""The fewest votes on which the first place rests: taken away, or turned round, another model stands first.

A vote moves the lead of the first model over another one by an amount that the curvature of the likelihood tells
(T. Broderick et al., An Automatic Finite-Sample Robustness Metric, arXiv 2011.14999; for arenas J. Huang et al., arXiv
2508.11847). Votes are taken in the order of that amount, and the ratings are fitted anew until the lead is gone, so
that the number given always does what it says. The order is then drawn up again where the lead vanishes, as long as
that saves a vote. It is an upper bound; where it is small enough, all smaller sets are tried, and the number is exact.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Literal

import numpy as np

from arena.integrity.refit import Floats, inverse, refit
from arena.ratings.intervals import chances
from arena.ratings.rated import POINTS

Change = Literal["removal", "flip"]
"""Votes are left out, or a win becomes a loss (ties stay)."""

_AHEAD = 1e-7
"""Log-odds by which a model must lead to be first."""
_RIVALS = 3
"""So many rivals are tried to the end: those that the least seems to bring first."""
_ROUNDS = 5
_TRIES = 600
"""So many smaller sets are tried to prove a number exact."""


@dataclass(frozen=True, slots=True)
class ChangedVotes:
    """So many votes that said that `winner` beats `loser`, or that the two were tied."""

    winner: str
    loser: str
    tied: bool
    votes: int


@dataclass(frozen=True, slots=True)
class Fragility:
    """The fewest votes found whose removal or flip puts `rival` before `leader`; `votes` of them, a `share` of all.

    `changes` says which, most first. `exact`: no fewer votes do it; otherwise no fewer were found. `margin` is by how
    many points the rival leads afterwards.
    """

    change: Change
    leader: str
    rival: str
    votes: int
    share: float
    changes: tuple[ChangedVotes, ...]
    exact: bool
    margin: float


@dataclass(frozen=True, slots=True, eq=False)
class _Arena:
    """Votes between models as matrices, the votes being cells: wins of row over column, ties above the diagonal."""

    wins: Floats
    ties: Floats

    @property
    def points(self) -> Floats:
        return self.wins + self.ties / 2.0

    def cells(self, change: Change) -> Floats:
        """Return how many votes each cell holds that may be changed, (2, models, models): wins, then ties."""
        ties = np.triu(self.ties) if change == "removal" else np.zeros_like(self.ties)
        return np.stack([self.wins, ties])

    def without(self, taken: Floats, change: Change) -> Floats:
        """Return the points that are left when `taken` of each cell are changed."""
        wins, ties = taken
        left = self.points - wins + (wins.T if change == "flip" else 0.0)
        return left - (ties + ties.T) / 2.0


def fragility(names: tuple[str, ...], wins: Floats, ties: Floats, change: Change) -> Fragility | None:
    """Return the fewest votes found whose change takes the first place from the model that has it.

    `wins[i, j]` counts i over j, `ties` is symmetric, both of shape (models, models) in the order of `names`, and all
    models can be compared with each other (one main group). `None` where no set of votes was found, as with one model.
    """
    if len(names) < 2 or not wins.any():
        return None
    arena = _Arena(wins, ties)
    ratings = refit(arena.points)
    leader = int(ratings.argmax())
    best: tuple[int, Floats] | None = None
    for rival in _rivals(arena, ratings, leader, change):
        found = _search(arena, ratings, leader, rival, change, best[0] if best else None)
        if found is not None and (best is None or found[0] < best[0]):
            best = found
    if best is None:
        return None
    smaller = _smaller(arena, ratings, leader, change, best[0])
    votes, taken = smaller or best
    after = refit(arena.without(taken, change), ratings)
    rival = int(np.where(np.arange(len(names)) == leader, -np.inf, after).argmax())
    return Fragility(
        change=change,
        leader=names[leader],
        rival=names[rival],
        votes=votes,
        share=votes / float((wins + ties / 2.0).sum()),
        changes=_changes(names, taken),
        exact=smaller is not None or _exhausted(arena, change, votes),
        margin=POINTS * float(after[rival] - after[leader]),
    )


def _effects(arena: _Arena, ratings: Floats, direction: Floats, change: Change, inverted: Floats) -> Floats:
    """Return how much one vote of each cell, changed, adds to the lead in `direction`, (2, models, models)."""
    p = chances(ratings)
    moved = inverted @ direction
    across = moved[:, None] - moved[None, :]
    if change == "flip":
        return np.stack([-across, np.zeros_like(across)])
    spread = np.diag(inverted)
    own = p * p.T * (spread[:, None] + spread[None, :] - 2.0 * inverted)
    return np.stack([-across * p.T, -across * (0.5 - p)]) / np.maximum(1.0 - own, 0.05)


def _rivals(arena: _Arena, ratings: Floats, leader: int, change: Change) -> list[int]:
    """Return the rivals whom the fewest votes seem to bring first, by one linear step each."""
    inverted = inverse(arena.points + arena.points.T, ratings)
    cells = arena.cells(change)
    least = np.full(len(ratings), np.inf)
    for rival in np.argsort(ratings[leader] - ratings)[: 4 * _RIVALS + 1].tolist():
        if rival != leader:
            effects = np.where(
                cells > 0, _effects(arena, ratings, _lead(ratings, rival, leader), change, inverted), 0
            )
            order = np.argsort(-effects, axis=None)
            gained = np.cumsum((cells * effects).ravel()[order])
            votes = np.cumsum(cells.ravel()[order])
            crossed = int(np.searchsorted(np.maximum.accumulate(gained), ratings[leader] - ratings[rival]))
            least[rival] = votes[min(crossed, len(votes) - 1)] if crossed < len(votes) else votes[-1]
    return [
        rival for rival in np.argsort(least, kind="stable")[:_RIVALS].tolist() if np.isfinite(least[rival])
    ]


def _lead(ratings: Floats, rival: int, leader: int) -> Floats:
    direction = np.zeros_like(ratings)
    direction[rival], direction[leader] = 1.0, -1.0
    return direction


def _search(
    arena: _Arena, ratings: Floats, leader: int, rival: int, change: Change, limit: int | None
) -> tuple[int, Floats] | None:
    """Return the fewest votes found that bring `rival` before `leader`, with how many of each cell."""
    direction, at = _lead(ratings, rival, leader), ratings
    votes = arena.points + arena.points.T
    best: tuple[int, Floats] | None = None
    for _ in range(_ROUNDS):
        effects = _effects(arena, at, direction, change, inverse(votes, at))
        line = _Line(arena, effects, change, ratings, leader, rival)
        found = line.shortest(best[0] - 1 if best else line.votes, float(ratings[leader] - ratings[rival]))
        if found is None:
            break
        best = found
        if limit is not None and best[0] > 4 * limit:
            break
        before = arena.without(line.taken(best[0] - 1), change)
        at, votes = refit(before, ratings), before + before.T
    return best


class _Line:
    """Votes in the order in which they are changed: those that help most first, cell by cell."""

    def __init__(
        self, arena: _Arena, effects: Floats, change: Change, start: Floats, leader: int, rival: int
    ) -> None:
        cells = arena.cells(change)
        useful = np.flatnonzero((cells > 0) & (effects > 1e-12))
        self._order = useful[np.argsort(-effects.ravel()[useful], kind="stable")]
        self._held = cells.ravel()[self._order]
        self._gain = np.cumsum(self._held * effects.ravel()[self._order])
        self._until = np.cumsum(self._held)
        self._shape = cells.shape
        self._arena, self._change, self._start = arena, change, start
        self._leader, self._rival = leader, rival

    @property
    def votes(self) -> int:
        """Return how many votes help at all."""
        return int(self._until[-1]) if len(self._until) else 0

    def taken(self, votes: int) -> Floats:
        """Return how many votes of each cell the first `votes` of the line are."""
        taken = np.zeros(int(np.prod(self._shape)))
        taken[self._order] = np.clip(votes - (self._until - self._held), 0.0, self._held)
        return taken.reshape(self._shape)

    def shortest(self, most: int, gap: float) -> tuple[int, Floats] | None:
        """Return the least number of votes, up to `most`, after which the rival leads; `None` if there is none."""
        if most < 1 or not self.votes:
            return None
        low, high = 0, max(1, min(self._linear(gap), most, self.votes))
        while not self._done(high):
            if high == min(most, self.votes):
                return None
            low, high = high, min(2 * high, most, self.votes)
        guess = self._linear(gap)
        while high - low > 1:
            middle = guess if low < guess < high else (low + high) // 2
            if self._done(middle):
                high, guess = middle, middle - max(1, (middle - low) // 8)
            else:
                low, guess = middle, middle + max(1, (high - middle) // 8)
        return high, self.taken(high)

    def _linear(self, gap: float) -> int:
        cell = int(np.searchsorted(self._gain, gap))
        return int(self._until[min(cell, len(self._until) - 1)])

    def _done(self, votes: int) -> bool:
        ratings = refit(self._arena.without(self.taken(votes), self._change), self._start)
        return bool(ratings[self._rival] > ratings[self._leader] + _AHEAD)


def _smaller(
    arena: _Arena, ratings: Floats, leader: int, change: Change, votes: int
) -> tuple[int, Floats] | None:
    """Return a smaller set of votes that does it, all sets having been tried in the order of their size."""
    cells = arena.cells(change)
    places = np.flatnonzero(cells)
    for size in range(1, votes):
        if not _possible(len(places), size):
            return None
        for chosen in combinations_with_replacement(places.tolist(), size):
            taken = np.bincount(chosen, minlength=cells.size).astype(float).reshape(cells.shape)
            if (taken <= cells).all():
                after = refit(arena.without(taken, change), ratings)
                if int(after.argmax()) != leader and after.max() > after[leader] + _AHEAD:
                    return size, taken
    return None


def _possible(places: int, size: int) -> bool:
    tries = 1
    for step in range(size):
        tries = tries * (places + step) // (step + 1)
    return tries <= _TRIES


def _exhausted(arena: _Arena, change: Change, votes: int) -> bool:
    """Whether every set smaller than `votes` has been tried."""
    places = int(np.count_nonzero(arena.cells(change)))
    return votes == 1 or _possible(places, votes - 1)


def _changes(names: tuple[str, ...], taken: Floats) -> tuple[ChangedVotes, ...]:
    found = [
        ChangedVotes(names[i], names[j], bool(kind), round(float(taken[kind, i, j])))
        for kind, i, j in np.argwhere(taken > 0).tolist()
    ]
    return tuple(sorted(found, key=lambda one: (-one.votes, one.winner, one.loser)))
