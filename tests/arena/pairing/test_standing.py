import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.pairing.standing import Standing, drops, mean_half_width, standing
from arena.ratings import bradley_terry
from arena.ratings.rated import CENTRE, POINTS
from arena.types import PairCount
from tests.arena.pairing.arenas import names, voted


def arena(seed: int, size: int = 8, most: int = 30):
    rng = np.random.default_rng(seed)
    strengths = rng.normal(0.0, 0.8, size)
    return voted(strengths, rng.integers(0, most, (size, size)), rng, ties=0.2)


def test_models_without_a_vote_stand_in_the_middle_and_are_the_least_sure():
    now = standing(arena(1), [*names(8), "new"])
    new = now.names.index("new")
    assert now.ratings[new] == pytest.approx(-now.ratings.sum() + now.ratings[new], abs=1e-9)
    assert np.argmax(now.half_widths()) == new
    assert np.isfinite(now.covariance).all()


@given(st.integers(0, 10_000))
def test_a_standing_is_finite_for_any_votes_at_all(seed):
    rng = np.random.default_rng(seed)
    votes = rng.integers(0, 4, (5, 5)) * rng.integers(0, 2, (5, 5))
    now = standing(voted(rng.normal(0, 3, 5), votes, rng), names(5))
    assert np.isfinite(now.ratings).all() and np.isfinite(now.covariance).all()
    assert (np.diag(now.covariance) > 0).all()
    assert np.allclose(now.covariance.sum(axis=0), 0.0, atol=1e-8)


def test_with_many_votes_ratings_and_intervals_are_those_of_the_board():
    rng = np.random.default_rng(2)
    counts = voted(rng.normal(0, 0.6, 6), np.full((6, 6), 2000), rng, ties=0.3)
    now, board = standing(counts), bradley_terry.fit(counts)
    assert now.names == board.names
    assert now.ratings * POINTS == pytest.approx(board.ratings - CENTRE, abs=0.5)
    assert now.half_widths() == pytest.approx((board.upper - board.lower) / 2.0, rel=0.03)


@given(st.integers(0, 10_000))
def test_one_more_vote_by_a_rank_one_update_is_one_more_vote_by_inversion(seed):
    now = standing(arena(seed))
    i, j = np.random.default_rng(seed).choice(8, 2, replace=False)
    more = np.zeros((8, 8))
    more[i, j] = more[j, i] = 1.0
    quick, plain = now.expecting_one(i, j), now.expecting(more)
    assert np.allclose(quick.covariance, plain.covariance, rtol=1e-9, atol=1e-12)
    assert np.array_equal(quick.votes, plain.votes)


@given(st.integers(0, 10_000), st.booleans())
def test_the_drop_of_each_pair_is_that_of_brute_force(seed, all_wanted):
    now = standing(arena(seed, most=60), names(8))
    wanted = np.arange(8) if all_wanted else np.array([1, 4, 6])
    found = drops(now, wanted)

    def errors(now: Standing) -> float:
        about = np.eye(8)[wanted]
        about = about - about.mean(axis=0)
        return float(np.sqrt(np.diag(about @ now.covariance @ about.T)).sum())

    for i, j in zip(*np.triu_indices(8, 1), strict=True):
        lower = errors(now) - errors(now.expecting_one(i, j))
        assert found[i, j] == pytest.approx(lower, rel=0.05)
        assert found[j, i] == pytest.approx(found[i, j])


def test_an_earlier_standing_to_begin_from_changes_nothing():
    before, counts = standing(arena(3)), arena(4)
    assert standing(counts, start=before).ratings == pytest.approx(standing(counts).ratings, abs=1e-6)


def test_ties_make_votes_less_variable_than_coin_tosses():
    rng = np.random.default_rng(5)
    apart = standing(voted([0.0] * 4, np.full((4, 4), 500), rng))
    tied = standing(voted([0.0] * 4, np.full((4, 4), 500), rng, ties=0.4))
    assert apart.dispersion == pytest.approx(1.0, abs=0.01)
    assert tied.dispersion == pytest.approx(0.6, abs=0.02)
    assert mean_half_width(tied) < mean_half_width(apart)


def test_a_model_nobody_named_is_refused():
    with pytest.raises(InvalidInput, match="'stranger'"):
        standing([PairCount("a", "b", 1, 1, 0, 0)]).places(["a", "stranger"])
