"""Ratings of votes drawn anew: the bootstrap of counts, and of whole prompts or voters.

A round draws as many votes as there are, with replacement, which for counts is one multinomial draw (B. Efron, The
Annals of Statistics 7, 1979), or as many clusters as there are, with all their votes. Each round is fitted to its own
maximum; all rounds are fitted together (`refit`).

In a round a model may lose its last win, and with it a finite rating: it is minus infinity there (infinity without a
loss, NaN where neither end holds), and the rest is moved so that its mean stays what it was. Percentiles read this as
it is meant: an end is open when more than its share of the rounds run off there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.ratings.graph import groups
from arena.ratings.intervals import TAIL
from arena.ratings.likelihood import Likelihood, TiesAsHalf
from arena.ratings.paired import Meetings, Paired, Places, Rows
from arena.ratings.refit import Point, own_steps, refit
from arena.ratings.with_ties import determined

Floats = npt.NDArray[np.float64]

Tables = Callable[[int], Floats]
"""Draws so many tables of votes, (tables, pairs, 3)."""

_WITHOUT = TiesAsHalf()
_MANY = 100_000
_BLOCK = 3_000_000
"""So many counts are drawn and fitted at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Ratings (rounds, models) in log-odds and the number for ties (rounds,), NaN where a round gives none."""

    ratings: Floats
    tie: Floats


def votes_anew(paired: Paired, rng: np.random.Generator) -> Tables:
    """Draw as many votes as there are, one by one; the counts must be whole."""
    flat = paired.counts.T.ravel()
    cells = np.flatnonzero(flat)

    def tables(number: int) -> Floats:
        drawn = np.zeros((number, flat.size))
        drawn[:, cells] = multinomial(round(flat.sum()), flat[cells] / flat.sum(), number, rng)
        return drawn.reshape(number, 3, -1).swapaxes(1, 2)

    return tables


def multinomial(votes: int, shares: Floats, number: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return multinomial draws (number, shares), exactly, in half the time of NumPy's where there are many votes.

    Poisson counts of a little less than `votes` are multinomial once their sum is known; what is missing is drawn one
    by one. A sum above `votes`, one in a thousand million, is drawn again.
    """
    if votes < _MANY:
        return rng.multinomial(votes, shares, size=number)
    rates = (votes - 6.0 * np.sqrt(votes)) * shares
    drawn = rng.poisson(rates, size=(number, len(shares)))
    upto = np.cumsum(shares)
    for row in drawn:
        while (missing := votes - int(row.sum())) < 0:
            row[:] = rng.poisson(rates)
        places = np.searchsorted(upto, rng.random(missing) * upto[-1], side="right")
        row += np.bincount(np.minimum(places, len(shares) - 1), minlength=len(shares))
    return drawn


