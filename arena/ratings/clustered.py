"""Sandwich covariance of votes that resemble each other within a prompt or a voter.

`V = H^-1 (sum over clusters of s_g s_g') H^-1`, where `s_g` sums the scores of a cluster's votes (K.-Y. Liang,
S. Zeger, Biometrika 73, 1986). A few busy voters make that far too sure (at 60 voters of very unequal zeal, 90 % of
"95 %" intervals hold the truth), so two corrections stand in here, which bring it to 95 %:

- a cluster that moves the ratings makes its own residuals small, so its scores are enlarged as its leverage asks,
  `s_g -> (I - H_g H^-1)^-1 s_g`: the effect of leaving it out (CR3; R. Bell, D. McCaffrey, Survey Methodology 28,
  2002);
- the quantile is Student's, with one less degree of freedom than there are clusters of equal information on the model,
  `(sum of i_g)^2 / sum of i_g^2` (after A. Carter, K. Schnepel, D. Steigerwald, Review of Economics and Statistics 99,
  2017). The covariance is scaled so that the normal quantile gives these same intervals.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.ratings.intervals import Z95
from arena.ratings.likelihood import Likelihood
from arena.ratings.paired import Places, Rows
from arena.ratings.refit import Point, curvature

Floats = npt.NDArray[np.float64]

_LIGHT = 1e-3
"""A cluster with less leverage in all than this has its scores left as they are: they would change by 0.1 %."""

_ALONE = 1.0 - 1e-9
_TURNS = 25
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Clustered:
    """The covariance (models + 1, models + 1) in log-odds squared, the number for ties last, and what it rests on.

    `effective` (models,) is of how many equally informative clusters each rating is made. `alone` (models,) marks those
    that only one cluster joins to the others: nothing can be said of how far another cluster would place them.
    `widening` (models,) is by how much the two corrections widen the intervals.
    """

    covariance: Floats
    clusters: int
    effective: Floats
    alone: npt.NDArray[np.bool_]
    widening: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Per row of `Rows`: score by distance and by the number for ties, and their three curvatures."""

    score: Floats
    score_tie: Floats
    by_d: Floats
    mixed: Floats
    by_tie: Floats


def covariance(rows: Rows, model: Likelihood, at: Point, prior: float = 0.0) -> Clustered:
    """Return the clustered sandwich at the maximum `at` of the votes of `rows`.

    The ties of a prior vary as the model says.
    """
    from scipy.sparse import csr_array

    meetings, size = rows.paired.meetings, rows.paired.meetings.size
    inverse = _inverse(rows, model, at, prior)
    parts = _parts(rows, model, at)
    first, second = meetings.first[rows.pair], meetings.second[rows.pair]
    places = np.concatenate([first, second, np.full(len(first), size)])
    scores = csr_array(
        (np.concatenate([parts.score, -parts.score, parts.score_tie]), (np.tile(rows.group, 3), places)),
        shape=(rows.groups, size + 1),
    )
    heavy = np.flatnonzero(_leverage(rows, parts, inverse) >= _LIGHT)
    light = np.setdiff1d(np.arange(rows.groups), heavy)
    meat = np.asarray((scores[light].T @ scores[light]).todense())
    plain = np.asarray((scores.T @ scores).todense())
    for some, models, enlarged in _enlarged(rows, parts, inverse, heavy):
        flat = csr_array(
            (enlarged.ravel(), (np.repeat(np.arange(len(some)), models.shape[1]), models.ravel())),
            shape=(len(some), size + 1),
        )
        meat += np.asarray((flat.T @ flat).todense())
    if prior:
        p = 1.0 / (1.0 + np.exp(-at.ratings))
        for part in (meat, plain):
            part[np.arange(size), np.arange(size)] += prior * p * (1.0 - p)
    effective = _effective(rows, parts, inverse)
    widen = np.append(_student(effective) / Z95, _student(np.array([float(rows.groups)])) / Z95)
    sandwich = inverse @ meat @ inverse * np.outer(widen, widen)
    corrected, before = np.diag(sandwich)[:size], np.diag(inverse @ plain @ inverse)[:size]
    widening = np.sqrt(np.divide(corrected, before, out=np.ones(size), where=before > 0))
    return Clustered(sandwich, rows.groups, effective, _alone(rows), widening)


