import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import minimize

from arena.ratings import bradley_terry, columns
from arena.ratings.rated import POINTS
from arena.ratings.tally import tally
from arena.ratings.with_ties import determined, fit
from arena.types import PairCount, VoteColumns
from tests.arena.ratings.arenas import connected_votes, llmfao

METHODS = ("rao_kupper", "davidson")


def shares(method, d, tie):
    """The chances of win, loss and tie as the papers write them: theta of 1967, nu of 1970."""
    first, second = np.exp(d), np.ones_like(d)
    if method == "rao_kupper":
        theta = np.exp(tie)
        win, loss = first / (first + theta * second), second / (second + theta * first)
        return win, loss, 1.0 - win - loss
    nu = np.exp(tie)
    total = first + second + nu * np.sqrt(first * second)
    return first / total, second / total, nu * np.sqrt(first * second) / total


def drawn(method, ratings, tie, votes, rng):
    """Votes between random pairs, as the model says."""
    size = len(ratings)
    a = rng.integers(0, size, votes)
    b = (a + 1 + rng.integers(0, size - 1, votes)) % size
    win, loss, _ = shares(method, ratings[a] - ratings[b], tie)
    u = rng.random(votes)
    winner = np.where(u < win, 0, np.where(u < win + loss, 1, 2)).astype(np.int8)
    names = tuple(f"m{i:02d}" for i in range(size))
    return VoteColumns(names, a.astype(np.int32), b.astype(np.int32), winner)


def by_rows(method, votes):
    """The maximum of the likelihood, vote by vote, by another method."""
    size = len(votes.names)

    def loss(x):
        d = x[votes.model_a] - x[votes.model_b]
        chances = np.stack(shares(method, d, np.exp(x[-1]) if method == "rao_kupper" else x[-1]))
        kind = np.minimum(votes.winner, 2)
        return -np.log(chances[kind, np.arange(len(kind))]).sum() + 1e-9 * x[:-1].sum() ** 2

    found = minimize(loss, np.append(np.zeros(size), -0.5), method="BFGS", options={"gtol": 1e-7})
    ratings = found.x[:-1]
    return 1000.0 + POINTS * (ratings - ratings.mean())


