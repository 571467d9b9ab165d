import evalica
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.ratings import bradley_terry, columns
from arena.ratings.bradley_terry import fit
from arena.ratings.intervals import Z95
from arena.ratings.rated import POINTS, Rated
from arena.ratings.tally import tally
from arena.types import OUTCOMES, PairCount, VoteColumns
from tests.arena.ratings.arenas import Votes, connected_votes, llmfao, simulated, swapped, votes

IN_EVALICA = dict(
    zip(OUTCOMES, (evalica.Winner.X, evalica.Winner.Y, evalica.Winner.Draw, evalica.Winner.Draw), strict=True)
)


def counted(rows: Votes) -> list[PairCount]:
    return columns.pair_counts(columns.from_votes(rows))


def named(fitted: Rated) -> dict[str, tuple[float, float, float]]:
    ends = zip(fitted.ratings.tolist(), fitted.lower.tolist(), fitted.upper.tolist(), strict=True)
    return dict(zip(fitted.names, ends, strict=True))


def same(one: Rated, other: Rated, names: dict[str, str] | None = None) -> None:
    renamed = {(names or {}).get(name, name): values for name, values in named(one).items()}
    there = named(other)
    assert renamed.keys() == there.keys()
    for name, values in renamed.items():
        assert values == pytest.approx(there[name], rel=1e-6, abs=1e-6)


def by_minorise_maximise(rows: Votes, names: tuple[str, ...]) -> np.ndarray:
    """Ratings in Elo points by Zermelo's iteration, one model after another: slow, simple, and another method."""
    score = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5, "both_bad": 0.5}
    strength = dict.fromkeys(names, 1.0)
    for _ in range(20_000):
        before = dict(strength)
        for name in names:
            points = sum(score[w] if a == name else 1.0 - score[w] for a, b, w in rows if name in (a, b))
            shares = sum(1.0 / (strength[a] + strength[b]) for a, b, _ in rows if name in (a, b))
            strength[name] = points / shares
        mean = np.exp(np.mean(np.log(list(strength.values()))))
        strength = {name: value / mean for name, value in strength.items()}
        if max(abs(np.log(strength[name] / before[name])) for name in names) < 1e-12:
            break
    return 1000.0 + POINTS * np.log([strength[name] for name in names])


def by_evalica(table: VoteColumns, names: tuple[str, ...]) -> np.ndarray:
    """Evalica's strengths, brought to a geometric mean of 1."""
    known = np.array(table.names)
    winners = [IN_EVALICA[OUTCOMES[w]] for w in table.winner.tolist()]
    result = evalica.bradley_terry(
        known[table.model_a].tolist(), known[table.model_b].tolist(), winners, tolerance=1e-13, limit=100_000
    )
    strength = np.array([result.scores[name] for name in names])
    return strength / np.exp(np.log(strength).mean())


def test_three_wins_and_a_loss_by_hand():
    # p = 3/4, so the difference is ln 3 in log-odds, 400 log10(3) = 190.85 points, half to each side of 1000.
    # H = 4 * 3/4 * 1/4 = 3/4; squares = 3 * (1/4)^2 + 1 * (3/4)^2 = 3/4; variance of the difference
    # (3/4) / (3/4)^2 = 4/3, and a quarter of it for each rating: 1.96 * sqrt(1/3) * 173.72 = 196.58 points.
    fitted = fit([PairCount("good", "bad", 3, 1, 0, 0)])
    assert fitted.names == ("bad", "good")
    assert fitted.ratings.tolist() == pytest.approx([904.576, 1095.424], abs=1e-3)
    assert (fitted.upper - fitted.ratings).tolist() == pytest.approx([196.577, 196.577], abs=1e-3)
    assert (fitted.ratings - fitted.lower).tolist() == pytest.approx([196.577, 196.577], abs=1e-3)
    assert fitted.notes == ("", "") and not fitted.provisional.any() and fitted.votes == 4


def test_a_tie_narrows_the_interval_more_than_a_win_and_a_loss():
    # Two wins each: H = 1, squares = 1. One win each and two ties: H = 1, squares = 1/2.
    wide = fit([PairCount("a", "b", 2, 2, 0, 0)])
    narrow = fit([PairCount("a", "b", 1, 1, 1, 1)])
    width = [(f.upper - f.lower)[0] for f in (wide, narrow)]
    assert width[1] == pytest.approx(width[0] / np.sqrt(2.0))


