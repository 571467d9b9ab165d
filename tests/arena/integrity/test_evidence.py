from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.integrity import evidence as bets
from arena.integrity.ballots import Ballots
from arena.integrity.evidence import evidence
from tests.arena.integrity.crowds import crowd

CHANCES = st.floats(0.02, 0.98)


def test_the_coin_s_bet_is_one_over_twice_the_chance():
    gaps = np.log(np.array([3.0, 3.0, 1 / 9]))
    won = np.array([True, False, True])
    factors = np.exp(bets._bet(won, gaps, np.zeros(3), np.full(3, 0.5)))
    np.testing.assert_allclose(factors, [1 / (2 * 0.75), 1 / (2 * 0.25), 1 / (2 * 0.1)])


@given(CHANCES, CHANCES, st.floats(0, 3))
def test_no_bet_wins_in_the_mean_where_the_chance_lies_within_its_error(bet, held, error):
    gap = np.log(held / (1 - held))
    for true in (gap, gap + np.sign(gap - np.log(bet / (1 - bet))) * 0.5):
        p = 1 / (1 + np.exp(-true))
        win, lose = (
            float(np.exp(bets._bet(np.array([won]), np.array([gap]), np.array([error]), np.array([bet]))[0]))
            for won in (True, False)
        )
        assert p * win + (1 - p) * lose <= 1 + 1e-9


def test_bets_on_a_side_are_fair_whatever_comes():
    ends = [bets._sides(np.array(won), np.array([0, 6]))[-1] for won in product([True, False], repeat=6)]
    assert np.mean(np.exp(ends)) == pytest.approx(1.0)


def test_bets_on_a_favourite_are_fair_at_known_chances():
    ballots = Ballots(
        ("a", "b", "c"),
        crowd(np.random.default_rng(0), voters=1, each=1).voters,
        np.zeros(5, dtype=np.int32),
        np.array([0, 1, 2, 0, 1], dtype=np.int32),
        np.array([1, 2, 0, 2, 0], dtype=np.int32),
        np.zeros(5, dtype=np.int8),
    )
    gaps = np.log(np.array([1.5, 0.4, 2.0, 1.0, 0.7]))
    p = 1 / (1 + np.exp(-gaps))
    mean = 0.0
    for winners in product([0, 1], repeat=5):
        votes = replace(ballots, winner=np.array(winners, dtype=np.int8))
        states, _ = bets._favours(votes, gaps, np.zeros(5), np.array([0, 5]))
        mean += np.prod(np.where(votes.winner == 0, p, 1 - p)) * np.exp(states[-1])
    assert mean == pytest.approx(1.0)


@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"each": 20},
        {"models": 30, "each": 60},
        {"spread": 2.0},
        {"noise": 1.5},
        {"voters": 12, "each": 60},
    ],
    ids=lambda kind: str(kind),
)
def test_honest_voters_are_flagged_no_more_often_than_said(kind):
    rng = np.random.default_rng(4)
    reached = np.concatenate([evidence(crowd(rng, **kind)).all for _ in range(12)])
    coin = np.concatenate([evidence(crowd(rng, **kind)).coin for _ in range(12)])
    for alpha in (0.05, 0.01):
        allowed = alpha + 2.5 * np.sqrt(alpha * (1 - alpha) / len(reached))
        assert np.mean(reached >= -np.log(alpha)) <= allowed
        assert np.mean(coin >= -np.log(alpha)) <= allowed


@pytest.mark.parametrize("kind, each", [("contrary", 60), ("side", 60), ("random", 200), ("favourite", 200)])
def test_voters_who_do_not_judge_are_flagged(kind, each):
    rng = np.random.default_rng(6)
    bad = dict.fromkeys(range(5), kind)
    reached = np.concatenate([evidence(crowd(rng, each=each, bad=bad)).all[:5] for _ in range(4)])
    assert np.mean(reached >= np.log(100)) >= 0.9


def test_what_explains_the_evidence_is_what_the_voter_did():
    bad = {0: "side", 1: "favourite", 2: "contrary"}
    found = evidence(crowd(np.random.default_rng(8), each=300, bad=bad))
    assert found.side[0] > max(found.coin[0], found.favour[0])
    assert found.chose_a[0] > 0.8 * found.decided[0]
    assert found.favoured[1] == found.met[1] and found.expected[1] < 0.7 * found.met[1]
    assert found.favour[1] > found.side[1]
    assert found.agreed[2] < 0.6 * found.agreeing[2]


def test_evidence_is_the_same_with_the_sides_of_every_battle_exchanged():
    ballots = crowd(np.random.default_rng(9), voters=30)
    turned = replace(
        ballots,
        model_a=ballots.model_b,
        model_b=ballots.model_a,
        winner=np.array([1, 0, 2, 3], dtype=np.int8)[ballots.winner],
    )
    one, other = evidence(ballots), evidence(turned)
    for name in ("all", "coin", "side", "favour"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-6)
    assert (one.chose_a + other.chose_a == one.decided).all()


def test_ties_are_no_evidence_of_anything():
    ballots = crowd(np.random.default_rng(10), voters=4, each=50)
    tied = replace(ballots, winner=np.where(ballots.voter == 1, 3, ballots.winner).astype(np.int8))
    found = evidence(tied)
    assert found.decided[1] == 0 and found.all[1] == 0.0
    nothing = evidence(replace(ballots, winner=np.full(len(ballots), 2, dtype=np.int8)))
    assert not nothing.all.any()


def test_one_voter_alone_has_nobody_to_be_held_against_but_the_sides():
    found = evidence(crowd(np.random.default_rng(11), voters=1, each=200))
    assert found.coin[0] < 1 and found.favour[0] < 5
