from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.ratings import bradley_terry
from arena.ratings.joint import JointCounts
from arena.ratings.pooled import Pooled
from arena.ratings.prediction_powered import fit
from arena.ratings.rated import CENTRE, POINTS
from arena.ratings.stratified import Stratified
from benchmarks.judged_arenas import JUDGE, World, alone, kappa, seen_for, world

SEEDS = st.integers(0, 2**32 - 1)


def drawn(
    seed: int, *, models: int = 5, voted: int = 150, further: int = 500, pooled: bool = False, **how: object
) -> JointCounts:
    rng = np.random.default_rng(seed)
    return replace(world(models, rng, **how).draw(voted, further, rng), pooled=pooled)


def rows(counts: JointCounts, order: np.ndarray) -> JointCounts:
    """The battles in another order, or some of them."""
    columns = ("model_a", "model_b", "stratum", "votes", "points", "verdict", "battles")
    return replace(counts, **{name: getattr(counts, name)[order] for name in columns})


def summed(counts: JointCounts) -> JointCounts:
    """Equal battles in one row each."""
    columns = (counts.model_a, counts.model_b, counts.stratum, counts.votes, counts.points, counts.verdict)
    table, number = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    a, b, stratum = (table[:, i].astype(np.int32) for i in range(3))
    points, battles = table[:, 3:6].T, number.astype(float)
    return JointCounts(counts.judge, counts.names, a, b, stratum, *points, battles, pooled=counts.pooled)


def both_bounds(counts: JointCounts) -> np.ndarray:
    rated, _ = fit(counts, alone(counts))
    return np.stack([rated.ratings, rated.lower, rated.upper])


@given(SEEDS, st.booleans())
def test_without_weight_the_ratings_are_those_of_people_alone(seed, pooled):
    counts = drawn(seed, pooled=pooled)
    people = alone(counts)
    rated, worth = fit(counts, people, weight=0.0)
    np.testing.assert_allclose(rated.ratings, people.ratings, atol=1e-6)
    np.testing.assert_allclose(rated.upper - rated.lower, people.upper - people.lower, rtol=1e-6)
    assert (worth.more, worth.narrower) == (0.0, 0.0)


@given(SEEDS, st.booleans())
def test_neither_the_order_of_battles_nor_their_sum_changes_a_rating(seed, pooled):
    counts = drawn(seed, pooled=pooled)
    expected = both_bounds(counts)
    order = np.random.default_rng(seed).permutation(len(counts.votes))
    np.testing.assert_allclose(both_bounds(rows(counts, order)), expected, atol=1e-6)
    np.testing.assert_allclose(both_bounds(summed(counts)), expected, atol=1e-6)


@given(SEEDS, st.booleans())
def test_other_names_permute_the_ratings(seed, pooled):
    counts = drawn(seed, pooled=pooled)
    renamed = replace(counts, names=tuple(f"n{9 - i}" for i in range(len(counts.names))))
    found, expected = both_bounds(renamed), both_bounds(counts)
    np.testing.assert_allclose(found[:, ::-1], expected, atol=1e-6)


@given(SEEDS, st.booleans())
def test_swapping_all_outcomes_turns_the_ratings_round(seed, pooled):
    counts = drawn(seed, pooled=pooled)
    turned = replace(counts, points=counts.votes - counts.points, verdict=1.0 - counts.verdict)
    expected = 2 * CENTRE - both_bounds(counts)
    np.testing.assert_allclose(both_bounds(turned), expected[[0, 2, 1]], atol=1e-6)


@given(SEEDS, st.floats(0.0, 1.0))
def test_a_judge_that_always_says_the_same_of_a_pair_moves_nothing(seed, said):
    counts = drawn(seed)
    verdict = np.where(counts.stratum % 2, said, 1.0 - said)
    people = alone(counts)
    rated, worth = fit(replace(counts, verdict=verdict), people)
    assert worth.weight == 0.0
    np.testing.assert_allclose(rated.ratings, people.ratings, atol=1e-6)