def test_llmfao_agrees_with_evalica():
    table = llmfao()
    fitted = fit(columns.pair_counts(table))
    assert fitted.votes == 8931 and len(fitted.names) == 59
    np.testing.assert_allclose(
        np.exp((fitted.ratings - 1000.0) / POINTS), by_evalica(table, fitted.names), rtol=1e-6
    )


@given(connected_votes())
def test_any_connected_arena_agrees_with_evalica(rows: Votes):
    table = columns.from_votes(rows)
    fitted = fit(columns.pair_counts(table))
    np.testing.assert_allclose(
        np.exp((fitted.ratings - 1000.0) / POINTS), by_evalica(table, fitted.names), rtol=1e-6
    )


@given(connected_votes(models=4, most=15))
def test_any_connected_arena_agrees_with_zermelos_iteration(rows: Votes):
    fitted = fit(counted(rows))
    np.testing.assert_allclose(fitted.ratings, by_minorise_maximise(rows, fitted.names), atol=1e-4)


@given(connected_votes())
def test_a_connected_arena_is_centred_settled_and_bounded(rows: Votes):
    fitted = fit(counted(rows))
    assert fitted.ratings.mean() == pytest.approx(1000.0, abs=1e-6)
    assert not fitted.provisional.any() and len(fitted.pieces) == 1
    assert np.isfinite(fitted.covariance).all()
    np.testing.assert_allclose(fitted.covariance.sum(axis=1), 0.0, atol=1e-3)
    assert (fitted.lower < fitted.ratings).all() and (fitted.ratings < fitted.upper).all()


@given(connected_votes())
def test_the_score_equations_hold_at_the_maximum(rows: Votes):
    """Each model takes as many points as its rating expects."""
    table = tally(counted(rows))
    fitted = fit(counted(rows))
    gap = (fitted.ratings[:, None] - fitted.ratings[None, :]) / POINTS
    expected = ((table.points + table.points.T) / (1.0 + np.exp(-gap))).sum(axis=1)
    np.testing.assert_allclose(table.points.sum(axis=1), expected, atol=1e-6)


@given(votes(), st.randoms())
def test_the_order_of_votes_does_not_matter(rows: Votes, random):
    other = list(rows)
    random.shuffle(other)
    same(fit(counted(rows)), fit(counted(other)))


@given(votes())
def test_swapping_sides_changes_nothing(rows: Votes):
    counts = counted(rows)
    same(fit(counts), fit([swapped(c) for c in counts]))
    same(fit(counts), fit([swapped(c) if i % 2 else c for i, c in enumerate(counts)]))


@given(votes())
def test_turning_every_outcome_round_mirrors_the_ratings(rows: Votes):
    one = named(fit(counted(rows)))
    other = named(fit(counted([(a, b, winner.swapped()) for a, b, winner in rows])))
    for name, (rating, lower, upper) in one.items():
        assert other[name] == pytest.approx((2000.0 - rating, 2000.0 - upper, 2000.0 - lower), abs=1e-4)


@given(votes(), st.permutations([f"m{i}" for i in range(6)]))
def test_other_names_give_the_same_ratings(rows: Votes, order):
    to = dict(zip([f"m{i}" for i in range(6)], order, strict=True))
    counts = counted(rows)
    other = [PairCount(to[c.model_a], to[c.model_b], c.wins_a, c.wins_b, c.ties, c.both_bad) for c in counts]
    one, two = fit(counts), fit(other)
    if one.provisional.any() and _equal_main_groups(one):
        return  # two groups with equally many votes: which one is called main depends on the names
    same(one, two, to)


def _equal_main_groups(fitted: Rated) -> bool:
    return len(fitted.pieces) > 1 or fitted.provisional.sum() > 1


@given(votes())
def test_rows_and_counts_rate_alike(rows: Votes):
    field = {"model_a": (1, 0, 0, 0), "model_b": (0, 1, 0, 0), "tie": (0, 0, 1, 0), "both_bad": (0, 0, 0, 1)}
    same(fit(counted(rows)), fit([PairCount(a, b, *field[winner]) for a, b, winner in rows]))


@given(votes())
def test_nothing_is_ever_not_a_number_and_every_open_end_has_a_note(rows: Votes):
    fitted = fit(counted(rows))
    assert fitted.votes == len(rows)
    assert np.isfinite(fitted.ratings).all()
    assert not np.isnan(fitted.lower).any() and not np.isnan(fitted.upper).any()
    assert (fitted.lower <= fitted.ratings).all() and (fitted.ratings <= fitted.upper).all()
    for low, high, provisional, note in zip(
        fitted.lower, fitted.upper, fitted.provisional, fitted.notes, strict=True
    ):
        assert provisional == (np.isinf(low) or np.isinf(high))
        assert note.endswith(".") or not provisional


