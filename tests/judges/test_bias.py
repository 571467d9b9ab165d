import numpy as np
import pytest

from judges import bias
from tests.judges.judged import drawn, swapped, written


def test_position_by_hand_in_both_orders():
    # First shown wins: 1 and 1, 1 and 0, 0 and 0, a half and 1 of the two orders: 4.5 of 8.
    battles = written("tatt", ["", "", "", ""], forward="aabt", backward="baab")
    found = bias.position(battles)
    assert found.judge.value == pytest.approx(4.5 / 8)
    assert (found.expected.value, found.expected.lower, found.expected.upper) == (0.5, 0.5, 0.5)
    assert found.difference.value == pytest.approx(4.5 / 8 - 0.5)
    assert found.pull.value == pytest.approx(2 * 4.5 / 8 - 1)
    assert found.battles == 4


def test_a_judge_that_always_takes_the_first_has_a_pull_of_one():
    battles = written("t" * 40, [""] * 40, forward="a" * 40, backward="b" * 40)
    found = bias.position(battles)
    assert (found.judge.value, found.pull.value) == (1.0, 1.0)
    assert 0.8 < found.pull.lower < 1.0 == found.pull.upper


def test_a_consistent_judge_surely_has_no_position_bias():
    found = bias.position(written("ab" * 200, [""] * 400, forward="ab" * 200, backward="ab" * 200))
    assert found.pull.value == 0.0
    assert -0.01 < found.pull.lower < 0.0 < found.pull.upper < 0.01


def test_position_bias_is_recovered_within_its_interval():
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(200):
        base = rng.choice(3, 150, p=[0.4, 0.35, 0.25])
        forward = np.where(rng.random(150) < 0.3, 0, base)
        backward = np.where(rng.random(150) < 0.3, 1, base)
        letters = ["".join("abt"[code] for code in codes) for codes in (forward, backward)]
        found = bias.position(written("t" * 150, [""] * 150, forward=letters[0], backward=letters[1]))
        hits += found.pull.lower <= 0.3 <= found.pull.upper
    # 95 % of 200 is 190 with a standard deviation of 3.1.
    assert 180 <= hits <= 199


def test_a_judge_asked_in_one_order_is_compared_with_people_on_the_first_side():
    found = bias.position(written("aaab", ["a", "b", "b", "b"]))
    assert (found.judge.value, found.expected.value) == (0.75, 0.25)
    assert "Not asked in both orders" in found.note and not found.cancels


def test_length_by_hand():
    # The longer side wins for the judge on 1, 1, half; for people on 1, 0, two thirds. Equal lengths say nothing.
    lengths = [(9, 5), (5, 9), (9, 5), (7, 7)]
    found = bias.length(written("abta", ["aa", "aa", "aab", "a"], lengths=lengths))
    assert found.battles == 3
    assert found.judge.value == pytest.approx(2.5 / 3)
    assert found.expected.value == pytest.approx((1 + 0 + 2 / 3) / 3)
    assert found.difference.value == pytest.approx(2.5 / 3 - 5 / 9)


def test_where_the_two_orders_differ_the_judge_leans_by_their_mean():
    battles = written("t", ["a"], forward="a", backward="t", lengths=[(9, 5)])
    assert bias.leaning(battles).tolist() == [0.5]
    assert bias.length(battles).judge.value == 0.75


def test_without_texts_length_bias_is_unknown_not_zero():
    found = bias.length(written("ab", ["a", "b"]))
    assert found.pull.value is None and found.judge.value is None
    assert "texts" in found.note


def test_family_counts_only_battles_of_its_own_against_others():
    models = [("own", "x"), ("y", "own"), ("own", "own2"), ("x", "y")]
    found = bias.family(written("abab", ["a", "a", "b", "b"], models=models), frozenset({"own", "own2"}))
    assert found.battles == 2
    assert (found.judge.value, found.expected.value) == (1.0, 0.5)


def test_without_a_persons_vote_there_is_nothing_to_compare_with():
    found = bias.length(written("a", [""], lengths=[(9, 5)]))
    assert found.battles == 0 and found.pull.value is None
    assert "person" in found.note


def test_exchanging_the_sides_changes_no_bias():
    battles = drawn(np.random.default_rng(2), 200, 3, pull=0.3)
    for measure in (bias.length, lambda rows: bias.family(rows, frozenset({"ada"}))):
        one, other = measure(battles), measure(swapped(battles))
        assert one.pull.value == pytest.approx(other.pull.value)
        assert one.difference.lower == pytest.approx(other.difference.lower)


@pytest.mark.parametrize(
    "judge",
    [
        {"pull": 0.0},
        {"pull": 0.0, "noise": 0.4},
        {"pull": 0.0, "sharp": 2.5},
        {"pull": 0.3},
        {"pull": 0.3, "noise": 0.3},
        {"pull": 0.3, "sharp": 2.5},
    ],
)
def test_the_pull_put_in_lies_in_the_interval_however_noisy_or_sure_the_judge_is(judge):
    rng = np.random.default_rng(1)
    found = [bias.length(drawn(rng, 300, 3, **judge)).pull for _ in range(200)]
    hits = sum(figure.lower <= judge["pull"] <= figure.upper for figure in found)
    # 95 % of 200 is 190 with a standard deviation of 3.1.
    assert hits >= 180
    assert np.mean([figure.value for figure in found]) == pytest.approx(judge["pull"], abs=0.025)


def test_the_plain_difference_would_take_noise_for_bias():
    battles = drawn(np.random.default_rng(4), 5000, 3, noise=0.6, worth=0.4)
    found = bias.length(battles)
    assert found.difference.upper < -0.05
    assert found.pull.lower < 0.0 < found.pull.upper


@pytest.mark.parametrize("judge", [{"noise": 0.4}, {"pull": 0.3, "sharp": 2.0}])
def test_with_one_vote_a_battle_the_models_votes_elsewhere_tell_noise_from_bias(judge):
    rng = np.random.default_rng(6)
    strengths = (-0.5, -0.25, 0.0, 0.25, 0.5)
    worlds = [drawn(rng, 600, 1, strengths=strengths, worth=0.3, **judge) for _ in range(100)]
    found = [bias.length(world).pull for world in worlds]
    assert sum(figure.lower <= judge.get("pull", 0.0) <= figure.upper for figure in found) >= 88
    assert np.median([figure.upper - figure.lower for figure in found]) < 0.4


def test_where_nothing_tells_bias_from_noise_the_pull_is_unknown_and_it_says_so():
    found = bias.length(drawn(np.random.default_rng(6), 400, 1, noise=0.4))
    assert found.pull.value is None and found.pull.lower is None
    assert found.difference.value is not None
    assert "tell a bias from noise" in found.note


def test_the_family_put_in_is_recovered_too():
    found = bias.family(drawn(np.random.default_rng(8), 800, 3, pull=0.3), frozenset({"ada"}))
    assert found.pull.lower < 0.3 < found.pull.upper