def weighted_votes_anew(rows: Rows, rng: np.random.Generator) -> Tables:
    """Draw as many votes as there are, one by one; each counts what the weight of its row says."""
    from scipy.sparse import csr_array

    weights, kind = np.unique(rows.weight, return_inverse=True)
    keys, place = np.unique((3 * rows.pair + rows.outcome) * len(weights) + kind, return_inverse=True)
    votes = np.bincount(place, rows.votes, len(keys))
    shape = (rows.paired.counts.size, len(keys))
    sums = csr_array(
        (weights[keys % len(weights)], (keys // len(weights), np.arange(len(keys)))), shape=shape
    )

    def tables(number: int) -> Floats:
        drawn = rng.multinomial(round(votes.sum()), votes / votes.sum(), size=number).astype(float)
        return np.ascontiguousarray((sums @ drawn.T).T).reshape(number, *rows.paired.counts.shape)

    return tables


def clusters_anew(rows: Rows, rng: np.random.Generator) -> Tables:
    """Draw as many clusters as there are, each with all its votes."""
    even = np.full(rows.groups, 1.0 / rows.groups)

    def tables(number: int) -> Floats:
        times = rng.multinomial(rows.groups, even, size=number).astype(float)
        return np.ascontiguousarray((rows.by_cell @ times.T).T).reshape(number, *rows.paired.counts.shape)

    return tables


def draw(
    paired: Paired, model: Likelihood, at: Point, tables: Tables, *, rounds: int, prior: float = 0.0
) -> Draws:
    """Return the ratings of `rounds` tables; `at` is the maximum for `paired`, of which they are drawn."""
    spine = None if prior else _spine(paired)
    size = max(1, min(rounds, _BLOCK // max(1, paired.counts.size)))
    found = [
        _fitted(paired, tables(min(size, rounds - begin)), model, at, prior, spine)
        for begin in range(0, rounds, size)
    ]
    return Draws(np.concatenate([draws.ratings for draws in found]), np.concatenate([d.tie for d in found]))


def ends(draws: Floats) -> tuple[Floats, Floats]:
    """Return the 2.5 % and 97.5 % points of each column, -inf and inf where that many rounds run off."""
    finite = np.isfinite(draws).all(axis=0)
    lower, upper = np.full(draws.shape[1], -np.inf), np.full(draws.shape[1], np.inf)
    lower[finite], upper[finite] = np.quantile(draws[:, finite], [TAIL, 1.0 - TAIL], axis=0)
    at = int(TAIL * (len(draws) - 1))
    rest = draws[:, ~finite]
    lower[~finite] = np.sort(np.where(np.isnan(rest), -np.inf, rest), axis=0)[at]
    upper[~finite] = np.sort(np.where(np.isnan(rest), np.inf, rest), axis=0)[-1 - at]
    return lower, upper


def covariance(draws: Floats) -> Floats:
    """Return the covariance of the columns over the rounds in which all ratings are finite.

    Where these are fewer than half of the rounds, it is NaN for models that run off, and of all rounds for the rest.
    """
    whole = np.isfinite(draws).all(axis=1)
    if 2 * whole.sum() >= len(draws):
        return np.atleast_2d(np.cov(draws[whole], rowvar=False))
    found = np.full((draws.shape[1], draws.shape[1]), np.nan)
    steady = np.flatnonzero(np.isfinite(draws).all(axis=0))
    if steady.size:
        found[np.ix_(steady, steady)] = np.atleast_2d(np.cov(draws[:, steady], rowvar=False))
    return found


def _fitted(
    paired: Paired,
    tables: Floats,
    model: Likelihood,
    at: Point,
    prior: float,
    spine: tuple[Places, Places] | None,
) -> Draws:
    sound = np.ones(len(tables), dtype=bool)
    if spine is not None:
        pair, winner = spine
        kept = (tables[:, pair, winner] + tables[:, pair, 2] > 0).all(axis=1)
        sound[~kept] = [_chained(paired, table) for table in tables[~kept]]
    ratings, tie = np.full((len(tables), paired.meetings.size), np.nan), np.full(len(tables), np.nan)
    fitted = _fits_ties(paired, tables, model, prior)
    for which, by in ((sound & fitted, model), (sound & ~fitted, _WITHOUT)):
        if which.any():
            found = refit(paired, tables if which.all() else tables[which], by, at, prior)
            ratings[which] = found.ratings
            tie[which] = found.tie if by is model else np.nan
    for place in np.flatnonzero(~sound).tolist():
        ratings[place] = _broken(paired, tables[place], model if fitted[place] else _WITHOUT, at)
    return Draws(ratings, tie)


def _fits_ties(paired: Paired, tables: Floats, model: Likelihood, prior: float) -> npt.NDArray[np.bool_]:
    """Return for which tables ties have a strength of their own; the others are Bradley-Terry's, as such votes are.

    That takes ties and wins, and wins that no step wide enough to hide the ties could explain (`with_ties.determined`),
    which one pair with wins both ways settles already.
    """
    if not model.ties:
        return np.ones(len(tables), dtype=bool)
    fitted = np.asarray(tables[:, :, 2].any(axis=1) & tables[:, :, :2].any(axis=(1, 2)))
    doubtful = fitted & ~((tables[:, :, 0] > 0) & (tables[:, :, 1] > 0)).any(axis=1)
    first, second, size = paired.meetings.first, paired.meetings.second, paired.meetings.size
    for place in np.flatnonzero(doubtful).tolist():
        wins, ties = np.zeros((size, size)), np.zeros((size, size))
        wins[first, second], wins[second, first] = tables[place, :, 0], tables[place, :, 1]
        ties[first, second] = ties[second, first] = tables[place, :, 2]
        fitted[place] = bool(prior) or determined(wins, ties)
    return fitted


def _points(meetings: Meetings, table: Floats) -> Floats:
    """Return what each model took from each other one, (models, models)."""
    points = np.zeros((meetings.size, meetings.size))
    points[meetings.first, meetings.second] = table[:, 0] + table[:, 2] / 2.0
    points[meetings.second, meetings.first] = table[:, 1] + table[:, 2] / 2.0
    return points


def _spine(paired: Paired) -> tuple[Places, Places]:
    """Return (pairs, which side took the points) that chain every model to every other while they keep a vote.

    Two trees from the first model, one away from it and one towards it, each grown along the largest counts.
    """
    meetings = paired.meetings
    points = _points(meetings, paired.counts)
    pair_of = np.full((meetings.size, meetings.size), -1)
    pair_of[meetings.first, meetings.second] = np.arange(len(meetings.first))
    pairs, winners = [], []
    for towards in (False, True):
        table = points.T if towards else points
        best, source = table[0].copy(), np.zeros(meetings.size, dtype=np.intp)
        best[0] = -1.0
        for _ in range(meetings.size - 1):
            new = int(best.argmax())
            taker, giver = (new, int(source[new])) if towards else (int(source[new]), new)
            pairs.append(int(pair_of[min(taker, giver), max(taker, giver)]))
            winners.append(int(taker > giver))
            better = (table[new] > best) & (best >= 0.0)
            best[better], source[better] = table[new][better], new
            best[new] = -1.0
    return np.array(pairs, dtype=np.intp), np.array(winners, dtype=np.intp)


def _chained(paired: Paired, table: Floats) -> bool:
    """Return whether points can be chained from every model to every other in one table."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    points = csr_array(_points(paired.meetings, table))
    return bool(connected_components(points, connection="strong", return_labels=False) == 1)


def _broken(paired: Paired, table: Floats, model: Likelihood, at: Point) -> Floats:
    """Return the ratings of a table in which they are not all finite."""
    points = _points(paired.meetings, table)
    found = groups(points)
    main = found.main(points)
    ratings = np.full(paired.meetings.size, np.nan)
    if not main.size:
        return ratings
    ratings[found.reaches[main[0]] & ~found.reaches[:, main[0]]] = -np.inf
    ratings[found.reaches[:, main[0]] & ~found.reaches[main[0]]] = np.inf
    code = np.full(paired.meetings.size, -1)
    code[main] = np.arange(len(main))
    first, second = code[paired.meetings.first], code[paired.meetings.second]
    inside = (first >= 0) & (second >= 0) & (table.sum(axis=1) > 0)
    part = Paired(Meetings(len(main), first[inside], second[inside]), table[inside])
    if not _fits_ties(part, table[None, inside], model, 0.0)[0]:
        model = _WITHOUT
    start = at.ratings[main]
    settled = own_steps(part, table[None, inside], model, Point(start[None], at.tie[None]), 0.0)
    ratings[main] = settled.ratings[0] - settled.ratings[0].mean() + start.mean()
    return ratings
