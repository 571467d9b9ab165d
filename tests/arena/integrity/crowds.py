"""Crowds of simulated voters: honest ones, and some who toss coins, vote against the rest, by side or for one model."""

import numpy as np

from arena.integrity.ballots import Ballots
from arena.types import Voter, VoterKind

TIES = 0.2


def crowd(
    rng: np.random.Generator,
    *,
    models: int = 12,
    voters: int = 100,
    each: int = 80,
    spread: float = 0.8,
    noise: float = 0.0,
    bad: dict[int, str] | None = None,
) -> Ballots:
    """Votes of `voters` people on random pairs of models whose strengths lie `spread` log-odds apart.

    `noise` is the spread of the difference from battle to battle; `bad` says which voters are what.
    """
    strength = rng.normal(0, spread, models)
    who = np.repeat(np.arange(voters), each)
    a = rng.integers(models, size=len(who))
    b = (a + 1 + rng.integers(models - 1, size=len(who))) % models
    p = 1 / (1 + np.exp(strength[b] - strength[a] - rng.normal(0, noise, len(who))))
    winner = np.where(rng.random(len(who)) < p, 0, 1)
    winner = np.where(rng.random(len(who)) < TIES, 2, winner)
    for voter, kind in (bad or {}).items():
        own, size = who == voter, each
        if kind == "random":
            winner[own] = rng.integers(2, size=size)
        elif kind == "contrary":
            winner[own] = np.where(rng.random(size) < p[own], 1, 0)
        elif kind == "side":
            winner[own] = np.where(rng.random(size) < 0.85, 0, 1)
        else:
            loved = int(np.argsort(strength)[models // 3])
            winner[own & (a == loved)] = 0
            winner[own & (b == loved)] = 1
    return Ballots(
        tuple(f"m{i:03}" for i in range(models)),
        tuple(Voter(VoterKind.HUMAN, f"v{i}") for i in range(voters)),
        who.astype(np.int32),
        a.astype(np.int32),
        b.astype(np.int32),
        winner.astype(np.int8),
    )
