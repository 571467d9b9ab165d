import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.ratings import bootstrap, bradley_terry, with_ties
from arena.ratings.columns import from_votes, pair_counts
from arena.ratings.likelihood import LIKELIHOODS
from arena.ratings.options import RatingOptions
from arena.ratings.paired import paired, rows
from arena.ratings.refit import Point, settle
from arena.ratings.tally import tally
from arena.ratings.uncertainty import with_intervals
from arena.types import PairCount
from tests.arena.ratings import clustered_arenas as arenas
from tests.arena.ratings.arenas import connected_votes, llmfao, simulated, votes

BOOTSTRAP = RatingOptions(intervals="bootstrap", rounds=2000)


def widths(rated):
    return rated.upper - rated.lower


def fit(counts, method="bt"):
    return bradley_terry.fit(counts) if method == "bt" else with_ties.fit(tally(counts), method)


@pytest.mark.parametrize("method", ["bt", "davidson", "rao_kupper"])
def test_bootstrap_and_sandwich_agree_within_five_per_cent(method):
    counts = pair_counts(simulated(np.linspace(-1, 1, 12), 6000, np.random.default_rng(0)))
    rated = fit(counts, method)
    found = with_intervals(
        rated, counts, None, RatingOptions(method=method, intervals="bootstrap", rounds=4000)
    )
    assert widths(found).mean() == pytest.approx(widths(rated).mean(), rel=0.05)
    assert np.abs(widths(found) / widths(rated) - 1).max() < 0.08
    errors = np.sqrt(np.diag(found.covariance) / np.diag(rated.covariance))
    assert errors.mean() == pytest.approx(1.0, abs=0.05)


def test_bootstrap_and_sandwich_of_clusters_agree_within_five_per_cent():
    votes = arenas.clustered(np.linspace(-1, 1, 8), np.full(400, 10), np.random.default_rng(1))
    counts = arenas.counts_of(votes)
    rated = bradley_terry.fit(counts)
    sandwich = with_intervals(rated, counts, votes, RatingOptions(cluster="voter"))
    options = RatingOptions(cluster="voter", intervals="bootstrap", rounds=4000)
    drawn = with_intervals(rated, counts, votes, options)
    assert widths(drawn).mean() == pytest.approx(widths(sandwich).mean(), rel=0.05)


def test_on_real_votes_bootstrap_and_sandwich_agree():
    counts = pair_counts(llmfao())
    rated = bradley_terry.fit(counts)
    found = with_intervals(rated, counts, None, RatingOptions(intervals="bootstrap", rounds=600))
    assert widths(found).mean() == pytest.approx(widths(rated).mean(), rel=0.05)


def test_a_round_draws_as_many_votes_as_there_are():
    table = paired(
        pair_counts(simulated(np.zeros(5), 321, np.random.default_rng(2))), [f"m0{i}" for i in range(5)]
    )
    drawn = bootstrap.votes_anew(table, np.random.default_rng(3))(50)
    assert (drawn.sum(axis=(1, 2)) == 321).all()
    assert not drawn[:, table.counts == 0].any()
    np.testing.assert_allclose(drawn.mean(axis=0), table.counts, atol=4.0)


@pytest.mark.parametrize("votes", [500, 200_000], ids=["few", "many"])
def test_many_votes_are_drawn_as_few_are(votes):
    shares = np.array([0.5, 0.3, 0.15, 0.05 - 1e-5, 1e-5])
    drawn = bootstrap.multinomial(votes, shares, 20_000, np.random.default_rng(11))
    assert (drawn.sum(axis=1) == votes).all()
    assert (drawn >= 0).all()
    expected = votes * (np.diag(shares) - np.outer(shares, shares))
    errors = np.sqrt(votes * shares * (1 - shares) / 20_000)
    assert (np.abs(drawn.mean(axis=0) - votes * shares) < 5 * errors).all()
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), expected, atol=0.03 * expected.max())
    assert np.cov(drawn, rowvar=False)[4, 4] == pytest.approx(expected[4, 4], rel=0.1)


def test_a_round_of_clusters_draws_whole_ones():
    votes = arenas.clustered(np.zeros(4), np.array([7, 11, 13]), np.random.default_rng(4))
    drawn = bootstrap.clusters_anew(rows(votes, votes.names), np.random.default_rng(5))(200)
    sums = {7 * a + 11 * b + 13 * (3 - a - b) for a in range(4) for b in range(4 - a)}
    assert set(drawn.sum(axis=(1, 2)).astype(int).tolist()) <= sums


def test_weights_that_are_all_equal_change_nothing_but_the_draws():
    votes = arenas.clustered(np.linspace(-1, 1, 6), np.full(60, 30), np.random.default_rng(6), alike=0.0)
    counts = arenas.counts_of(votes)
    rated = bradley_terry.fit(counts)
    plain = with_intervals(rated, counts, None, BOOTSTRAP)
    weighted = with_intervals(rated, counts, votes, BOOTSTRAP, weights=np.full(len(votes.votes), 3.0))
    np.testing.assert_allclose(widths(weighted), widths(plain), rtol=0.1)


