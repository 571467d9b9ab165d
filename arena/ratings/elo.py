"""Elo as the running view: each vote moves its two models, in the order in which the votes were cast.

The bootstrap keeps that order too: each round counts every vote a Poisson(1) number of times, and all rounds walk
through the history together, one small vector operation a vote. Elo forgets old votes, so for a long history only
the last `limit` votes are resampled, from the ratings reached before them, and the result says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, factorial

import numpy as np
import numpy.typing as npt

from arena.ratings import elo_loop
from arena.ratings.columns import check, scores_of_a
from arena.ratings.rated import Rated
from arena.types import VoteColumns

START = 1000.0
K = 4.0
BOOTSTRAP_LIMIT = 100_000
"""Votes resampled by default: half a second of work."""

_CHUNK = 16_384
_POISSON = np.searchsorted(
    np.cumsum([exp(-1.0) / factorial(n) for n in range(8)]), (np.arange(1 << 16) + 0.5) / (1 << 16)
).astype(np.uint8)
"""How often a vote is drawn, by 16 random bits: Poisson(1) to within a hundred-thousandth, ten times as fast."""


@dataclass(frozen=True, slots=True, eq=False)
class EloIntervals:
    """Ratings as `rate` gives them, and their percentile intervals, each of shape (models,).

    `draws` (rounds, models) are the ratings at the end of every round.

    An end is NaN where no resampled vote names the model. `resampled` of `votes` votes were resampled, the
    latest ones. An interval is widened to hold its rating where that falls outside, as with a handful of votes.
    """

    ratings: npt.NDArray[np.float64]
    lower: npt.NDArray[np.float64]
    upper: npt.NDArray[np.float64]
    draws: npt.NDArray[np.float64]
    level: float
    rounds: int
    resampled: int
    votes: int


def rate(columns: VoteColumns, *, start: float = START, k: float = K) -> npt.NDArray[np.float64]:
    """Return the rating of each model of `columns.names` after the last vote, shape (models,), in Elo points.

    A. Elo, The Rating of Chessplayers (1978): `E_a = 1 / (1 + 10^((R_b - R_a) / 400))`, then
    `R_a += k (S_a - E_a)` and the opposite for b, with S 1 for a win, 0 for a loss and 0.5 for a tie or both bad.
    From 1000 each, one win with k = 4 gives 1002 and 998.
    """
    check(columns)
    ratings = np.full(len(columns.names), float(start))
    _run(ratings, columns, k)
    return ratings


def course(
    columns: VoteColumns, ends: Sequence[int], *, start: float = START, k: float = K
) -> npt.NDArray[np.float64]:
    """Return the ratings as `rate` has them after the first `ends[i]` votes, ascending, shape (ends, models)."""
    check(columns)
    ratings, begin = np.full(len(columns.names), float(start)), 0
    table = np.empty((len(ends), len(columns.names)))
    for place, end in enumerate(ends):
        _run(ratings, _slice(columns, begin, end), k)
        begin = end
        table[place] = ratings
    return table


def _run(ratings: npt.NDArray[np.float64], columns: VoteColumns, k: float) -> None:
    elo_loop.run(ratings, columns.model_a, columns.model_b, scores_of_a(columns), k)


def intervals(
    columns: VoteColumns,
    rng: np.random.Generator,
    *,
    rounds: int = 200,
    level: float = 0.95,
    start: float = START,
    k: float = K,
    limit: int = BOOTSTRAP_LIMIT,
) -> EloIntervals:
    """Return `rate`'s ratings with bootstrap intervals: how far they would move had other votes been drawn.

    They do not tell how far a rating still is from where it would settle: with k = 4 that takes hundreds of votes.
    A vote drawn twice in a round counts as one step of twice the size. Poisson resampling: N. Oza, S. Russell,
    Online Bagging and Boosting (2001).
    """
    check(columns)
    votes = len(columns.winner)
    begin = max(0, votes - limit)
    ratings = np.full(len(columns.names), float(start))
    _run(ratings, _slice(columns, 0, begin), k)
    resampled = _slice(columns, begin, votes)
    table = np.repeat(ratings[:, None], rounds, axis=1)
    _walk(table, resampled, rng, k)
    _run(ratings, resampled, k)
    tail = (1.0 - level) / 2.0
    lower, upper = np.quantile(table, [tail, 1.0 - tail], axis=1)
    lower, upper = np.minimum(lower, ratings), np.maximum(upper, ratings)
    unseen = np.ones(len(columns.names), dtype=bool)
    unseen[resampled.model_a] = unseen[resampled.model_b] = False
    lower[unseen] = upper[unseen] = np.nan
    return EloIntervals(ratings, lower, upper, table.T, level, rounds, votes - begin, votes)


def fit(
    columns: VoteColumns,
    rng: np.random.Generator,
    *,
    rounds: int = 200,
    k: float = K,
    limit: int = BOOTSTRAP_LIMIT,
) -> Rated:
    """Return `intervals` as every method returns its ratings, models sorted by name; one without a vote is left out."""
    result = intervals(columns, rng, rounds=rounds, k=k, limit=limit)
    voted = np.zeros(len(columns.names), dtype=bool)
    voted[columns.model_a] = voted[columns.model_b] = True
    order = sorted(np.flatnonzero(voted).tolist(), key=columns.names.__getitem__)
    known = np.isfinite(result.lower[order])
    draws = result.draws[:, order]
    covariance = np.cov(draws, rowvar=False).reshape(len(order), len(order))
    covariance[~known] = covariance[:, ~known] = np.nan
    note = f"Not in the latest {result.resampled:,} votes, which the intervals rest on."
    basis = f"{rounds:,} rounds of votes drawn anew in the order they were cast"
    if result.resampled < result.votes:
        basis += f", the latest {result.resampled:,} of {result.votes:,}"
    return Rated(
        names=tuple(columns.names[i] for i in order),
        ratings=result.ratings[order],
        lower=np.where(known, result.lower[order], -np.inf),
        upper=np.where(known, result.upper[order], np.inf),
        covariance=covariance,
        provisional=np.zeros(len(order), dtype=bool),
        notes=tuple("" if seen else note for seen in known.tolist()),
        pieces=(),
        votes=result.votes,
        basis=basis,
        draws=draws,
    )


def _slice(columns: VoteColumns, begin: int, end: int) -> VoteColumns:
    part = slice(begin, end)
    return VoteColumns(columns.names, columns.model_a[part], columns.model_b[part], columns.winner[part])


def _walk(table: npt.NDArray[np.float64], columns: VoteColumns, rng: np.random.Generator, k: float) -> None:
    """Move every round's ratings (`table`, models x rounds, in place) through the votes, all rounds at once."""
    scores, rounds = scores_of_a(columns), table.shape[1]
    for begin in range(0, len(scores), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        drawn = draw(rng, len(scores[part]), rounds)
        elo_loop.walk(table, columns.model_a[part], columns.model_b[part], scores[part], drawn, k)


def draw(rng: np.random.Generator, votes: int, rounds: int) -> npt.NDArray[np.uint8]:
    """Return how often each vote counts in each round, Poisson(1), shape (votes, rounds)."""
    return _POISSON[rng.integers(0, 1 << 16, (votes, rounds), dtype=np.uint16)]
