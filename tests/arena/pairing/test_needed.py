from math import sqrt

import numpy as np
import pytest

from arena.errors import InvalidInput, NotFound
from arena.pairing.needed import chance_of_telling, votes_needed
from arena.ratings import bradley_terry
from arena.ratings.intervals import Z95
from arena.ratings.rated import POINTS
from arena.ratings.tally import Tally, tally
from arena.types import PairCount
from tests.arena.pairing.arenas import expected, names

STRENGTHS = np.array([0.0, 0.15, 0.6, -0.4, 1.2])


def table(number: int, ties: float) -> Tally:
    """Votes of which the fit is `STRENGTHS` exactly, `ties` of them ties between equals."""
    p = 1.0 / (1.0 + np.exp(STRENGTHS[None, :] - STRENGTHS[:, None]))
    tied = ties * 4.0 * p * p.T * (1.0 - np.eye(5))
    return Tally(names(5), number * (p - tied / 2.0) * (1.0 - np.eye(5)), number * tied)


def told(before: Tally, votes: np.ndarray, ties: float, times: int, rng: np.random.Generator) -> float:
    """Return how often the first two models are told apart once `votes[i, j]` further ones are drawn."""
    above, separated = np.triu_indices(5, 1), 0
    p = 1.0 / (1.0 + np.exp(STRENGTHS[None, :] - STRENGTHS[:, None]))[above]
    tied = ties * 4.0 * p * (1.0 - p)
    for _ in range(times):
        drawn = rng.multinomial(
            votes[above].astype(int), np.stack([p - tied / 2, 1 - p - tied / 2, tied], -1)
        )
        wins, ties_now = before.wins.copy(), before.ties.copy()
        wins[above] += drawn[:, 0]
        wins.T[above] += drawn[:, 1]
        ties_now[above] += drawn[:, 2]
        ties_now.T[above] += drawn[:, 2]
        rated = bradley_terry.fit_table(Tally(before.names, wins, ties_now))
        v = rated.covariance
        gap = rated.ratings[0] - rated.ratings[1]
        separated += abs(gap) > Z95 * sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1])
    return separated / times


@pytest.mark.parametrize(("ties", "power"), [(0.0, 0.8), (0.4, 0.8), (0.2, 0.95)])
def test_so_many_votes_tell_two_models_apart_as_often_as_promised(ties, power):
    before, rng = table(60, ties), np.random.default_rng(0)
    found = votes_needed(bradley_terry.fit_table(before), before, "m000", "m001", power=power)
    assert found.difference == pytest.approx(-0.15 * POINTS, abs=0.01)
    direct = np.zeros((5, 5))
    direct[0, 1] = found.direct
    assert told(before, direct, ties, 500, rng) == pytest.approx(power, abs=0.05)
    spread = np.triu(np.full((5, 5), found.spread / 10), 1)
    assert told(before, spread, ties, 500, rng) == pytest.approx(power, abs=0.05)
    assert found.direct < found.spread


def test_without_any_votes_a_difference_that_is_given_is_told_as_often_as_promised():
    none = Tally((), np.zeros((0, 0)), np.zeros((0, 0)))
    found = votes_needed(bradley_terry.fit([]), none, "new", "newer", power=0.9, difference=40.0)
    assert found.difference is None and found.spread is None and not found.separated
    p, rng = 1.0 / (1.0 + np.exp(-40.0 / POINTS)), np.random.default_rng(0)
    won = rng.binomial(found.direct, p, 20_000)
    gap, error = np.log(won / (found.direct - won)), np.sqrt(1 / won + 1 / (found.direct - won))
    assert (np.abs(gap) > Z95 * error).mean() == pytest.approx(0.9, abs=0.02)
    assert "40 points apart" in found.words


def test_models_that_never_met_are_told_apart_through_others_they_both_met():
    counts = [PairCount("a", "b", 60, 50, 0, 0), PairCount("b", "c", 60, 55, 0, 0)]
    found = votes_needed(bradley_terry.fit(counts), tally(counts), "a", "c")
    assert found.meetings == 0 and found.direct and found.spread
    assert found.lower < 0 < found.upper


def test_models_that_the_votes_tell_apart_need_no_more():
    counts = [PairCount("a", "b", 300, 100, 0, 0)]
    found = votes_needed(bradley_terry.fit(counts), tally(counts), "b", "a")
    assert found.separated and found.direct == 0 and found.spread == 0
    assert found.words == "The votes tell them apart already: a is ahead of b."


def test_models_that_look_equal_are_never_told_apart_and_it_says_so():
    counts = [PairCount("a", "b", 50, 50, 0, 0)]
    found = votes_needed(bradley_terry.fit(counts), tally(counts), "a", "b")
    assert found.direct is None and "exactly equal" in found.words
    assert votes_needed(bradley_terry.fit(counts), tally(counts), "a", "b", difference=20.0).direct > 1000


def test_the_smaller_the_difference_and_the_higher_the_power_the_more_votes():
    counts = expected([0.0, 0.1, 0.5], np.full((3, 3), 40))
    rated, votes = bradley_terry.fit(counts), tally(counts)

    def direct(difference: float, power: float) -> int:
        return votes_needed(rated, votes, "m000", "m001", power=power, difference=-difference).direct

    assert direct(60, 0.8) < direct(40, 0.8) < direct(20, 0.8) < direct(20, 0.9) < direct(20, 0.99)


@pytest.mark.parametrize("difference", [3000.0, 1e6])
def test_a_difference_beyond_all_measure_is_reckoned_too(difference):
    none = Tally((), np.zeros((0, 0)), np.zeros((0, 0)))
    assert votes_needed(bradley_terry.fit([]), none, "a", "b", difference=difference).direct > 0


def test_ties_save_votes_as_they_vary_less():
    none = Tally((), np.zeros((0, 0)), np.zeros((0, 0)))
    tied = [PairCount("x", "y", 100, 100, 200, 0)]
    plain = votes_needed(bradley_terry.fit([]), none, "a", "b", difference=30.0)
    with_ties = votes_needed(bradley_terry.fit(tied), tally(tied), "a", "b", difference=30.0)
    assert with_ties.direct == pytest.approx(plain.direct / 2, rel=0.05)


def test_chances_are_those_of_drawing_estimates():
    rng, now, variance, then, truth = np.random.default_rng(1), 20.0, 900.0, 150.0, 25.0
    kept = then / variance
    fresh = rng.normal(truth, sqrt(1.0 / (1.0 / then - 1.0 / variance)), 200_000)
    estimate = kept * now + (1.0 - kept) * fresh
    seen = (np.abs(estimate) > Z95 * sqrt(then)).mean()
    assert chance_of_telling(now, variance, then, truth) == pytest.approx(seen, abs=0.005)


@pytest.mark.parametrize(
    ("first", "second", "options", "error", "words"),
    [
        ("a", "a", {}, InvalidInput, "from itself"),
        ("a", "b", {"power": 1.0}, InvalidInput, "The power is 1.0"),
        ("a", "b", {"difference": 0.0}, InvalidInput, "is 0 or not a number"),
        ("a", "stranger", {}, NotFound, "'stranger' has no votes"),
        ("a", "x", {}, InvalidInput, "No votes join 'a' and 'x'"),
    ],
)
def test_what_cannot_be_reckoned_is_refused_with_what_to_do(first, second, options, error, words):
    counts = [PairCount("a", "b", 5, 5, 0, 0), PairCount("x", "y", 5, 4, 0, 0)]
    with pytest.raises(error, match=words):
        votes_needed(bradley_terry.fit(counts), tally(counts), first, second, **options)