def test_a_model_without_a_win_is_open_below_and_bounded_above():
    # Against equals, losing five of five has a chance of 2.5 % at p = 1 - 0.025^(1/5) = 0.5218, where a
    # Clopper-Pearson interval ends too: 15.19 points above 1000.
    fitted = fit(
        [
            PairCount("a", "b", 10, 10, 0, 0),
            PairCount("a", "loser", 3, 0, 0, 0),
            PairCount("loser", "b", 0, 2, 0, 0),
        ]
    )
    rating, lower, upper = named(fitted)["loser"]
    assert lower == -np.inf
    assert upper == pytest.approx(1000.0 + POINTS * np.log(0.52182 / 0.47818), abs=0.01)
    assert rating < 900.0
    assert dict(zip(fitted.names, fitted.notes, strict=True))["loser"].startswith("No win or tie yet")


def test_a_model_without_a_loss_is_the_mirror_image():
    fitted = fit([PairCount("a", "b", 10, 10, 0, 0), PairCount("best", "a", 4, 0, 0, 0)])
    rating, lower, upper = named(fitted)["best"]
    # 0.025^(1/4) = 0.39764 is the lowest chance of winning at which four of four are won in 2.5 % of cases.
    assert lower == pytest.approx(1000.0 + POINTS * np.log(0.39764 / 0.60236), abs=0.01)
    assert upper == np.inf and rating > 1100.0
    assert dict(zip(fitted.names, fitted.notes, strict=True))["best"].startswith("No loss or tie yet")


def test_a_one_sided_model_does_not_move_the_others():
    main = [PairCount("a", "b", 7, 3, 1, 0), PairCount("b", "c", 5, 4, 0, 1), PairCount("c", "a", 2, 6, 1, 1)]
    alone, joined = named(fit(main)), named(fit([*main, PairCount("a", "loser", 50, 0, 0, 0)]))
    for name, values in alone.items():
        assert joined[name] == pytest.approx(values, abs=1e-6)


def test_the_provisional_rating_counts_one_tie_with_an_average_model():
    # One loss to an average pair and half a point from the tie: 0.5 - s(r) = s(r - 0), so s(r) = 1/4, r = -ln 3.
    fitted = fit([PairCount("a", "b", 10, 10, 0, 0), PairCount("a", "new", 1, 0, 0, 0)])
    assert named(fitted)["new"][0] == pytest.approx(1000.0 - POINTS * np.log(3.0), abs=1e-6)


def test_a_first_vote_gives_provisional_ratings_open_at_both_ends():
    fitted = fit([PairCount("a", "b", 1, 0, 0, 0)])
    assert fitted.provisional.all()
    assert fitted.ratings[0] > 1000.0 > fitted.ratings[1]
    assert fitted.ratings.mean() == pytest.approx(1000.0)
    assert np.isinf(fitted.lower).all() and np.isinf(fitted.upper).all()


def test_groups_without_a_common_vote_say_that_they_cannot_be_compared():
    fitted = fit([PairCount("a", "b", 9, 5, 0, 0), PairCount("x", "y", 2, 1, 0, 0)])
    assert fitted.pieces == (("a", "b"), ("x", "y"))
    ends = named(fitted)
    assert np.isfinite(ends["a"]).all()
    assert ends["x"][1:] == (-np.inf, np.inf)
    notes = dict(zip(fitted.names, fitted.notes, strict=True))
    assert notes["a"] == "" and "cannot be compared" in notes["x"]
    # Within the small group the order is right, and its own mean is the average.
    assert ends["x"][0] > ends["y"][0]
    assert ends["x"][0] + ends["y"][0] == pytest.approx(2000.0)


def test_a_group_that_only_lost_is_open_below_as_a_whole():
    fitted = fit(
        [
            PairCount("a", "b", 9, 8, 0, 0),
            PairCount("x", "y", 2, 1, 0, 0),
            PairCount("a", "x", 4, 0, 0, 0),
        ]
    )
    ends = named(fitted)
    assert ends["x"][1] == ends["y"][1] == -np.inf
    assert np.isfinite(ends["x"][2]) and ends["y"][2] == np.inf
    notes = dict(zip(fitted.names, fitted.notes, strict=True))
    assert notes["x"] == notes["y"]
    assert notes["x"].startswith("No win or tie against the main group")


