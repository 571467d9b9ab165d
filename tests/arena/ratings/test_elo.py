import evalica
import numpy as np
import pytest
from hypothesis import given

from arena.errors import InvalidInput
from arena.ratings import columns, elo
from arena.types import VoteColumns, Winner
from tests.arena.ratings.arenas import Votes, llmfao, simulated, votes

IN_EVALICA = {
    Winner.MODEL_A: evalica.Winner.X,
    Winner.MODEL_B: evalica.Winner.Y,
    Winner.TIE: evalica.Winner.Draw,
    Winner.BOTH_BAD: evalica.Winner.Draw,
}


def by_evalica(table: VoteColumns, k: float) -> np.ndarray:
    names = np.array(table.names)
    winners = [IN_EVALICA[list(Winner)[w]] for w in table.winner.tolist()]
    scores = evalica.elo(names[table.model_a].tolist(), names[table.model_b].tolist(), winners, k=k).scores
    return np.array([scores[name] for name in table.names])


def named(table: VoteColumns) -> dict[str, float]:
    return dict(zip(table.names, elo.rate(table).tolist(), strict=True))


def test_two_votes_by_hand():
    # 1000 each: expected 0.5, so the winner gains 4 * 0.5 = 2. Then 1002 ties with a new model at 1000: expected
    # 1 / (1 + 10^(-2/400)) = 0.502878, so it loses 4 * 0.002878 = 0.011513.
    ratings = named(columns.from_votes([("a", "b", Winner.MODEL_A), ("a", "c", Winner.TIE)]))
    assert ratings["b"] == 998.0
    assert ratings["a"] == pytest.approx(1001.988487, abs=1e-6)
    assert ratings["c"] == pytest.approx(1000.011513, abs=1e-6)


def test_llmfao_agrees_with_evalica():
    table = llmfao()
    assert len(table.winner) == 8931 and len(table.names) == 59
    np.testing.assert_allclose(elo.rate(table), by_evalica(table, 4.0), rtol=1e-6)


@given(votes())
def test_any_votes_agree_with_evalica(rows: Votes):
    table = columns.from_votes(rows)
    np.testing.assert_allclose(elo.rate(table, k=32.0), by_evalica(table, 32.0), rtol=1e-9)


@given(votes())
def test_swapping_the_sides_of_every_vote_changes_nothing(rows: Votes):
    other = [(b, a, winner.swapped()) for a, b, winner in rows]
    assert named(columns.from_votes(other)) == pytest.approx(named(columns.from_votes(rows)), abs=1e-9)


@given(votes())
def test_points_are_only_passed_on(rows: Votes):
    ratings = elo.rate(columns.from_votes(rows))
    assert ratings.mean() == pytest.approx(1000.0, abs=1e-9)


@given(votes())
def test_the_names_and_their_order_do_not_matter(rows: Votes):
    names = sorted({name for a, b, _ in rows for name in (a, b)}, reverse=True)
    assert named(columns.from_votes(rows, names)) == named(columns.from_votes(rows))


def test_start_and_k_are_what_they_say():
    rows = [("a", "b", Winner.MODEL_A)]
    assert elo.rate(columns.from_votes(rows), start=0.0, k=32.0).tolist() == [16.0, -16.0]


def test_models_without_votes_stay_at_the_start():
    assert elo.rate(columns.from_votes([], names=["a", "b"])).tolist() == [1000.0, 1000.0]


def test_an_unknown_outcome_is_refused():
    bad = VoteColumns(("a", "b"), np.array([0], np.int32), np.array([1], np.int32), np.array([7], np.int8))
    with pytest.raises(InvalidInput, match="winner holds the code 7"):
        elo.rate(bad)


def test_intervals_hold_the_rating_and_come_with_it():
    table = simulated([0.0, 0.5, 1.0], 500, np.random.default_rng(1))
    result = elo.intervals(table, np.random.default_rng(2))
    np.testing.assert_allclose(result.ratings, elo.rate(table), rtol=1e-12)
    assert (result.lower < result.ratings).all() and (result.ratings < result.upper).all()
    assert (result.resampled, result.votes, result.rounds, result.level) == (500, 500, 200, 0.95)


def test_the_same_generator_gives_the_same_intervals():
    table = simulated([0.0, 1.0], 100, np.random.default_rng(1))
    one, two = (elo.intervals(table, np.random.default_rng(3)) for _ in range(2))
    assert one.lower.tolist() == two.lower.tolist() and one.upper.tolist() == two.upper.tolist()


def test_the_bootstrap_equals_one_round_after_another():
    """Each round, walked alone through the votes with its own weights, ends where all rounds together end."""
    table = simulated([0.0, 0.5, 1.0], 300, np.random.default_rng(4))
    rounds = 7
    result = elo.intervals(table, np.random.default_rng(5), rounds=rounds, level=0.5, k=16.0)
    weights = elo.draw(np.random.default_rng(5), 300, rounds).astype(float)
    ends = np.full((3, rounds), 1000.0)
    for r in range(rounds):
        for a, b, score, weight in zip(
            table.model_a, table.model_b, columns.scores_of_a(table), weights[:, r], strict=True
        ):
            expected = 1.0 / (1.0 + 10.0 ** ((ends[b, r] - ends[a, r]) / 400.0))
            ends[a, r] += 16.0 * weight * (score - expected)
            ends[b, r] -= 16.0 * weight * (score - expected)
    ratings = elo.rate(table, k=16.0)
    np.testing.assert_allclose(result.lower, np.minimum(np.quantile(ends, 0.25, axis=1), ratings), rtol=1e-9)
    np.testing.assert_allclose(result.upper, np.maximum(np.quantile(ends, 0.75, axis=1), ratings), rtol=1e-9)


def test_a_long_history_is_resampled_at_its_end_and_says_so():
    table = simulated([0.0, 0.5, 1.0], 3000, np.random.default_rng(6))
    whole = elo.intervals(table, np.random.default_rng(7))
    end = elo.intervals(table, np.random.default_rng(7), limit=1500)
    assert (end.resampled, end.votes) == (1500, 3000)
    np.testing.assert_allclose(end.ratings, whole.ratings, rtol=1e-12)
    np.testing.assert_allclose(end.upper - end.lower, whole.upper - whole.lower, rtol=0.25)


def test_a_model_that_is_not_resampled_has_no_interval():
    early, late = [("a", "b", Winner.MODEL_A)], [("a", "c", Winner.TIE)] * 5
    result = elo.intervals(columns.from_votes(early + late), np.random.default_rng(0), limit=5)
    assert np.isnan(result.lower).tolist() == [False, True, False]
    assert np.isnan(result.upper).tolist() == [False, True, False]
    assert result.ratings[1] == 998.0


@pytest.mark.slow
def test_intervals_cover_what_other_votes_would_have_given():
    """Elo of fresh votes from the same arena falls into the interval of one history about 95 % of the time.

    Both the rating and the fresh one vary, so the fresh ones fall in about 83 % of the time: the chance that two
    equal normal draws lie within 1.96 standard deviations is 2 Phi(1.96 / sqrt 2) - 1 = 0.834.
    """
    strengths = [-0.5, 0.0, 0.2, 0.6]
    inside = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        one, other = simulated(strengths, 4000, rng), simulated(strengths, 4000, rng)
        result = elo.intervals(one, rng)
        fresh = elo.rate(other)
        inside.append((result.lower <= fresh) & (fresh <= result.upper))
    share = np.mean(inside)
    assert 0.79 < share < 0.87, share
