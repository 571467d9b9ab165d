import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena import comparison
from arena.comparison import WinRate
from arena.errors import InvalidInput, NotFound
from arena.types import PairCount

COUNTS = [
    PairCount("tuned", "parent", 6, 2, 1, 1),
    PairCount("parent", "tuned", 1, 3, 0, 2),
    PairCount("tuned", "other", 50, 0, 0, 0),
]


def wilson(wins: int, votes: int) -> tuple[float, float]:
    """E. Wilson (1927), as in every textbook."""
    z, p = 1.959963984540054, wins / votes
    middle = (p + z * z / (2 * votes)) / (1 + z * z / votes)
    half = z / (1 + z * z / votes) * np.sqrt(p * (1 - p) / votes + z * z / (4 * votes * votes))
    return middle - half, middle + half


def test_both_orders_of_sides_count_and_other_models_do_not():
    rate = comparison.win_rate(COUNTS, "tuned", "parent")
    assert (rate.wins, rate.losses, rate.ties, rate.battles) == (9, 3, 4, 16)
    assert rate.win_rate == (9 + 2) / 16
    assert 0.47 < rate.lower < rate.win_rate < rate.upper < 1.0


def test_the_other_way_round_is_the_mirror_image():
    one, other = (
        comparison.win_rate(COUNTS, "tuned", "parent"),
        comparison.win_rate(COUNTS, "parent", "tuned"),
    )
    assert other.win_rate == pytest.approx(1.0 - one.win_rate)
    assert (other.lower, other.upper) == pytest.approx((1.0 - one.upper, 1.0 - one.lower))


def test_models_that_never_met_have_no_win_rate():
    with pytest.raises(NotFound, match="No vote stands between 'parent' and 'other'"):
        comparison.win_rate(COUNTS, "parent", "other")


@given(st.integers(0, 300), st.integers(0, 300))
def test_without_ties_it_is_wilsons_interval(wins: int, losses: int):
    if wins + losses:
        assert comparison.interval(wins, losses, 0) == pytest.approx(wilson(wins, wins + losses), abs=1e-9)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_it_holds_the_rate_mirrors_and_always_has_a_width(wins: int, losses: int, ties: int):
    votes = wins + losses + ties
    if not votes:
        return
    lower, upper = comparison.interval(wins, losses, ties)
    assert 0.0 <= lower <= (wins + ties / 2) / votes <= upper <= 1.0
    assert upper - lower > 0.5 / votes
    assert comparison.interval(losses, wins, ties) == pytest.approx((1.0 - upper, 1.0 - lower), abs=1e-9)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_its_ends_are_where_the_score_test_begins_to_reject(wins: int, losses: int, ties: int):
    """The variance under a difference comes from a search of the likelihood, not from the closed form."""
    votes = wins + losses + ties
    if not votes or not wins + losses:
        return
    for end in comparison.interval(wins, losses, ties):
        if not 0.01 < end < 0.99:
            continue
        difference = 2.0 * end - 1.0
        loss = np.linspace(max(0.0, -difference), (1.0 - difference) / 2.0, 200_001)[1:-1]
        loss = loss[loss + difference > 0.0]
        value = wins * np.log(loss + difference) + losses * np.log(loss)
        value += ties * np.log(1.0 - 2.0 * loss - difference)
        best = loss[np.argmax(value)]
        variance = (2.0 * best + difference - difference**2) * votes
        score = (wins - losses - votes * difference) / np.sqrt(variance)
        assert abs(score) == pytest.approx(1.959964, rel=1e-2)


def test_only_ties_are_even_but_not_certain():
    lower, upper = comparison.interval(0, 0, 10)
    # n d / (1 - d) = z^2 at d = 0.27754: 0.5 -+ 0.13877.
    assert (lower, upper) == pytest.approx((0.36123, 0.63877), abs=1e-5)


def test_ties_narrow_the_interval():
    widths = []
    for wins, losses, ties in ((50, 50, 0), (25, 25, 50), (5, 5, 90)):
        lower, upper = comparison.interval(wins, losses, ties)
        widths.append(upper - lower)
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(
    ("win", "loss", "votes"),
    [(0.5, 0.5, 40), (0.4, 0.2, 60), (0.1, 0.05, 200), (0.75, 0.15, 30), (0.3, 0.3, 15)],
)
def test_it_covers_the_true_rate_about_95_percent_of_the_time(win: float, loss: float, votes: int):
    rng = np.random.default_rng(5)
    truth = win + (1.0 - win - loss) / 2.0
    inside = 0
    for wins, losses, ties in rng.multinomial(votes, [win, loss, 1.0 - win - loss], 2000).tolist():
        lower, upper = comparison.interval(wins, losses, ties)
        inside += lower <= truth <= upper
    assert 0.93 <= inside / 2000 <= 0.975


@pytest.mark.parametrize("counts", [(0, 0, 0), (-1, 2, 3)])
def test_an_interval_of_nothing_is_refused(counts: tuple[int, int, int]):
    with pytest.raises(InvalidInput, match="A win rate needs votes"):
        comparison.interval(*counts)


def rate(lower: float) -> WinRate:
    return WinRate("tuned", "parent", 0.7, lower, 0.8, 100, 65, 25, 10)


def test_promotion_asks_for_the_lower_end_above_the_margin():
    assert comparison.promotes(rate(0.501))
    assert not comparison.promotes(rate(0.5))
    assert comparison.promotes(rate(0.56), 0.05)
    assert not comparison.promotes(rate(0.54), 0.05)


@pytest.mark.parametrize("margin", [-0.1, 0.5, float("nan")])
def test_a_margin_that_makes_no_sense_is_refused(margin: float):
    with pytest.raises(InvalidInput, match="The margin is"):
        comparison.promotes(rate(0.6), margin)


def test_a_decision_says_what_it_rests_on():
    yes, no = comparison.decide(rate(0.6), 0.02), comparison.decide(rate(0.51), 0.02)
    assert yes.promoted and not no.promoted
    assert yes.reason == (
        "tuned wins 70.0% of 100 battles against parent; the lower end of the 95 % interval, 60.0%, lies above 52.0%."
    )
    assert "51.0%, does not lie above 52.0%" in no.reason