def test_a_model_above_and_a_model_below_the_main_group_and_one_nowhere():
    fitted = fit(
        [
            PairCount("a", "b", 9, 8, 0, 0),
            PairCount("top", "a", 1, 0, 0, 0),
            PairCount("top", "nowhere", 1, 0, 0, 0),
            PairCount("nowhere", "bottom", 1, 0, 0, 0),
            PairCount("b", "bottom", 1, 0, 0, 0),
        ]
    )
    notes = dict(zip(fitted.names, fitted.notes, strict=True))
    assert notes["top"].startswith("No loss or tie yet")
    assert notes["bottom"].startswith("No win or tie yet")
    assert notes["nowhere"].startswith("Too few votes to place it")
    assert named(fitted)["nowhere"][1:] == (-np.inf, np.inf)


def test_only_ties_get_the_wide_interval_and_a_note():
    fitted = fit([PairCount("a", "b", 0, 0, 5, 3)])
    # H = 8 / 4 = 2: the difference has variance 1/2, each rating an eighth.
    half = Z95 * np.sqrt(1.0 / 8.0) * POINTS
    assert named(fitted)["a"] == pytest.approx((1000.0, 1000.0 - half, 1000.0 + half))
    assert all(note.startswith("Only ties so far") for note in fitted.notes)


def test_no_votes_give_an_empty_result():
    for counts in ([], [PairCount("a", "b", 0, 0, 0, 0)]):
        fitted = fit(counts)
        assert fitted.names == () and fitted.votes == 0 and fitted.ratings.shape == (0,)


def test_very_lopsided_votes_still_settle():
    fitted = fit([PairCount("a", "b", 10**9, 1, 0, 0), PairCount("b", "c", 10**9, 1, 0, 0)])
    gap = 400.0 * 9.0
    assert fitted.ratings.tolist() == pytest.approx([1000.0 + gap, 1000.0, 1000.0 - gap], abs=1e-3)


def test_the_sandwich_agrees_with_a_bootstrap_of_the_counts():
    table = simulated(np.linspace(-1.0, 1.0, 6), 6000, np.random.default_rng(3), tie_share=0.4)
    counts = columns.pair_counts(table)
    fitted = fit(counts)
    numbers = np.array([[c.wins_a, c.wins_b, c.ties, c.both_bad] for c in counts])
    draws = np.random.default_rng(4).multinomial(6000, numbers.ravel() / 6000, 400).reshape(400, -1, 4)
    ratings = [
        fit([PairCount(c.model_a, c.model_b, *n.tolist()) for c, n in zip(counts, draw, strict=True)]).ratings
        for draw in draws
    ]
    np.testing.assert_allclose(
        np.std(ratings, axis=0), (fitted.upper - fitted.lower) / (2.0 * Z95), rtol=0.12
    )


@pytest.mark.parametrize("tie_share", [0.0, 0.5])
def test_intervals_cover_the_truth_in_93_to_97_percent_of_500_arenas(tie_share: float):
    strengths = np.linspace(-1.0, 1.0, 8)
    truth = 1000.0 + POINTS * (strengths - strengths.mean())
    inside = []
    for seed in range(500):
        table = simulated(strengths, 2000, np.random.default_rng(seed), tie_share=tie_share)
        fitted = fit(columns.pair_counts(table))
        inside.append((fitted.lower <= truth) & (truth <= fitted.upper))
    share = np.mean(inside)
    assert 0.93 <= share <= 0.97, share


def test_the_upper_end_of_a_model_that_lost_everything_covers_it():
    """Whenever a weak model has no win, its true rating lies below the upper end at least 97.5 % of the time."""
    rng = np.random.default_rng(8)
    missed = 0
    for _ in range(2000):
        wins = int(rng.binomial(6, 0.3))
        main = [PairCount("a", "b", 200, 200, 0, 0)]
        if wins == 0:
            upper = named(fit([*main, PairCount("a", "weak", 6, 0, 0, 0)]))["weak"][2]
            missed += upper < 1000.0 + POINTS * np.log(0.3 / 0.7)
    assert missed / 2000 <= 0.025 + 0.01


def test_the_centre_and_the_scale_are_those_of_elo():
    assert bradley_terry.CENTRE == 1000.0
    assert pytest.approx(173.7178, abs=1e-4) == POINTS