@given(SEEDS)
def test_battles_of_pairs_that_people_never_saw_add_nothing(seed):
    counts = drawn(seed, models=6, voted=150, further=0)
    stranger = drawn(seed + 1, models=6, voted=0, further=200)
    names = (*counts.names, *(f"x{name}" for name in stranger.names))
    shifted = {
        "model_a": np.concatenate([counts.model_a, stranger.model_a + 6]),
        "model_b": np.concatenate([counts.model_b, stranger.model_b + 6]),
        "stratum": np.concatenate([counts.stratum, stranger.stratum + 36]),
    }
    rest = {
        name: np.concatenate([getattr(counts, name), getattr(stranger, name)])
        for name in ("votes", "points", "verdict", "battles")
    }
    people = alone(counts)
    rated, worth = fit(JointCounts(JUDGE, names, **shifted, **rest), people)
    np.testing.assert_allclose(rated.ratings, people.ratings, atol=1e-6)
    assert worth.further == worth.usable == 0 and "further battles" in worth.notes[0]


def test_points_are_moved_as_the_formula_says():
    """One pair: 4 battles of people and the judge, 6 of the judge alone; checked by hand."""
    counts = JointCounts(
        judge=JUDGE,
        names=("a", "b"),
        model_a=np.zeros(10, np.int32),
        model_b=np.ones(10, np.int32),
        stratum=np.zeros(10, np.int32),
        votes=np.array([1.0] * 4 + [0.0] * 6),
        points=np.array([1.0, 1.0, 0.0, 0.5] + [0.0] * 6),
        verdict=np.array([1.0, 0.0, 0.0, 0.0] + [1.0] * 4 + [0.0] * 2),
        battles=np.ones(10),
    )
    rated, worth = fit(counts, alone(counts), weight=0.5)
    moved = 2.5 + 0.5 * 4 * 0.6 * (4 / 6 - 1 / 4)
    assert (rated.ratings[0] - rated.ratings[1]) / POINTS == pytest.approx(np.log(moved / (4 - moved)))
    share = moved / 4
    people = np.array([1.0, 1.0, 0.0, 0.5]) - share
    root, mean = np.sqrt(10 / 9), 0.5
    pulls = people - 0.5 * 0.6 * (counts.verdict[:4] - mean) * root
    others = 0.5 * 4 * 0.6 / 6 * (counts.verdict[4:] - mean) * root
    error = np.sqrt((pulls**2).sum() + (others**2).sum()) / (4 * share * (1 - share))
    covariance = rated.covariance
    of_gap = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert np.sqrt(of_gap) / POINTS == pytest.approx(error)
    assert (worth.votes, worth.battles, worth.shared, worth.usable, worth.further) == (4, 4, 4, 4, 6)


@pytest.mark.parametrize("pooled", [False, True], ids=["by-pair", "all-together"])
@pytest.mark.parametrize("people", [1, 3])
def test_the_sandwich_is_the_jackknife_over_battles(pooled, people):
    counts = drawn(3, models=4, voted=250, further=600, pooled=pooled, people=people, common=0.7)
    start = np.zeros(4)
    whole = _correction(counts)
    ratings = whole.solve(start, 0.7)
    inverse = whole.inverse(ratings)
    sandwich = inverse @ whole.meat(ratings).at(0.7) @ inverse
    every = np.arange(len(counts.votes))
    left_out = [_correction(rows(counts, np.delete(every, i))).solve(ratings, 0.7) for i in every]
    off = np.array(left_out) - np.mean(left_out, axis=0)
    jackknife = (len(every) - 1) / len(every) * off.T @ off
    np.testing.assert_allclose(np.sqrt(np.diag(sandwich)), np.sqrt(np.diag(jackknife)), rtol=0.04)


def _correction(counts: JointCounts):
    return Pooled(counts) if counts.pooled else Stratified(counts)


def test_a_judge_without_ratings_of_its_own_is_compared_by_pair_only():
    counts = drawn(4, models=3, pooled=True)
    always = replace(counts, verdict=np.where(counts.model_a == 0, 1.0, counts.verdict))
    with pytest.raises(InvalidInput, match="strata pair"):
        fit(always, alone(always))
    fit(replace(always, pooled=False), alone(always))


def test_the_weight_is_the_slope_within_pairs_that_makes_the_variance_least():
    counts = drawn(1, voted=800, further=3000)
    people = alone(counts)
    best, worth = fit(counts, people)
    for other in (worth.weight - 0.1, worth.weight + 0.1):
        worse, _ = fit(counts, people, weight=other)
        assert np.trace(worse.covariance) > np.trace(best.covariance)