def test_equal_seeds_give_equal_intervals_and_others_do_not():
    counts = pair_counts(simulated(np.linspace(-1, 1, 5), 300, np.random.default_rng(7)))
    rated = bradley_terry.fit(counts)
    one, two, other = (
        with_intervals(rated, counts, None, RatingOptions(intervals="bootstrap", rounds=100, seed=seed))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.lower, two.lower)
    assert (one.lower != other.lower).any()


def test_an_end_is_open_where_rounds_leave_no_win():
    counts = [PairCount("a", "b", 30, 30, 0, 0), PairCount("a", "c", 25, 1, 0, 0)]
    found = with_intervals(
        bradley_terry.fit(counts), counts, None, RatingOptions(intervals="bootstrap", rounds=400)
    )
    place = found.names.index("c")
    assert found.lower[place] == -np.inf
    assert np.isfinite(found.upper[place])
    assert (found.draws[:, place] == -np.inf).mean() == pytest.approx(np.exp(-1.0), abs=0.08)


def test_models_of_ties_alone_keep_their_wide_interval():
    counts = [PairCount("a", "b", 30, 20, 0, 0), PairCount("a", "c", 0, 0, 20, 0)]
    rated = bradley_terry.fit(counts)
    found = with_intervals(rated, counts, None, BOOTSTRAP)
    place = found.names.index("c")
    assert widths(found)[place] == pytest.approx(widths(rated)[place], rel=0.3)


def test_an_anchor_is_held_in_every_round():
    from arena.ratings.anchor import anchored

    counts = pair_counts(simulated(np.linspace(-1, 1, 5), 2000, np.random.default_rng(8)))
    options = RatingOptions(intervals="bootstrap", rounds=500, anchor="m01", anchor_rating=1100.0)
    rated = anchored(bradley_terry.fit(counts), "m01", 1100.0)
    found = with_intervals(rated, counts, None, options)
    assert (found.draws[:, 1] == 1100.0).all()
    assert found.lower[1] == found.upper[1] == 1100.0
    np.testing.assert_allclose(widths(found)[[0, 2, 3, 4]], widths(rated)[[0, 2, 3, 4]], rtol=0.15)


@given(rows=votes())
@settings(max_examples=40, deadline=None)
def test_whatever_the_votes_the_intervals_hold_the_ratings(rows):
    counts = pair_counts(from_votes(rows))
    rated = bradley_terry.fit(counts)
    found = with_intervals(rated, counts, None, RatingOptions(intervals="bootstrap", rounds=20))
    assert (found.lower <= found.ratings).all()
    assert (found.ratings <= found.upper).all()


@pytest.mark.parametrize("method", ["davidson", "rao_kupper"])
@given(rows=connected_votes(), seed=st.integers(0, 5))
@settings(max_examples=20, deadline=None)
def test_rounds_without_ties_or_wins_are_fitted_too(method, rows, seed):
    counts = pair_counts(from_votes(rows))
    rated = with_ties.fit(tally(counts), method)
    options = RatingOptions(method=method, intervals="bootstrap", rounds=20, seed=seed)
    found = with_intervals(rated, counts, None, options)
    assert (found.lower <= found.ratings).all()
    assert (found.ratings <= found.upper).all()


def test_each_round_is_fitted_to_its_own_maximum():
    counts = pair_counts(simulated(np.linspace(-1, 1, 6), 400, np.random.default_rng(9)))
    table = paired(counts, [f"m0{i}" for i in range(6)])
    at = settle(table, LIKELIHOODS["bt"], Point(np.zeros(6), np.array(0.5)))
    tables = bootstrap.votes_anew(table, np.random.default_rng(10))(30)
    draws = bootstrap.draw(table, LIKELIHOODS["bt"], at, lambda _: tables, rounds=30)
    for ratings, drawn in zip(draws.ratings, tables, strict=True):
        alone = bradley_terry.fit(
            [
                PairCount(f"m0{a}", f"m0{b}", int(w), int(v), int(t), 0)
                for a, b, (w, v, t) in zip(table.meetings.first, table.meetings.second, drawn, strict=True)
            ]
        )
        np.testing.assert_allclose(173.7177927613007 * ratings + 1000.0, alone.ratings, atol=1e-4)


def test_a_method_without_a_likelihood_is_refused():
    counts = [PairCount("a", "b", 3, 2, 0, 0)]
    with pytest.raises(InvalidInput, match="'elo' cannot be clustered or drawn anew"):
        with_intervals(bradley_terry.fit(counts), counts, None, RatingOptions(method="elo", cluster="voter"))


def test_clusters_that_nobody_knows_are_refused():
    counts = [PairCount("a", "b", 3, 2, 0, 0)]
    with pytest.raises(InvalidInput, match="do not say of which voter"):
        with_intervals(bradley_terry.fit(counts), counts, None, RatingOptions(cluster="voter"))