def _inverse(rows: Rows, model: Likelihood, at: Point, prior: float) -> Floats:
    """Return the inverse curvature, of centred ratings where there is no prior."""
    inverse = np.asarray(np.linalg.inv(curvature(rows.paired, model, at, prior)), dtype=np.float64)
    if prior:
        return inverse
    size = rows.paired.meetings.size
    centre = np.eye(size + 1)
    centre[:size, :size] -= 1.0 / size
    centred: Floats = centre @ inverse @ centre
    return centred


def _parts(rows: Rows, model: Likelihood, at: Point) -> _Parts:
    d = rows.paired.meetings.gaps(at.ratings)[rows.pair]
    counted = rows.votes * rows.weight
    of_outcome = [np.where(rows.outcome == outcome, counted, 0.0) for outcome in range(3)]
    score, score_tie = model.pull(of_outcome[0], of_outcome[1], of_outcome[2], d, at.tie[None])
    return _Parts(
        score, score_tie, *model.curvature(of_outcome[0], of_outcome[1], of_outcome[2], d, at.tie[None])
    )


def _leverage(rows: Rows, parts: _Parts, inverse: Floats) -> Floats:
    """Return the trace of `H_g H^-1` for each cluster, shape (clusters,); they sum to the parameters fitted."""
    first, second = rows.paired.meetings.first[rows.pair], rows.paired.meetings.second[rows.pair]
    own = np.diag(inverse)
    reach = own[first] + own[second] - 2.0 * inverse[first, second]
    mixed = inverse[first, -1] - inverse[second, -1]
    trace = parts.by_d * reach + 2.0 * parts.mixed * mixed + parts.by_tie * own[-1]
    return np.bincount(rows.group, trace, rows.groups).astype(np.float64)


