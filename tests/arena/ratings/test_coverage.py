"""How often intervals hold the truth: 500 simulated arenas a method, with fixed seeds.

The share of 95 % intervals that hold the true rating must lie from 93 to 97 %, over all models and arenas; with ten
models each its chance error is about 0.4 points.
"""

import numpy as np
import pytest

from arena.ratings import bradley_terry, with_ties
from arena.ratings.certainty import APART, better, certainty
from arena.ratings.columns import pair_counts
from arena.ratings.options import RatingOptions
from arena.ratings.rated import CENTRE, POINTS
from arena.ratings.tally import tally
from arena.ratings.uncertainty import with_intervals
from tests.arena.ratings.arenas import simulated
from tests.arena.ratings.clustered_arenas import busy, clustered, counts_of, davidson, rao_kupper

pytestmark = pytest.mark.slow

ARENAS = 500
STRENGTHS = np.linspace(-1.0, 1.0, 10)
TRUTH = CENTRE + POINTS * STRENGTHS


def holds(rated) -> np.ndarray:
    assert len(rated.names) == len(TRUTH)
    return (rated.lower <= TRUTH) & (rated.upper >= TRUTH)


def plain(rng, number=1500):
    return pair_counts(simulated(STRENGTHS, number, rng))


def by_voter(rng, likeness=0.3):
    return clustered(STRENGTHS, busy(80, rng), rng, alike=likeness)


def by_prompt(rng):
    return clustered(STRENGTHS, rng.integers(1, 12, 300), rng, kind="prompt")


def test_the_sandwich_holds_the_truth_in_95_of_100_arenas():
    rng = np.random.default_rng(1)
    held = [holds(bradley_terry.fit(plain(rng))) for _ in range(ARENAS)]
    assert 0.93 <= np.mean(held) <= 0.97


def test_the_bootstrap_holds_the_truth_in_95_of_100_arenas():
    rng = np.random.default_rng(2)
    options = RatingOptions(intervals="bootstrap", rounds=300)
    held = []
    for _ in range(ARENAS):
        counts = plain(rng)
        held.append(holds(with_intervals(bradley_terry.fit(counts), counts, None, options)))
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.mark.parametrize(("cluster", "votes"), [("voter", by_voter), ("prompt", by_prompt)])
def test_clustered_intervals_hold_the_truth_where_votes_resemble_each_other(cluster, votes):
    rng = np.random.default_rng(3)
    held, alone = [], []
    for _ in range(ARENAS):
        grouped = votes(rng)
        counts = counts_of(grouped)
        rated = bradley_terry.fit(counts)
        held.append(holds(with_intervals(rated, counts, grouped, RatingOptions(cluster=cluster))))
        alone.append(holds(rated))
    assert 0.93 <= np.mean(held) <= 0.97
    assert np.mean(alone) < 0.92, "votes that resemble each other must fool intervals that do not know it"


@pytest.mark.parametrize(("method", "chances"), [("davidson", davidson), ("rao_kupper", rao_kupper)])
def test_intervals_hold_the_truth_where_ties_are_an_outcome_of_their_own(method, chances):
    rng = np.random.default_rng(8)
    held, by_cluster, strengths = [], [], []
    for _ in range(ARENAS):
        grouped = clustered(STRENGTHS, busy(80, rng), rng, chances=chances)
        counts = counts_of(grouped)
        rated = with_ties.fit(tally(counts), method)
        better = with_intervals(rated, counts, grouped, RatingOptions(method=method, cluster="voter"))
        by_cluster.append(holds(better))
        tie = better.parameters["nu" if method == "davidson" else "theta"]
        strengths.append(tie.lower <= np.exp(-0.6 if method == "davidson" else 0.5) <= tie.upper)
        each = clustered(STRENGTHS, np.ones(1500, dtype=int), rng, chances=chances)
        held.append(holds(with_ties.fit(tally(counts_of(each)), method)))
    assert 0.93 <= np.mean(held) <= 0.97
    assert 0.93 <= np.mean(by_cluster) <= 0.97
    assert np.mean(strengths) >= 0.90


def test_clusters_drawn_anew_hold_the_truth_too():
    rng = np.random.default_rng(4)
    options = RatingOptions(cluster="voter", intervals="bootstrap", rounds=200)
    held = []
    for _ in range(ARENAS):
        grouped = by_voter(rng)
        counts = counts_of(grouped)
        held.append(holds(with_intervals(bradley_terry.fit(counts), counts, grouped, options)))
    assert 0.93 <= np.mean(held) <= 0.97


def test_clustered_intervals_cost_little_where_votes_do_not_resemble_each_other():
    rng = np.random.default_rng(5)
    held, wider = [], []
    for _ in range(ARENAS):
        grouped = clustered(STRENGTHS, np.full(100, 15), rng, alike=0.0)
        counts = counts_of(grouped)
        rated = bradley_terry.fit(counts)
        clustered_too = with_intervals(rated, counts, grouped, RatingOptions(cluster="voter"))
        held.append(holds(clustered_too))
        wider.append((clustered_too.upper - clustered_too.lower) / (rated.upper - rated.lower))
    assert 0.93 <= np.mean(held) <= 0.97
    assert 0.97 <= np.mean(wider) <= 1.08


@pytest.mark.parametrize("strengths", [np.linspace(-1.0, 1.0, 10), np.zeros(10)], ids=["spread", "equal"])
def test_rank_intervals_hold_the_true_rank_however_close_the_models_are(strengths):
    rng = np.random.default_rng(6)
    if strengths.any():
        true_best = true_worst = len(strengths) - np.arange(len(strengths))
    else:
        true_best, true_worst = np.ones(10), np.full(10, 10)
    held = []
    for _ in range(ARENAS):
        found = certainty(bradley_terry.fit(pair_counts(simulated(strengths, 1500, rng))), rng)
        for one in found.standings:
            place = int(one.name[1:])
            held.append(one.rank_best <= true_best[place] and true_worst[place] <= one.rank_worst)
    assert np.mean(held) >= 0.94


def chances_and_truth(rng, spread):
    """Chances of every two models, either way, over all arenas, and whether that model truly is the better one."""
    said, were = [], []
    for _ in range(ARENAS):
        strengths = rng.normal(0.0, spread, 8)
        rated = bradley_terry.fit(pair_counts(simulated(strengths, 400, rng)))
        strengths = strengths[[int(name[1:]) for name in rated.names]]
        off = ~np.eye(len(strengths), dtype=bool)
        said.append(better(rated)[off])
        were.append((strengths[:, None] > strengths[None, :])[off])
    return np.concatenate(said), np.concatenate(were)


def test_of_equal_models_one_pair_in_twenty_looks_apart():
    said, _ = chances_and_truth(np.random.default_rng(7), 0.0)
    assert 0.03 <= np.mean(np.maximum(said, 1.0 - said) >= APART) <= 0.07


def test_a_model_said_to_be_better_with_some_chance_is_better_that_often():
    said, were = chances_and_truth(np.random.default_rng(9), 1.0)
    known = np.isfinite(said)
    said, were = said[known], were[known]
    assert were[said >= APART].mean() >= APART
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        between = (low <= said) & (said < low + 0.1)
        assert were[between].mean() == pytest.approx(said[between].mean(), abs=0.05)