@pytest.mark.parametrize("method", METHODS)
def test_ratings_are_the_maximum_of_the_likelihood_of_the_single_votes(method):
    truth = np.array([-0.9, -0.2, 0.1, 1.0])
    votes = drawn(method, truth, 0.6, 400, np.random.default_rng(1))
    fitted = fit(tally(columns.pair_counts(votes)), method)
    assert fitted.names == votes.names
    np.testing.assert_allclose(fitted.ratings, by_rows(method, votes), atol=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_the_truth_is_found_again_and_the_strength_of_ties_with_it(method):
    truth, tie = np.linspace(-1.2, 1.2, 8), 0.8
    votes = drawn(method, truth, tie, 60_000, np.random.default_rng(2))
    fitted = fit(tally(columns.pair_counts(votes)), method)
    np.testing.assert_allclose(fitted.ratings, 1000.0 + POINTS * truth, atol=12.0)
    name = "theta" if method == "rao_kupper" else "nu"
    strength, share = fitted.parameters[name], fitted.parameters["tie_share"]
    assert strength.lower < np.exp(tie) < strength.upper
    at_equals = float(shares(method, np.array(0.0), tie)[2])
    assert share.value == pytest.approx(at_equals, abs=0.01)
    assert share.lower < at_equals < share.upper


@pytest.mark.parametrize("method", METHODS)
def test_intervals_of_ratings_and_of_the_strength_cover_the_truth_as_often_as_they_say(method):
    truth, tie = np.linspace(-0.8, 0.8, 6), 0.5
    rng = np.random.default_rng(3)
    inside, strong, rounds = 0, 0, 500
    for _ in range(rounds):
        fitted = fit(tally(columns.pair_counts(drawn(method, truth, tie, 600, rng))), method)
        goal = 1000.0 + POINTS * truth
        inside += int(((fitted.lower <= goal) & (goal <= fitted.upper)).sum())
        strength = fitted.parameters["theta" if method == "rao_kupper" else "nu"]
        strong += strength.lower <= np.exp(tie) <= strength.upper
    assert 0.93 <= inside / (rounds * len(truth)) <= 0.97
    assert 0.93 <= strong / rounds <= 0.97


@pytest.mark.parametrize("method", METHODS)
def test_without_a_tie_the_ratings_are_those_of_bradley_terry(method):
    counts = [
        PairCount("a", "b", 5, 3, 0, 0),
        PairCount("b", "c", 4, 2, 0, 0),
        PairCount("c", "a", 1, 3, 0, 0),
    ]
    plain = bradley_terry.fit(counts)
    fitted = fit(tally(counts), method)
    np.testing.assert_allclose(fitted.ratings, plain.ratings)
    np.testing.assert_allclose(fitted.upper, plain.upper)
    assert fitted.parameters["tie_share"].value == 0.0
    assert fitted.parameters["tie_share"].lower is None


@pytest.mark.parametrize("method", METHODS)
def test_few_ties_lead_to_the_ratings_of_bradley_terry(method):
    counts = [
        PairCount("a", "b", 50_000, 30_000, 1, 0),
        PairCount("b", "c", 40_000, 20_000, 0, 0),
        PairCount("c", "a", 10_000, 30_000, 0, 0),
    ]
    np.testing.assert_allclose(
        fit(tally(counts), method).ratings, bradley_terry.fit(counts).ratings, atol=0.05
    )


@pytest.mark.parametrize("method", METHODS)
def test_two_models_with_a_win_and_a_tie_have_no_rating_that_can_be_believed(method):
    fitted = fit(tally([PairCount("a", "b", 1, 0, 1, 0)]), method)
    assert fitted.provisional.all() and np.isinf(fitted.lower).all() and np.isinf(fitted.upper).all()
    assert all("tell a tie from a narrow win" in note for note in fitted.notes)
    assert fitted.parameters == {}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("prior", [0.0, 1.0])
def test_only_ties_are_rated_as_equals(method, prior):
    fitted = fit(tally([PairCount("a", "b", 0, 0, 3, 1)]), method, prior)
    assert fitted.ratings.tolist() == [1000.0, 1000.0]
    assert np.isfinite(fitted.lower).all() and fitted.parameters["tie_share"].value == 1.0


def test_what_runs_away_is_told_from_what_does_not():
    def asked(*counts):
        table = tally(counts)
        return determined(table.wins, table.ties)

    assert not asked(PairCount("a", "b", 1, 0, 1, 0))
    assert asked(PairCount("a", "b", 1, 1, 1, 0))
    chain = [
        PairCount("a", "b", 1, 0, 0, 0),
        PairCount("b", "c", 0, 0, 1, 0),
        PairCount("a", "c", 0, 0, 1, 0),
    ]
    assert not asked(*chain)
    assert not asked(*chain[:2], PairCount("a", "c", 1, 0, 1, 0))
    assert asked(
        PairCount("a", "b", 1, 0, 0, 0), PairCount("b", "c", 1, 0, 0, 0), PairCount("a", "c", 0, 0, 1, 0)
    )
    assert asked(
        PairCount("a", "b", 1, 0, 1, 0), PairCount("b", "c", 1, 0, 1, 0), PairCount("c", "a", 1, 0, 0, 0)
    )


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40)
@given(rows=connected_votes())
def test_the_slope_of_the_likelihood_is_flat_at_the_ratings_or_they_are_not_believed(method, rows):
    votes = columns.from_votes(rows)
    fitted = fit(tally(columns.pair_counts(votes)), method)
    if fitted.provisional.all() or fitted.parameters["tie_share"].lower is None:
        return
    order = [votes.names.index(name) for name in fitted.names]
    ratings = np.zeros(len(order))
    ratings[order] = (fitted.ratings - 1000.0) / POINTS
    name = "theta" if method == "rao_kupper" else "nu"
    tie = np.log(fitted.parameters[name].value)

    def likelihood(step):
        moved = ratings + step[:-1]
        chances = np.stack(shares(method, moved[votes.model_a] - moved[votes.model_b], tie + step[-1]))
        return np.log(chances[np.minimum(votes.winner, 2), np.arange(len(votes.winner))]).sum()

    for direction in np.eye(len(ratings) + 1):
        slope = (likelihood(1e-5 * direction) - likelihood(-1e-5 * direction)) / 2e-5
        assert abs(slope) < 1e-3 * len(votes.winner)


@pytest.mark.parametrize("method", METHODS)
def test_a_model_that_never_lost_is_open_at_the_top_and_one_apart_at_both_ends(method):
    counts = [
        PairCount("a", "b", 5, 4, 3, 0),
        PairCount("best", "a", 6, 0, 0, 0),
        PairCount("far", "away", 1, 0, 0, 0),
    ]
    fitted = fit(tally(counts), method)
    place = {name: i for i, name in enumerate(fitted.names)}
    best, far = place["best"], place["far"]
    assert np.isinf(fitted.upper[best]) and np.isfinite(fitted.lower[best])
    assert fitted.lower[best] < fitted.ratings[best] and fitted.lower[best] > fitted.ratings[place["a"]] - 200
    assert np.isinf(fitted.upper[far]) and np.isinf(fitted.lower[far])
    assert "cannot be compared" in fitted.notes[far] and "No loss" in fitted.notes[best]


@pytest.mark.parametrize("method", METHODS)
def test_the_lower_end_of_an_unbeaten_model_is_where_its_record_has_a_chance_of_2_5_percent(method):
    counts = [PairCount("a", "b", 50, 50, 40, 0), PairCount("best", "a", 6, 0, 0, 0)]
    fitted = fit(tally(counts), method)
    place = {name: i for i, name in enumerate(fitted.names)}
    d = (fitted.lower[place["best"]] - fitted.ratings[place["a"]]) / POINTS
    tie = np.log(fitted.parameters["theta" if method == "rao_kupper" else "nu"].value)
    assert float(shares(method, np.array(d), tie)[0]) ** 6 == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_on_real_votes_ties_of_their_own_change_places_little(method):
    counts = columns.pair_counts(llmfao())
    plain, fitted = bradley_terry.fit(counts), fit(tally(counts), method)
    assert np.corrcoef(plain.ratings, fitted.ratings)[0, 1] > 0.99
    share = fitted.parameters["tie_share"]
    ties = sum(c.ties + c.both_bad for c in counts) / sum(c.votes for c in counts)
    assert ties < share.value < ties + 0.1 and share.upper - share.lower < 0.05
