"""Elo as the running view: each vote moves its two models, in the order in which the votes were cast.

The bootstrap keeps that order too: each round counts every vote a Poisson(1) number of times, and all rounds walk
through the history together, one small vector operation a vote. Elo forgets old votes, so for a long history only
the last `limit` votes are resampled, from the ratings reached before them, and the result says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.ratings.columns import check, scores_of_a
from arena.ratings.rated import Rated
from arena.types import VoteColumns

START = 1000.0
K = 4.0
SCALE = 400.0
"""Points that make the odds ten to one."""

BOOTSTRAP_LIMIT = 100_000
"""Votes resampled by default: about a second of work."""

_CHUNK = 4096


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
    return np.array(_run([float(start)] * len(columns.names), columns, k))


def course(
    columns: VoteColumns, ends: Sequence[int], *, start: float = START, k: float = K
) -> npt.NDArray[np.float64]:
    """Return the ratings as `rate` has them after the first `ends[i]` votes, ascending, shape (ends, models)."""
    check(columns)
    ratings, begin, table = [float(start)] * len(columns.names), 0, []
    for end in ends:
        ratings = _run(ratings, _slice(columns, begin, end), k)
        begin = end
        table.append(list(ratings))
    return np.array(table).reshape(len(ends), len(columns.names))


def _run(ratings: list[float], columns: VoteColumns, k: float) -> list[float]:
    votes = zip(
        columns.model_a.tolist(), columns.model_b.tolist(), scores_of_a(columns).tolist(), strict=True
    )
    for a, b, score in votes:
        rating_a, rating_b = ratings[a], ratings[b]
        step = k * (score - 1.0 / (1.0 + 10.0 ** ((rating_b - rating_a) / SCALE)))
        ratings[a] = rating_a + step
        ratings[b] = rating_b - step
    return ratings


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
    before = _run([float(start)] * len(columns.names), _slice(columns, 0, begin), k)
    resampled = _slice(columns, begin, votes)
    table = np.repeat(np.array(before)[:, None], rounds, axis=1)
    _walk(table, resampled, rng, k)
    ratings = np.array(_run(before, resampled, k))
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
    rounds = table.shape[1]
    to_exponent = np.log(10.0) / SCALE
    models_a, models_b = columns.model_a.tolist(), columns.model_b.tolist()
    scores = scores_of_a(columns).tolist()
    step, expected = np.empty(rounds), np.empty(rounds)
    for begin in range(0, len(scores), _CHUNK):
        end = min(begin + _CHUNK, len(scores))
        weights = rng.poisson(1.0, (end - begin, rounds)) * k
        for i in range(begin, end):
            row_a, row_b = table[models_a[i]], table[models_b[i]]
            np.subtract(row_b, row_a, out=expected)
            expected *= to_exponent
            np.exp(expected, out=expected)
            expected += 1.0
            np.reciprocal(expected, out=expected)
            np.subtract(scores[i], expected, out=step)
            step *= weights[i - begin]
            row_a += step
            row_b -= step
