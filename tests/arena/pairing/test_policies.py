import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.pairing.policies import EXPLORING, NEW_UNTIL, POLICIES, weights
from arena.pairing.standing import standing
from tests.arena.pairing.arenas import expected, names, voted


@given(st.integers(0, 10_000), st.sampled_from(POLICIES), st.integers(2, 7))
def test_chances_sum_to_one_and_leave_every_pair_possible(seed, policy, size):
    rng = np.random.default_rng(seed)
    now = standing(voted(rng.normal(0, 2, 7), rng.integers(0, 40, (7, 7)), rng), names(7))
    found = weights(policy, now, np.sort(rng.choice(7, size, replace=False)))
    assert np.triu(found, 1).sum() == pytest.approx(1.0)
    assert np.allclose(found, found.T) and not np.diag(found).any()
    assert (found[~np.eye(size, dtype=bool)] > 0).all()


def test_uniform_takes_all_pairs_alike():
    now = standing(expected([0.0, 1.0, 2.0], np.full((3, 3), 50)))
    assert np.triu(weights("uniform", now, np.arange(3)), 1)[np.triu_indices(3, 1)] == pytest.approx(1 / 3)


def test_few_weighs_pairs_by_one_over_one_plus_votes():
    votes = np.array([[0, 9, 0], [0, 0, 3], [0, 0, 0]])
    found = weights("few", standing(expected([0.0] * 3, votes), names(3)), np.arange(3))
    share = np.array([1 / 10, 1.0, 1 / 4])
    assert found[[0, 0, 1], [1, 2, 2]] == pytest.approx(share / share.sum())


def test_new_gives_a_model_with_few_votes_nearly_every_battle_until_it_has_enough():
    votes = np.full((4, 4), 2 * NEW_UNTIL)
    votes[:, 3] = 0
    now = standing(expected([0.0, 0.2, 0.4, 0.0], votes), names(4))
    assert weights("new", now, np.arange(4))[3].sum() > 0.999
    votes[:, 3] = NEW_UNTIL
    now = standing(expected([0.0, 0.2, 0.4, 0.0], votes), names(4))
    assert weights("new", now, np.arange(4))[3].sum() == pytest.approx(0.5)


def test_active_sends_a_new_model_into_battle_first():
    votes = np.full((6, 6), 300)
    votes[:, 5] = 0
    now = standing(expected([0.0, 0.2, 0.4, 0.6, 0.8, 0.0], votes), names(6))
    assert weights("active", now, np.arange(6))[5].sum() > 0.9


def test_active_seldom_lets_models_meet_that_are_far_apart():
    strengths = np.linspace(-4.0, 4.0, 9)
    now = standing(expected(strengths, np.full((9, 9), 400)))
    found = weights("active", now, np.arange(9))
    far = sum(found[i, j] for i in range(9) for j in range(i + 5, 9))
    assert far < EXPLORING
    assert np.trace(found, offset=1) > 0.8


def test_active_takes_equal_models_with_equal_votes_alike():
    found = weights("active", standing([], names(5)), np.arange(5))
    assert found[np.triu_indices(5, 1)] == pytest.approx(1 / 10)


def test_intervals_that_nobody_wants_draw_no_votes():
    votes = np.full((6, 6), 100)
    votes[:, 5] = votes[5] = 0
    now = standing(expected([0.0] * 6, votes), names(6))
    everyone = np.arange(6)
    assert weights("active", now, everyone)[5].sum() > 0.9
    assert weights("active", now, everyone, wanted=np.arange(5))[5].sum() < 0.05


@pytest.mark.parametrize("policy", POLICIES)
def test_models_that_fail_to_answer_come_less_often_but_still_come(policy):
    now = standing([], names(4))
    trust = np.array([1.0, 1.0, 1.0, 1 / 64])
    found = weights(policy, now, np.arange(4), trust=trust)
    assert 0 < found[3].sum() < 0.07
