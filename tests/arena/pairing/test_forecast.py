import numpy as np
import pytest

from arena.errors import InvalidInput
from arena.pairing.forecast import forecast
from arena.pairing.policies import POLICIES, weights
from arena.pairing.standing import mean_half_width, standing
from tests.arena.pairing.arenas import names, voted


def arena(seed=0, size=12, spread=1.5, each=30):
    rng = np.random.default_rng(seed)
    strengths = rng.normal(0, spread, size)
    return strengths, voted(strengths, np.full((size, size), each), rng, ties=0.2), rng


@pytest.mark.parametrize("policy", POLICIES)
def test_a_course_comes_true_where_votes_are_cast_by_it(policy):
    strengths, counts, rng = arena()
    course = forecast(policy, standing(counts), 25.0)
    taken = 0
    while mean_half_width(now := standing(counts, names(12))) > 25.0:
        share = np.triu(weights(policy, now, np.arange(12)), 1)
        met = rng.multinomial(200, share.ravel()).reshape(12, 12)
        counts += voted(strengths, met, rng, ties=0.2)
        taken += 200
    assert course.needed == pytest.approx(taken, rel=0.1)


def test_active_pairing_needs_fewer_votes_than_uniform_where_skills_are_spread():
    now = standing(arena(spread=3.0, each=8)[1])
    assert forecast("active", now, 20.0).needed < 0.8 * forecast("uniform", now, 20.0).needed


def test_courses_only_go_down_and_end_at_the_target():
    course = forecast("active", standing(arena()[1]), 20.0)
    assert list(course.half_widths) == sorted(course.half_widths, reverse=True)
    assert course.half_widths[-1] <= 20.0 < course.half_widths[-2]
    assert course.votes[-2] <= course.needed <= course.votes[-1]


def test_what_is_reached_needs_no_votes():
    assert forecast("active", standing(arena()[1]), 500.0).needed == 0


def test_wider_intervals_of_the_board_need_votes_by_their_square():
    now = standing(arena()[1])
    base, wide = forecast("uniform", now, 5.0), forecast("uniform", now, 5.0, scale=2.0)
    total = now.total
    assert (wide.needed + total) / (base.needed + total) == pytest.approx(4.0, rel=0.02)


def test_a_target_out_of_reach_is_said_to_be():
    assert forecast("uniform", standing([], names(3)), 0.01).needed is None


@pytest.mark.parametrize("target", [0.0, -1.0, float("nan")])
def test_a_target_that_is_no_width_is_refused(target):
    with pytest.raises(InvalidInput, match="above 0"):
        forecast("active", standing([], names(3)), target)