def _enlarged(
    rows: Rows, parts: _Parts, inverse: Floats, heavy: Places
) -> Iterator[tuple[Places, Places, Floats]]:
    """Yield clusters with the places of their parameters, and their enlarged scores.

    Clusters of as many parameters are solved together; shapes (clusters,), (clusters, k), (clusters, k).
    """
    size = rows.paired.meetings.size
    kept = np.isin(rows.group, heavy)
    group, pair = rows.group[kept], rows.pair[kept]
    first, second = rows.paired.meetings.first[pair], rows.paired.meetings.second[pair]
    base = group * (size + 1)
    keys = np.unique(np.concatenate([base + first, base + second, heavy * (size + 1) + size]))
    owner, model = keys // (size + 1), keys % (size + 1)
    start = np.searchsorted(owner, heavy)
    number = np.diff(np.append(start, len(keys)))
    at_first = np.searchsorted(keys, base + first) - start[np.searchsorted(heavy, group)]
    at_second = np.searchsorted(keys, base + second) - start[np.searchsorted(heavy, group)]
    score, score_tie, by_d, mixed, by_tie = (
        part[kept] for part in (parts.score, parts.score_tie, parts.by_d, parts.mixed, parts.by_tie)
    )
    for k in np.unique(number).tolist():
        alike = np.flatnonzero(number == k)
        for some in np.array_split(alike, max(1, len(alike) * k * k // _CHUNK)):
            chosen = np.isin(group, heavy[some])
            i = np.searchsorted(some, np.searchsorted(heavy, group[chosen]))
            a, b = at_first[chosen], at_second[chosen]
            models = model[start[some][:, None] + np.arange(k)]
            own, scores = np.zeros((len(some), k, k)), np.zeros((len(some), k))
            last = k - 1
            for at, sign in ((a, 1.0), (b, -1.0)):
                np.add.at(scores, (i, at), sign * score[chosen])
                np.add.at(own, (i, at, at), by_d[chosen])
                np.add.at(own, (i, at, last), sign * mixed[chosen])
                np.add.at(own, (i, last, at), sign * mixed[chosen])
            np.add.at(own, (i, a, b), -by_d[chosen])
            np.add.at(own, (i, b, a), -by_d[chosen])
            np.add.at(own, (i, last, last), by_tie[chosen])
            np.add.at(scores, (i, last), score_tie[chosen])
            yield heavy[some], models, _solved(own, scores, inverse[models[:, :, None], models[:, None, :]])


def _solved(own: Floats, scores: Floats, inverse: Floats) -> Floats:
    """Return `(I - H_g M)^-1 s_g`, by `z -> s_g + H_g M z`; clusters that do not settle soon are solved whole."""
    found = scores.copy()
    moving = np.arange(len(scores))
    for _ in range(_TURNS):
        now = scores[moving] + (own[moving] @ (inverse[moving] @ found[moving][..., None]))[..., 0]
        change = np.abs(now - found[moving]).max(axis=1)
        found[moving] = now
        moving = moving[change > 1e-8 * np.abs(now).max(axis=1)]
        if not moving.size:
            return found
    found[moving] = _solved_whole(own[moving], scores[moving], inverse[moving])
    return found


def _solved_whole(own: Floats, scores: Floats, inverse: Floats) -> Floats:
    """Return the same through eigenvalues, leaving out a direction that is a cluster's alone.

    With `M = L L'` the matrix is similar to `I - L' H_g L`, which is symmetric with eigenvalues from 0 to 1.
    """
    values, vectors = np.linalg.eigh(inverse)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    back = vectors / np.sqrt(np.maximum(values, 1e-12 * values[:, -1:]))[:, None, :]
    held, turn = np.linalg.eigh(np.swapaxes(root, 1, 2) @ own @ root)
    whole = held > _ALONE
    factor = np.where(whole, 0.0, 1.0 / np.where(whole, 1.0, 1.0 - held))
    along = np.swapaxes(turn, 1, 2) @ (np.swapaxes(root, 1, 2) @ scores[..., None])
    enlarged: Floats = (back @ (turn @ (factor[..., None] * along)))[..., 0]
    return enlarged


def _effective(rows: Rows, parts: _Parts, inverse: Floats) -> Floats:
    """Return how many clusters of equal information stand behind each rating, shape (models,)."""
    from scipy.sparse import csr_array

    meetings, size = rows.paired.meetings, rows.paired.meetings.size
    moves = (inverse[meetings.first, :size] - inverse[meetings.second, :size]) ** 2
    shares = csr_array((parts.by_d, (rows.group, rows.pair)), shape=(rows.groups, len(meetings.first)))
    total, squared = np.zeros(size), np.zeros(size)
    step = max(1, _CHUNK // size)
    for begin in range(0, rows.groups, step):
        information = shares[begin : begin + step] @ moves
        total += information.sum(axis=0)
        squared += (information**2).sum(axis=0)
    return total**2 / np.maximum(squared, 1e-300)


def _student(clusters: Floats) -> Floats:
    """Return Student's quantile of a 95 % interval with `clusters` - 1 degrees of freedom, at least 1."""
    from scipy.special import stdtrit

    found: Floats = stdtrit(np.maximum(clusters - 1.0, 1.0), 0.975)
    return found


def _alone(rows: Rows) -> npt.NDArray[np.bool_]:
    """Mark the models that lose their tie to most others when some one cluster is left out.

    Where no two models are joined without it, that is all of them. A cluster can only do that if it alone joins models
    that the pairs met by several clusters leave apart, so mostly there is nothing to look at.
    """
    size = rows.paired.meetings.size
    alone = np.zeros(size, dtype=bool)
    met = np.unique(rows.pair * rows.groups + rows.group)
    owners = np.bincount(met // rows.groups, minlength=len(rows.paired.counts))
    first, second = rows.paired.meetings.first, rows.paired.meetings.second
    piece = _pieces(size, first[owners > 1], second[owners > 1])
    if not piece.any():
        return alone
    bridges = (owners == 1) & (piece[first] != piece[second])
    for cluster in np.unique(met[bridges[met // rows.groups]] % rows.groups).tolist():
        pairs = np.unique(rows.pair[rows.group != cluster])
        left = _pieces(size, first[pairs], second[pairs])
        members = np.bincount(left)
        alone |= (left != members.argmax()) | (members.max() < 2)
    return alone


def _pieces(size: int, first: Places, second: Places) -> Places:
    """Return the number of the piece that each model is in, from 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)
