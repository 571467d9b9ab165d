"""Votes that count differently: by the kind of their voter, by the voter, or by what a voter has earned.

A weighted vote moves ratings as so many votes and has the spread of one, so intervals need the sums of the squared
weights beside those of the weights: with all weights doubled nothing changes, not even an interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena.errors import InvalidInput
from arena.ratings.grouped import GroupedCounts
from arena.ratings.options import RatingOptions
from arena.ratings.rated import Floats
from arena.types import VoterKind


@dataclass(frozen=True, slots=True, eq=False)
class WeightedTally:
    """Votes between models as matrices (models, models), each a sum over votes of its weight or its square.

    `wins[i, j]` is of i over j, `ties` is symmetric, as in `arena.ratings.tally.Tally`; `votes` is how many votes
    there are, those of weight 0 left out.
    """

    names: tuple[str, ...]
    wins: Floats
    ties: Floats
    squared_wins: Floats
    squared_ties: Floats
    votes: int

    @property
    def points(self) -> Floats:
        """Return what i took from j: wins and half the ties."""
        return self.wins + self.ties / 2.0

    def squares(self, p: Floats) -> Floats:
        """Return the sum over votes of `(w (y - p))^2` for each pair, symmetric."""
        one_way = self.squared_wins * p.T**2
        return one_way + one_way.T + self.squared_ties * (0.5 - p) ** 2


def voter_weights(
    groups: Sequence[str], options: RatingOptions, earned: Mapping[str, float] | None = None
) -> Floats:
    """Return what one vote of each voter counts, (groups,); `groups` are voters as `KIND:NAME`.

    What is said of the voter (as `KIND:NAME`, or by name alone) stands before what is said of the kind; both are
    multiplied with what the voter has `earned`, where that is known.

    Raises:
        InvalidInput: a weight is given for a kind there is not, or no vote is left.
    """
    kinds, voters = options.kind_weights or {}, options.voter_weights or {}
    for kind in kinds:
        if kind not in set(VoterKind):
            raise InvalidInput(f"There is no kind of voter {kind!r}: choose among {', '.join(VoterKind)}.")
    found = np.ones(len(groups))
    for place, group in enumerate(groups):
        kind, _, name = group.partition(":")
        found[place] = voters.get(group, voters.get(name, kinds.get(kind, 1.0)))
        if earned is not None:
            found[place] *= earned.get(group, 1.0)
    if len(groups) and not found.any():
        raise InvalidInput("Every vote weighs 0, so nothing can be rated: give somebody a weight above 0.")
    return found


def unmet(groups: Sequence[str], options: RatingOptions) -> tuple[str, ...]:
    """Return the voters and kinds of voter that a weight is given for and that have no vote here."""
    split = [group.partition(":") for group in groups]
    known = {*groups, *(kind for kind, _, _ in split), *(name for _, _, name in split)}
    given = (*(options.voter_weights or {}), *(options.kind_weights or {}))
    return tuple(name for name in given if name not in known)


def weighted_tally(grouped: GroupedCounts, weights: Floats) -> WeightedTally:
    """Sum votes by voter, each with its voter's weight (groups,); models whose votes all weigh 0 are left out."""
    weight = weights[grouped.group]
    kept = weight > 0
    a, b, winner = grouped.model_a[kept], grouped.model_b[kept], grouped.winner[kept]
    votes, weight = grouped.votes[kept].astype(float), weight[kept]
    size = len(grouped.names)
    met = np.union1d(a, b).astype(np.intp)
    within = np.ix_(met, met)

    def summed(rows: Floats, where: np.ndarray, *, turned: bool = False) -> Floats:
        first, second = (b[where], a[where]) if turned else (a[where], b[where])
        cells = np.bincount(first.astype(np.int64) * size + second, rows[where], size * size)
        return np.asarray(cells.reshape(size, size)[within])

    def both(rows: Floats) -> tuple[Floats, Floats]:
        wins = summed(rows, winner == 0) + summed(rows, winner == 1, turned=True)
        ties = summed(rows, winner > 1)
        return wins, ties + ties.T

    (wins, ties), (squared_wins, squared_ties) = both(votes * weight), both(votes * weight**2)
    names = tuple(grouped.names[place] for place in met.tolist())
    return WeightedTally(names, wins, ties, squared_wins, squared_ties, round(float(votes.sum())))
