"""Simulated voters with tables of errors that are known."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from arena.people.shared import SharedVotes, shared_votes
from arena.types import Voter, VoterKind

PRIOR = np.array([0.37, 0.37, 0.26])


class Crowd(NamedTuple):
    """Votes of voters who say the true outcome with a chance of their own, and any other one as often as the next."""

    votes: SharedVotes
    errors: npt.NDArray[np.float64]
    truth: npt.NDArray[np.int64]


def person(name: str) -> Voter:
    return Voter(VoterKind.HUMAN, name)


def even_errors(accuracy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return tables (voters, 3, 3) of voters who are right with these chances and wrong either way alike."""
    errors = np.repeat(((1 - accuracy) / 2)[:, None, None], 9, axis=1).reshape(-1, 3, 3)
    errors[:, range(3), range(3)] = accuracy[:, None]
    return errors


def crowd(
    rng: np.random.Generator, errors: npt.NDArray[np.float64], battles: int, votes_a_battle: int
) -> Crowd:
    """Let different voters vote on each battle, each by their table of errors."""
    voters = len(errors)
    truth = rng.choice(3, battles, p=PRIOR)
    voter = np.concatenate([rng.permutation(voters)[:votes_a_battle] for _ in range(battles)])
    battle = np.repeat(np.arange(battles), votes_a_battle)
    chances = errors[voter, :, truth[battle]].cumsum(axis=1)
    said = np.minimum((rng.random(len(voter))[:, None] > chances).sum(axis=1), 2)
    names = tuple(person(f"voter {v:04}") for v in range(voters))
    return Crowd(shared_votes(names, voter, battle, said), errors, truth)
