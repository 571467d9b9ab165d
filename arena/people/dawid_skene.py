"""Who is right where people differ: each battle's true outcome and each voter's table of errors, found together.

A. Dawid, A. Skene, Applied Statistics 28, 1979: expectation-maximisation over the outcome of each battle, which nobody
knows. Given it, voters err independently, each by a table of their own: how often they say A, B or neither where it is
A, B or neither. Side A and side B are the sides as shown, so that a habit of choosing one side shows in the table.

A voter with few votes says little about their own table, so each table is drawn to the mean one of all voters, as
firmly as `STRENGTH` votes on each true outcome (a Dirichlet prior whose mean is estimated as well).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.people.shared import SIDES, Floats, SharedVotes

STRENGTH = 2.0
"""So many votes on each true outcome the mean table of all voters counts in a voter's own."""
ROUNDS = 500
TOLERANCE = 1e-4
"""It has converged when no entry of a table moves by more than this in a round."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What was found; outcomes are 0 for side A, 1 for side B, 2 for neither.

    `prior` (3,) are the shares of the true outcomes, `errors` (voters, 3, 3) how often a voter says `errors[v, said,
    truth]`, each column adding up to 1, `pool` (3, 3) the mean table, `truth` (battles, 3) how likely each outcome is
    the true one.
    """

    prior: Floats
    errors: Floats
    pool: Floats
    truth: Floats
    rounds: int
    converged: bool


def fit(votes: SharedVotes, *, strength: float = STRENGTH, rounds: int = ROUNDS) -> Tables:
    """Find the true outcomes and the voters' tables; it begins with the share of votes for each outcome."""
    cells = _Cells(votes)
    counts = votes.counts()
    truth = counts / counts.sum(axis=1, keepdims=True)
    prior, pool, errors = _tables(cells, truth, strength)
    done, moved = 0, np.inf
    while moved >= TOLERANCE and done < rounds:
        before, done = errors, done + 1
        truth = cells.truth(prior, errors)
        prior, pool, errors = _tables(cells, truth, strength)
        moved = float(np.abs(errors - before).max(initial=0.0))
    return Tables(prior, errors, pool, truth, done, moved < TOLERANCE)


class _Cells:
    """The votes as a matrix (battles, cells) of ones, a cell being a voter and what they said, (voters * 3)."""

    def __init__(self, votes: SharedVotes) -> None:
        from scipy.sparse import csr_array

        self.voters = len(votes.voters)
        cell = votes.voter * SIDES + votes.outcome
        ends = np.append(np.flatnonzero(np.diff(votes.battle, prepend=-1)), len(cell))
        self.given = csr_array((np.ones(len(cell)), cell, ends), shape=(votes.battles, SIDES * self.voters))

    def truth(self, prior: Floats, errors: Floats) -> Floats:
        """Return how likely each outcome of each battle is the true one, (battles, 3)."""
        sums = self.given @ np.log(errors).reshape(-1, SIDES) + np.log(prior)
        sums -= np.maximum(np.maximum(sums[:, 0], sums[:, 1]), sums[:, 2])[:, None]
        likely = np.exp(sums, out=sums)
        likely /= (likely[:, 0] + likely[:, 1] + likely[:, 2])[:, None]
        return np.asarray(likely)

    def summed(self, weights: Floats) -> Floats:
        """Return weights of battles (battles, k) added up over each voter's votes, (voters, 3, k)."""
        return np.asarray(self.given.T @ weights).reshape(self.voters, SIDES, -1)


def _tables(cells: _Cells, truth: Floats, strength: float) -> tuple[Floats, Floats, Floats]:
    """Return the shares of true outcomes, the mean table, and each voter's, given how likely each outcome is."""
    said = cells.summed(truth)
    prior = (truth.sum(axis=0) + 1.0) / (len(truth) + SIDES)
    pool = said.sum(axis=0) + 1.0
    pool /= pool.sum(axis=0)
    drawn = said + strength * pool
    return prior, pool, drawn / drawn.sum(axis=1, keepdims=True)


def covariances(votes: SharedVotes, found: Tables, *, strength: float = STRENGTH) -> Floats:
    """Return the covariance of each voter's table, (voters, 9, 9), entries in the order of `errors[v].ravel()`.

    It is the inverse of the observed information on that voter's table (T. Louis, JRSS B 44, 1982, which knows that
    the true outcomes are only likely), the others' tables held as found and the prior counted in.
    """
    inside = [(k, j) for k in range(SIDES) for j in range(k, SIDES)]
    products = np.stack([found.truth[:, k] * found.truth[:, j] for k, j in inside], axis=1)
    summed = _Cells(votes).summed(products)
    information = np.zeros((len(votes.voters), SIDES, SIDES, SIDES, SIDES))
    for o in range(SIDES):
        for place, (k, j) in enumerate(inside):
            entry = summed[:, o, place] / (found.errors[:, o, k] * found.errors[:, o, j])
            information[:, o, k, o, j] = information[:, o, j, o, k] = entry
        for k in range(SIDES):
            information[:, o, k, o, k] += strength * found.pool[o, k] / found.errors[:, o, k] ** 2
    free = _free()
    flat = information.reshape(-1, SIDES**2, SIDES**2)
    inner = np.linalg.inv(free.T @ flat @ free)
    return np.asarray(free @ inner @ free.T)


def _free() -> npt.NDArray[np.float64]:
    """Return the directions in which a table can move while its columns add up to 1, (9, 6)."""
    basis = np.zeros((SIDES, SIDES, 2, SIDES))
    for k in range(SIDES):
        for o in range(SIDES - 1):
            basis[o, k, o, k], basis[SIDES - 1, k, o, k] = 1.0, -1.0
    return basis.reshape(SIDES**2, 2 * SIDES)
