"""The tables of errors are found again, and their spread is told as it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.people.dawid_skene import STRENGTH, covariances, fit
from arena.people.reliability import accuracy_of, signal_of
from arena.people.shared import shared_votes
from tests.arena.people.crowds import PRIOR, crowd, even_errors, person


def test_tables_of_errors_and_true_outcomes_are_found_again():
    rng = np.random.default_rng(3)
    errors = even_errors(rng.uniform(0.4, 0.95, 30))
    drawn = crowd(rng, errors, 3000, 5)
    found = fit(drawn.votes)
    assert found.converged
    assert np.abs(found.errors - errors).mean() < 0.03
    assert found.prior == pytest.approx(PRIOR, abs=0.03)
    by_majority = (drawn.votes.counts().argmax(axis=1) == drawn.truth).mean()
    assert (found.truth.argmax(axis=1) == drawn.truth).mean() > by_majority + 0.03


def test_a_habit_of_choosing_one_side_shows_in_the_table():
    rng = np.random.default_rng(4)
    errors = even_errors(np.full(12, 0.8))
    errors[0] = np.array([[0.95, 0.6, 0.6], [0.03, 0.35, 0.1], [0.02, 0.05, 0.3]])
    found = fit(crowd(rng, errors, 1500, 5).votes)
    assert found.errors[0] == pytest.approx(errors[0], abs=0.08)


@given(st.integers(0, 10_000))
def test_sides_and_names_turned_round_turn_the_tables_round(seed):
    rng = np.random.default_rng(seed)
    voter, battle = np.tile(np.arange(5), 12), np.repeat(np.arange(12), 5)
    said = rng.integers(0, 3, 60)
    names = tuple(person(str(v)) for v in range(5))
    plain = fit(shared_votes(names, voter, battle, said))
    swap, other = np.array([1, 0, 2]), rng.permutation(5)
    turned = fit(shared_votes(names, other[voter], battle[::-1].max() - battle, swap[said]))
    assert turned.errors[other] == pytest.approx(plain.errors[:, swap][:, :, swap], abs=1e-6)
    assert turned.truth[::-1] == pytest.approx(plain.truth[:, swap], abs=1e-6)
    assert plain.errors.sum(axis=1) == pytest.approx(1.0)


def test_a_plain_loop_over_votes_finds_the_same_tables():
    """The algorithm as Dawid and Skene write it, vote by vote, with the same prior."""
    rng = np.random.default_rng(9)
    votes = crowd(rng, even_errors(rng.uniform(0.4, 0.9, 6)), 40, 3).votes
    rows = list(zip(votes.voter.tolist(), votes.battle.tolist(), votes.outcome.tolist(), strict=True))
    truth = np.zeros((votes.battles, 3))
    for _, battle, said in rows:
        truth[battle, said] += 1 / 3
    found = fit(votes, rounds=25)
    for _ in range(found.rounds + 1):
        errors = np.zeros((6, 3, 3))
        for voter, battle, said in rows:
            errors[voter, said] += truth[battle]
        prior = (truth.sum(axis=0) + 1) / (votes.battles + 3)
        pool = errors.sum(axis=0) + 1
        pool /= pool.sum(axis=0)
        errors += STRENGTH * pool
        errors /= errors.sum(axis=1, keepdims=True)
        last, truth = truth, np.tile(prior, (votes.battles, 1))
        for voter, battle, said in rows:
            truth[battle] *= errors[voter, said]
        truth /= truth.sum(axis=1, keepdims=True)
    assert found.errors == pytest.approx(errors, abs=1e-9)
    assert found.prior == pytest.approx(prior, abs=1e-9)
    assert found.truth == pytest.approx(last, abs=1e-9)


def test_the_covariance_is_the_curvature_of_the_likelihood():
    """Held against differences of the log posterior of one voter's table, the others' held."""
    rng = np.random.default_rng(6)
    votes = crowd(rng, even_errors(rng.uniform(0.5, 0.9, 6)), 80, 4).votes
    found = fit(votes)

    def posterior(table):
        errors = found.errors.copy()
        errors[2] = table.reshape(3, 3)
        logs = np.log(errors)[votes.voter, votes.outcome]
        sums = np.zeros((votes.battles, 3))
        np.add.at(sums, votes.battle, logs)
        return np.log(np.exp(sums) @ found.prior).sum() + STRENGTH * (found.pool * np.log(errors[2])).sum()

    directions = []
    for k in range(3):
        for o in range(2):
            step = np.zeros((3, 3))
            step[o, k], step[2, k] = 1.0, -1.0
            directions.append(step.ravel())
    basis, h, at = np.array(directions), 1e-4, found.errors[2].ravel()
    curvature = np.array(
        [
            [
                sum(
                    sign * posterior(at + h * (i * s + j * t))
                    for s, t, sign in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
                )
                / (4 * h * h)
                for j in basis
            ]
            for i in basis
        ]
    )
    expected = basis.T @ np.linalg.inv(-curvature) @ basis
    # The truth found is that of the tables of the round before, which differ by less than the tolerance.
    assert covariances(votes, found)[2] == pytest.approx(expected, rel=0.02, abs=1e-5)


def test_intervals_of_accuracy_and_signal_cover():
    covered, near = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        errors = even_errors(rng.uniform(0.45, 0.95, 40))
        votes = crowd(rng, errors, 600, 4).votes
        found = fit(votes)
        spread = covariances(votes, found)
        for along, true in ((accuracy_of, accuracy_of(PRIOR)), (signal_of, signal_of(PRIOR))):
            direction = along(found.prior)
            at = found.errors.reshape(-1, 9) @ direction
            error = np.sqrt(np.einsum("i,vij,j->v", direction, spread, direction))
            off = at - errors.reshape(-1, 9) @ true
            covered.append(np.abs(off) < 1.96 * error)
            near.append(off)
    assert 0.92 < np.mean(covered) < 0.98
    assert abs(np.mean(near)) < 0.02
