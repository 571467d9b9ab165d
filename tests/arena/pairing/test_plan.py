import numpy as np
import pytest

from arena.errors import InvalidInput
from arena.pairing.needed import about
from arena.pairing.plan import plan
from arena.ratings import bradley_terry
from arena.types import PairCount
from tests.arena.pairing.arenas import names, voted


def planned(each=60, target=15.0, more=(), policy="active"):
    rng = np.random.default_rng(1)
    counts = voted(rng.normal(0, 0.7, 6), np.full((6, 6), each), rng, ties=0.2)
    board = bradley_terry.fit(counts)
    return plan(board, counts, {*names(6), *more}, policy=policy, target=target, beside=("uniform",)), board


def test_a_plan_says_what_the_board_says():
    found, board = planned()
    half = (board.upper - board.lower) / 2
    assert found.half_width == pytest.approx(half.mean())
    assert not found.reached and found.votes == board.votes == 900
    widest = max(zip(half, board.names, strict=True))
    assert (found.models[0].half_width, found.models[0].name) == (pytest.approx(widest[0]), widest[1])
    assert sum(model.share for model in found.models) == pytest.approx(2.0)


def test_the_course_begins_where_the_board_is_and_the_policy_of_the_home_comes_first():
    found, _ = planned(policy="few")
    assert [course.policy for course in found.courses] == ["few", "uniform"]
    assert found.course.half_widths[0] == pytest.approx(found.half_width, rel=1e-6)
    assert found.course.needed > 0
    assert f"About {about(found.course.needed)} more votes reach ±15 with few pairing" in " ".join(
        found.words
    )


def test_a_board_that_is_sure_enough_needs_no_more():
    found, _ = planned(target=100.0)
    assert found.reached and found.course.needed == 0
    assert "sure enough for ±100" in found.words[0] and "not sure" not in found.words[0]


def test_a_model_without_votes_comes_first_and_leaves_the_mean_unknown():
    found, _ = planned(more=["new"])
    assert found.half_width is None and not found.reached
    assert found.models[0].name == "new" and found.models[0].half_width is None
    assert "new" in {found.pairs[0].model_a, found.pairs[0].model_b}
    assert "do not bound the rating of new" in found.words[0]


def test_an_open_interval_takes_a_vote_at_least_however_wide_the_target():
    counts = [PairCount("a", "b", 3, 0, 0, 0)]
    found = plan(bradley_terry.fit(counts), counts, {"a", "b"}, policy="active", target=5000.0)
    assert found.half_width is None and not found.reached and found.course.needed == 2


def test_models_that_are_gone_take_no_part():
    rng = np.random.default_rng(1)
    counts = voted([0.0] * 4, np.full((4, 4), 50), rng)
    found = plan(bradley_terry.fit(counts), counts, names(3), policy="active", target=15.0)
    assert {model.name for model in found.models} == set(names(3))
    assert all({pair.model_a, pair.model_b} <= set(names(3)) for pair in found.pairs)


def test_pairs_are_listed_from_the_likeliest_on_with_their_votes():
    found, _ = planned()
    chances = [pair.chance for pair in found.pairs]
    assert chances == sorted(chances, reverse=True) and sum(chances) <= 1.0
    assert all(pair.votes == 60 for pair in found.pairs)


@pytest.mark.parametrize(("votes", "said"), [(0, "0"), (87, "87"), (999, "999"), (28136, "28,100")])
def test_numbers_of_votes_are_told_to_three_places(votes, said):
    assert about(votes) == said


def test_nothing_can_be_planned_for_fewer_than_two_models():
    counts = [PairCount("a", "b", 1, 1, 0, 0)]
    with pytest.raises(InvalidInput, match="add models first"):
        plan(bradley_terry.fit(counts), counts, {"a"}, policy="active", target=15.0)
    with pytest.raises(InvalidInput, match="above 0"):
        plan(bradley_terry.fit(counts), counts, {"a", "b"}, policy="active", target=0.0)
