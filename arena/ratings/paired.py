"""Votes as pairs of models and three outcomes: the form in which likelihoods, clusters and bootstraps read them.

A pair stands once, its models in order; both bad is neither's win, as a tie is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from arena.ratings.grouped import GroupedCounts
from arena.types import PairCount

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

_OUTCOME = np.array([0, 1, 2, 2])
"""The three outcomes in the order of `OUTCOMES`."""


@dataclass(frozen=True, slots=True)
class Meetings:
    """Which models met: `first < second` are places among `size` models, arrays (pairs,), in order."""

    size: int
    first: Places
    second: Places

    def gaps(self, ratings: Floats) -> Floats:
        """Return the distance of each pair, (..., pairs), of ratings (..., models)."""
        return ratings[..., self.first] - ratings[..., self.second]


@dataclass(frozen=True, eq=False)
class Paired:
    """So many votes of each outcome for each pair: `counts` (pairs, 3), whole numbers or sums of weights."""

    meetings: Meetings
    counts: Floats

    @cached_property
    def incidence(self) -> "csr_array":
        """Return the matrix (models, pairs) that is 1 at the first model of a pair and -1 at the second."""
        from scipy.sparse import csr_array

        pairs = len(self.meetings.first)
        rows = np.concatenate([self.meetings.first, self.meetings.second])
        columns = np.concatenate([np.arange(pairs), np.arange(pairs)])
        signs = np.concatenate([np.ones(pairs), -np.ones(pairs)])
        return csr_array((signs, (rows, columns)), shape=(self.meetings.size, pairs))


def paired(counts: Sequence[PairCount], names: Sequence[str]) -> Paired:
    """Return the votes between two of `names`, which are places in the result; other votes are left out."""
    place = {name: i for i, name in enumerate(names)}
    rows = [
        (place[c.model_a], place[c.model_b], c.wins_a, c.wins_b, c.ties + c.both_bad)
        for c in counts
        if c.votes and c.model_a in place and c.model_b in place
    ]
    table = np.array(rows, dtype=float).reshape(-1, 5)
    a, b, outcomes = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp), table[:, 2:]
    turned = a > b
    a, b = np.where(turned, b, a), np.where(turned, a, b)
    outcomes[turned, 0], outcomes[turned, 1] = outcomes[turned, 1].copy(), outcomes[turned, 0].copy()
    keys, place_of = np.unique(a * len(names) + b, return_inverse=True)
    sums = np.zeros((len(keys), 3))
    np.add.at(sums, place_of, outcomes)
    return Paired(Meetings(len(names), keys // max(1, len(names)), keys % max(1, len(names))), sums)


@dataclass(frozen=True, eq=False)
class Rows:
    """Votes of groups: so many (`votes`) of one `outcome` (0, 1, 2) on one `pair` by one `group`; arrays (rows,).

    `weight` is what one of these votes counts. Groups are numbered from 0 to `groups` - 1, each with a row.
    """

    paired: Paired
    groups: int
    group: Places
    pair: Places
    outcome: Places
    votes: Floats
    weight: Floats

    @cached_property
    def by_cell(self) -> "csr_array":
        """Return the votes by weight as a matrix (pairs * 3, groups)."""
        from scipy.sparse import csr_array

        shape = (3 * len(self.paired.counts), self.groups)
        return csr_array((self.votes * self.weight, (3 * self.pair + self.outcome, self.group)), shape=shape)


def rows(grouped: GroupedCounts, names: Sequence[str], weights: Floats | None = None) -> Rows:
    """Return the rows between two of `names`, with the sums of their votes by pair.

    `weights` (rows of `grouped`,) says what one vote of a row counts, 1 without it.
    """
    place = {name: i for i, name in enumerate(names)}
    code = np.array([place.get(name, -1) for name in grouped.names], dtype=np.intp)
    a, b = code[grouped.model_a], code[grouped.model_b]
    weight = np.ones(len(a)) if weights is None else np.asarray(weights, dtype=float)
    kept = (a >= 0) & (b >= 0) & (grouped.votes > 0) & (weight > 0)
    a, b, outcome = a[kept], b[kept], _OUTCOME[grouped.winner[kept]]
    turned = a > b
    a, b = np.where(turned, b, a), np.where(turned, a, b)
    outcome = np.where(turned & (outcome < 2), 1 - outcome, outcome)
    keys, pair = np.unique(a * len(names) + b, return_inverse=True)
    _, group = np.unique(grouped.group[kept], return_inverse=True)
    votes, weight = grouped.votes[kept].astype(float), weight[kept]
    sums = np.bincount(3 * pair + outcome, votes * weight, 3 * len(keys)).astype(float).reshape(-1, 3)
    meetings = Meetings(len(names), keys // max(1, len(names)), keys % max(1, len(names)))
    groups = int(group.max()) + 1 if group.size else 0
    return Rows(Paired(meetings, sums), groups, group, pair, outcome, votes, weight)