def test_a_biased_judge_does_not_move_the_ratings_off_the_truth():
    """A judge that adds 200 points to one model: on average over arenas, the rating stays where people put it."""
    rng = np.random.default_rng(5)
    ratings = np.array([-0.5, -0.1, 0.2, 0.4])
    off = np.array([200.0, 0.0, 0.0, 0.0]) / POINTS
    arena = World(ratings, ratings + off, seen=0.95)
    errors = []
    for _ in range(60):
        counts = arena.draw(300, 1500, rng)
        errors.append(fit(counts, alone(counts))[0].ratings - CENTRE - POINTS * ratings)
    mean, error = np.mean(errors, axis=0), np.std(errors, axis=0) / np.sqrt(60)
    assert (np.abs(mean) < 4 * error + 1.0).all()


def test_several_people_on_a_battle_are_one_cluster():
    rng = np.random.default_rng(6)
    arena = world(5, rng, common=1.0, people=4)
    counts = arena.draw(300, 0, rng)
    once = replace(counts, votes=counts.votes / 4, points=counts.points / 4)
    rated, _ = fit(counts, bradley_terry.fit_table(_tally(counts)), weight=0.0)
    single, _ = fit(once, bradley_terry.fit_table(_tally(once)), weight=0.0)
    np.testing.assert_allclose(rated.upper - rated.lower, single.upper - single.lower, rtol=1e-6)


def _tally(counts: JointCounts):
    from arena.ratings.tally import Tally

    size = len(counts.names)
    wins = np.zeros((size, size))
    np.add.at(wins, (counts.model_a, counts.model_b), counts.points * counts.battles)
    np.add.at(wins, (counts.model_b, counts.model_a), (counts.votes - counts.points) * counts.battles)
    return Tally(counts.names, wins, np.zeros((size, size)))


def test_battles_of_one_prompt_are_one_cluster_where_asked_for():
    counts = drawn(7)
    own = replace(counts, cluster=np.arange(len(counts.votes), dtype=np.int32))
    np.testing.assert_allclose(both_bounds(own), both_bounds(counts), atol=1e-6)
    thrice = rows(counts, np.repeat(np.arange(len(counts.votes)), 3))
    together = replace(thrice, cluster=np.repeat(np.arange(len(counts.votes), dtype=np.int32), 3))
    width = np.diff(both_bounds(counts)[1:], axis=0)
    np.testing.assert_allclose(np.diff(both_bounds(together)[1:], axis=0), width, rtol=0.02)
    assert (np.diff(both_bounds(thrice)[1:], axis=0) < 0.7 * width).all()


def test_a_choice_of_battles_that_the_judge_sees_is_noticed_and_said():
    """People vote where the judge is for the first model: no random draw."""
    rng = np.random.default_rng(8)
    counts = world(4, rng, seen=0.95).draw(2000, 0, rng)
    chance = np.where(counts.verdict > 0.5, 0.4, 0.1)
    kept = rng.random(2000) < chance
    chosen = replace(
        counts, votes=np.where(kept, counts.votes, 0.0), points=np.where(kept, counts.points, 0.0)
    )
    _, worth = fit(chosen, alone(chosen))
    assert worth.biased and "no random draw" in worth.notes[0]
    _, honest = fit(counts_of_random_draw(counts, rng), alone(counts_of_random_draw(counts, rng)))
    assert not honest.biased


def counts_of_random_draw(counts: JointCounts, rng: np.random.Generator) -> JointCounts:
    kept = np.random.default_rng(9).random(len(counts.votes)) < 0.2
    return replace(counts, votes=np.where(kept, counts.votes, 0.0), points=np.where(kept, counts.points, 0.0))


def test_strata_within_pairs_mend_a_choice_by_category():
    """People vote mostly on one category, in which the judge leans otherwise: strata by category undo that."""
    rng = np.random.default_rng(10)
    counts = world(4, rng, seen=0.9).draw(4000, 0, rng)
    category = rng.random(4000) < 0.5
    leaning = np.where(category & (counts.model_a == 0), 1.0, counts.verdict)
    kept = rng.random(4000) < np.where(category, 0.3, 0.05)
    chosen = replace(
        counts,
        verdict=leaning,
        votes=np.where(kept, counts.votes, 0.0),
        points=np.where(kept, counts.points, 0.0),
    )
    finer = replace(chosen, stratum=(chosen.stratum * 2 + category).astype(np.int32))
    assert fit(chosen, alone(chosen))[1].biased
    assert not fit(finer, alone(finer))[1].biased


