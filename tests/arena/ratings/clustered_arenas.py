"""Arenas whose votes resemble each other within a voter or a prompt, with known strengths."""

import numpy as np
from scipy.special import ndtr

from arena.ratings.grouped import GroupedCounts
from arena.types import PairCount

CLUSTER = 0.3
"""The share of a vote's chance that its cluster decides."""


def ties_as_half(d, share=0.2):
    """Chances of the first and of a tie at a distance `d`, so that the expected score is what Bradley-Terry says."""
    p = 1.0 / (1.0 + np.exp(-d))
    tie = share * 2.0 * np.minimum(p, 1.0 - p)
    return p - tie / 2.0, tie


def davidson(d, tie=-0.6):
    """Chances of the first and of a tie as Davidson has them."""
    total = np.exp(d / 2.0) + np.exp(-d / 2.0) + np.exp(tie)
    return np.exp(d / 2.0) / total, np.exp(tie) / total


def rao_kupper(d, tie=0.5):
    """Chances of the first and of a tie as Rao and Kupper have them."""
    first, second = 1.0 / (1.0 + np.exp(tie - d)), 1.0 / (1.0 + np.exp(tie + d))
    return first, 1.0 - first - second


def clustered(ratings, sizes, rng, *, alike=CLUSTER, chances=ties_as_half, kind="voter"):
    """Votes of clusters of these sizes; each cluster likes and dislikes models in its own way.

    A vote is decided by a normal number, part of it the cluster's leaning towards one model less that towards the
    other. Its distribution over all clusters is the same whatever that part is, so that a vote has the outcomes that
    `chances` says, and only the votes' likeness changes with `alike`. With `kind` prompt, each cluster also meets few
    models only, as a prompt does.
    """
    size, strength = len(ratings), np.asarray(ratings)
    group = np.repeat(np.arange(len(sizes)), sizes)
    number = len(group)
    if kind == "prompt":
        met = np.argsort(rng.random((len(sizes), size)), axis=1)[:, :4]
        first = rng.integers(0, 4, number)
        second = (first + 1 + rng.integers(0, 3, number)) % 4
        a, b = met[group, first], met[group, second]
    else:
        a = rng.integers(0, size, number)
        b = (a + 1 + rng.integers(0, size - 1, number)) % size
    leaning = rng.standard_normal((len(sizes), size))
    shared = (leaning[group, b] - leaning[group, a]) / np.sqrt(2.0)
    drawn = ndtr(np.sqrt(alike) * shared + np.sqrt(1.0 - alike) * rng.standard_normal(number))
    first, tie = chances(strength[a] - strength[b])
    winner = np.where(drawn < first, 0, np.where(drawn < first + tie, 2, 1))
    return grouped(tuple(f"m{i:02d}" for i in range(size)), group, a, b, winner)


def grouped(names, group, a, b, winner):
    """Put votes, one an entry, into the form that a store gives them in."""
    size = len(names)
    turned = a > b
    winner = np.where(turned & (winner < 2), 1 - winner, winner)
    key = ((group * size + np.minimum(a, b)) * size + np.maximum(a, b)) * 4 + winner
    found, votes = np.unique(key, return_counts=True)
    known, place = np.unique(found // (4 * size * size), return_inverse=True)
    return GroupedCounts(
        names,
        tuple(f"human:v{number}" for number in known),
        place.astype(np.int32),
        (found // (4 * size) % size).astype(np.int32),
        (found // 4 % size).astype(np.int32),
        (found % 4).astype(np.int8),
        votes.astype(np.int64),
    )


def counts_of(votes: GroupedCounts) -> list[PairCount]:
    """The same votes, summed over groups."""
    size = len(votes.names)
    key = votes.model_a.astype(int) * size + votes.model_b
    pairs, place = np.unique(key, return_inverse=True)
    table = np.zeros((len(pairs), 4), dtype=int)
    np.add.at(table, (place, votes.winner), votes.votes)
    return [
        PairCount(votes.names[pair // size], votes.names[pair % size], *row)
        for pair, row in zip(pairs.tolist(), table.tolist(), strict=True)
    ]


def each_its_own(votes: GroupedCounts) -> GroupedCounts:
    """The same votes, each a group of its own."""
    row = np.repeat(np.arange(len(votes.votes)), votes.votes)
    return grouped(
        votes.names, np.arange(len(row)), votes.model_a[row], votes.model_b[row], votes.winner[row]
    )


def busy(clusters: int, rng: np.random.Generator) -> np.ndarray:
    """Sizes of clusters as people vote: most cast a few dozen votes, some cast hundreds."""
    return np.clip((rng.pareto(1.2, clusters) * 20).astype(int), 2, 600)
