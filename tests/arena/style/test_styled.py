import numpy as np
import pytest

from arena.errors import InvalidInput
from arena.ratings.options import RatingOptions
from arena.ratings.rate import rate
from arena.style import control
from arena.style.rows import StyleRows
from tests.arena.style.simulated import keyed, styled


class Votes:
    """Rows that are there already, as the votes of ratings."""

    def __init__(self, rows: StyleRows) -> None:
        self.rows = rows

    def styled(self, by=()):
        return self.rows

    def earned(self):
        return {"human:v1": 2.0}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(11)
    return keyed(styled((0.4, 0.0, -0.4), 1.0, 600, rng), rng.integers(0, 30, 600))


def test_the_board_at_equal_style_is_the_joint_fit(rows):
    assert (
        rate(Votes(rows), RatingOptions(style=True)).ratings.tolist() == control.rate(rows).ratings.tolist()
    )
    clustered = rate(Votes(rows), RatingOptions(style=True, cluster="voter"))
    assert clustered.upper.tolist() == control.rate(rows, cluster="voter").upper.tolist()


def test_an_anchor_stands_where_it_is_told_to(rows):
    rated = rate(Votes(rows), RatingOptions(style=True, anchor="m1", anchor_rating=1200.0))
    assert rated.ratings[1] == rated.lower[1] == rated.upper[1] == 1200.0
    assert rated.ratings[0] - rated.ratings[2] == pytest.approx(np.ptp(control.rate(rows).ratings))


def test_a_voter_without_weight_does_not_count(rows):
    options = RatingOptions(style=True, voter_weights={"v3": 0.0, "nobody": 2.0})
    rated = rate(Votes(rows), options)
    without = control.rate(rows.only(rows.keys["voter"].code != rows.keys["voter"].names.index("human:v3")))
    assert rated.ratings == pytest.approx(without.ratings)
    assert rated.remarks == ("No vote of 'nobody' is among these, so its weight changes nothing.",)


def test_what_voters_have_earned_weighs_their_votes(rows):
    rated = rate(Votes(rows), RatingOptions(style=True, weighting="reliability"))
    weights = np.where(rows.keys["voter"].code == rows.keys["voter"].names.index("human:v1"), 2.0, 1.0)
    assert rated.ratings == pytest.approx(control.rate(rows, weights=weights).ratings)


@pytest.mark.parametrize(
    "others", [{"method": "elo"}, {"method": "davidson"}, {"prior": 1.0}, {"intervals": "bootstrap"}]
)
def test_what_does_not_go_with_style_control_is_refused_in_a_sentence(rows, others):
    with pytest.raises(InvalidInput, match="at equal style"):
        rate(Votes(rows), RatingOptions(style=True, **others))