def test_too_few_shared_battles_leave_people_alone():
    counts = drawn(11, models=3, voted=15, further=100)
    rated, worth = fit(counts, alone(counts))
    assert worth.weight == 0.0 and "from 20 on" in worth.notes[0]
    assert "adds nothing" in rated.basis


def test_without_people_there_is_nothing_to_help():
    counts = drawn(12, voted=0)
    with pytest.raises(InvalidInput, match="No vote of a person"):
        fit(counts, bradley_terry.fit([]))
    with pytest.raises(InvalidInput, match="beyond 0 and 1"):
        fit(replace(drawn(12), verdict=np.full(650, 1.5)), alone(drawn(12)))


def test_models_without_a_loss_keep_their_open_end():
    counts = drawn(13, models=4, voted=200, further=600)
    of_first = (counts.model_a == 0) & (counts.votes > 0)
    unbeaten = replace(counts, points=np.where(of_first, counts.votes, counts.points))
    people = alone(unbeaten)
    rated, worth = fit(unbeaten, people)
    assert rated.upper[0] == np.inf and rated.notes[0] == people.notes[0]
    assert worth.more > 0 and np.isfinite(rated.upper[1:]).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verdicts", "people", "least"),
    [("one", 1, 0.20), ("both", 1, 0.25), ("soft", 1, 0.25), ("both", 3, 0.25)],
    ids=["asked-once", "both-orders", "chances", "three-people"],
)
def test_intervals_cover_the_truth_and_are_narrower_at_kappa_of_six_tenths(verdicts, people, least):
    """500 arenas each. A judge that says one of two in one order can give no more than `1 - sqrt(1 - r^2)`."""
    rng = np.random.default_rng([17, people, len(verdicts)])
    arena = seen_for(0.6, world(8, rng, verdicts=verdicts, people=people, common=0.8), rng)
    truth = CENTRE + POINTS * arena.ratings
    covered, narrower = [], []
    for _ in range(500):
        counts = arena.draw(400, 4000, rng)
        rated, worth = fit(counts, alone(counts))
        covered.append((rated.lower <= truth) & (truth <= rated.upper))
        narrower.append(worth.narrower)
    assert 0.93 <= np.mean(covered) <= 0.97
    assert np.mean(narrower) >= least


@pytest.mark.slow
def test_thirty_models_with_few_battles_a_pair_gain_more_from_all_pairs_together():
    rng = np.random.default_rng(31)
    arena = seen_for(0.6, world(30, rng, common=0.9), rng)
    truth = CENTRE + POINTS * arena.ratings
    covered, narrower = ([], []), ([], [])
    for _ in range(200):
        counts = arena.draw(600, 2400, rng)
        people = alone(counts)
        for pooled in (False, True):
            rated, worth = fit(replace(counts, pooled=pooled), people)
            covered[pooled].append((rated.lower <= truth) & (truth <= rated.upper))
            narrower[pooled].append(worth.narrower)
    assert all(0.93 <= np.mean(found) <= 0.97 for found in covered)
    assert np.mean(narrower[True]) >= 0.25 > np.mean(narrower[False])


@pytest.mark.slow
def test_a_blind_judge_costs_nothing():
    rng = np.random.default_rng(23)
    arena = world(8, rng, seen=0.0)
    truth = CENTRE + POINTS * arena.ratings
    covered, widths = [], []
    for _ in range(500):
        counts = arena.draw(400, 2000, rng)
        people = alone(counts)
        rated, _ = fit(counts, people)
        covered.append((rated.lower <= truth) & (truth <= rated.upper))
        widths.append((rated.upper - rated.lower).mean() / (people.upper - people.lower).mean())
    assert abs(kappa(counts)) < 0.2
    assert 0.93 <= np.mean(covered) <= 0.97
    assert 0.98 <= np.mean(widths) <= 1.005
