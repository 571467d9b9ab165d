"""What each voter does to the board: how the ratings move when that voter's votes are left out.

One Newton step from the ratings of all votes gives everybody's effect at once (the infinitesimal jackknife, L. Jaeckel,
1972); those who move most, and those with a large share of the votes, are left out in earnest and the rest fitted anew.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.integrity.ballots import Ballots
from arena.integrity.refit import Floats, inverse, refit
from arena.ratings.intervals import chances
from arena.ratings.rated import POINTS

EXACT = 16
"""So many voters are left out in earnest."""
_LARGE = 0.02
"""Whoever cast a larger share of the votes is left out in earnest, too."""
_AT_ONCE = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """What leaving out each voter does, arrays of shape (voters,).

    `shift` is the largest move of a rating in points (positive: it rises without them) and `model` whose rating that
    is, a place in the ballots' names (-1 where nothing moves); `first` is the model that would stand first, `exact`
    whether the ratings were fitted anew.
    """

    shift: Floats
    model: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp]
    exact: npt.NDArray[np.bool_]


def influence(ballots: Ballots, ratings: Floats) -> Influence:
    """Return what each voter does to `ratings`, (models,) in log-odds, the maximum of the likelihood of `ballots`."""
    voters = len(ballots.voters)
    shift, model = np.zeros(voters), np.full(voters, -1, dtype=np.intp)
    exact = np.zeros(voters, dtype=bool)
    if not len(ratings):
        return Influence(shift, model, model.copy(), exact)
    first = np.full(voters, int(ratings.argmax()), dtype=np.intp)
    for begin, moves in steps(ballots, ratings):
        part = slice(begin, begin + len(moves))
        model[part], shift[part] = _largest(moves)
        first[part] = (ratings + moves).argmax(axis=1)
    wins, ties = ballots.matrices()
    counts = ballots.counts
    chosen = _in_earnest(shift, counts, first, int(ratings.argmax()))
    for voter in chosen[counts[chosen] > 0].tolist():
        own = ballots.keep(ballots.voter == voter).matrices()
        after = refit(wins - own[0] + (ties - own[1]) / 2.0, ratings)
        places, largest = _largest((after - ratings)[None, :])
        model[voter], shift[voter], first[voter], exact[voter] = places[0], largest[0], after.argmax(), True
    shift[counts == 0], model[counts == 0] = 0.0, -1
    return Influence(POINTS * shift, model, first, exact)


def steps(ballots: Ballots, ratings: Floats) -> "list[tuple[int, Floats]]":
    """Return by how much each rating moves in one Newton step without each voter, in parts of consecutive voters.

    Each part is the place of its first voter and a matrix (voters, models) in log-odds. With all votes the gradient is
    zero, so without a voter it is minus theirs, and the step is the inverse curvature times that.
    """
    size = len(ballots.names)
    wins, ties = ballots.matrices()
    inverted = inverse(wins + wins.T + ties, ratings)
    found = []
    for begin, gradients in scores(ballots, ratings):
        moves = -gradients.reshape(-1, size) @ inverted
        found.append((begin, moves - moves.mean(axis=1, keepdims=True)))
    return found


def scores(ballots: Ballots, ratings: Floats) -> "list[tuple[int, Floats]]":
    """Return the gradient of each voter's likelihood at `ratings`, in parts as `steps` does."""
    size = len(ballots.names)
    p = chances(ratings)[ballots.model_a, ballots.model_b]
    surprise = ballots.share_a - p
    starts = ballots.starts()
    found = []
    for begin in range(0, len(ballots.voters), _AT_ONCE):
        end = min(begin + _AT_ONCE, len(ballots.voters))
        rows = slice(starts[begin], starts[end])
        own = (ballots.voter[rows].astype(np.intp) - begin) * size
        width = (end - begin) * size
        gradient = np.bincount(own + ballots.model_a[rows], surprise[rows], width)
        gradient -= np.bincount(own + ballots.model_b[rows], surprise[rows], width)
        found.append((begin, gradient.reshape(-1, size).astype(float)))
    return found


def _largest(moves: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    places = np.abs(moves).argmax(axis=1)
    return places, moves[np.arange(len(moves)), places]


def _in_earnest(
    shift: Floats, counts: npt.NDArray[np.intp], first: npt.NDArray[np.intp], leader: int
) -> npt.NDArray[np.intp]:
    """Return the voters to leave out in earnest: who moves most, who seems to decide, and who cast much."""
    most = np.argsort(-np.abs(shift), kind="stable")[:EXACT]
    deciding = np.flatnonzero(first != leader)[:EXACT]
    large = np.flatnonzero(counts > _LARGE * counts.sum())
    large = large[np.argsort(-counts[large], kind="stable")][:EXACT]
    return np.unique(np.concatenate([most, deciding, large]))
