from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.ratings import bradley_terry
from arena.ratings.soft import SoftCount, soft_tally
from arena.types import PairCount

counts = st.tuples(*[st.integers(1, 9)] * 3)


def summed(a: str, b: str, votes: list[tuple[float, float]]) -> SoftCount:
    """Sum (weight, outcome for a)."""
    w, y = np.array(votes).T
    return SoftCount(
        a, b, len(votes), w.sum(), (w * y).sum(), (w * w).sum(), (w * w * y).sum(), (w * w * y * y).sum()
    )


def as_soft(count: PairCount) -> SoftCount:
    ties = count.ties + count.both_bad
    votes = [(1.0, 1.0)] * count.wins_a + [(1.0, 0.0)] * count.wins_b + [(1.0, 0.5)] * ties
    return summed(count.model_a, count.model_b, votes)


@given(counts, counts, counts)
def test_votes_that_are_sure_give_the_ratings_and_intervals_of_plain_votes(ab, bc, ac):
    plain = [PairCount(*pair, *n, 0) for pair, n in ((("a", "b"), ab), (("b", "c"), bc), (("a", "c"), ac))]
    hard = bradley_terry.fit(plain)
    soft = bradley_terry.fit_table(soft_tally([as_soft(count) for count in plain]))
    assert np.allclose(soft.ratings, hard.ratings)
    assert np.allclose(soft.covariance, hard.covariance, atol=1e-6)
    assert soft.votes == hard.votes


@given(st.lists(st.tuples(st.sampled_from([1.0, 3.0]), st.floats(0.05, 0.95)), min_size=2, max_size=20))
def test_the_order_in_which_a_pair_is_shown_does_not_matter(votes):
    shown = bradley_terry.fit_table(soft_tally([summed("a", "b", votes)]))
    turned = bradley_terry.fit_table(soft_tally([summed("b", "a", [(w, 1.0 - y) for w, y in votes])]))
    assert np.allclose(shown.ratings, turned.ratings)
    assert np.allclose(shown.lower, turned.lower)


def test_two_models_stand_as_far_apart_as_the_mean_of_what_the_judge_said():
    fitted = bradley_terry.fit_table(soft_tally([summed("a", "b", [(1.0, 0.9), (1.0, 0.6)])]))
    assert fitted.ratings[0] - fitted.ratings[1] == pytest.approx(400 * np.log10(0.75 / 0.25))


def test_a_verdict_of_three_moves_the_rating_as_far_as_three_but_is_no_surer():
    strong = bradley_terry.fit_table(soft_tally([summed("a", "b", [(3.0, 1.0), (1.0, 0.0)] * 20)]))
    thrice = bradley_terry.fit_table(soft_tally([summed("a", "b", [(1.0, 1.0)] * 60 + [(1.0, 0.0)] * 20)]))
    assert np.allclose(strong.ratings, thrice.ratings)
    assert strong.upper[0] - strong.lower[0] > thrice.upper[0] - thrice.lower[0]


def test_a_judge_that_always_says_half_does_not_make_two_models_surely_equal():
    fitted = bradley_terry.fit_table(soft_tally([summed("a", "b", [(1.0, 0.5)] * 10)]))
    assert np.allclose(fitted.ratings, 1000.0)
    assert fitted.upper[0] - fitted.lower[0] > 100.0


def test_outcomes_beyond_zero_and_one_and_a_model_against_itself_are_refused():
    good = summed("a", "b", [(1.0, 0.5)])
    with pytest.raises(InvalidInput, match="beyond 0 and 1"):
        soft_tally([replace(good, points_a=1.5)])
    with pytest.raises(InvalidInput, match="with itself"):
        soft_tally([replace(good, model_b="a")])
