import numpy as np
import pytest
from scipy.special import stdtrit

from arena.ratings import bradley_terry, clustered, with_ties
from arena.ratings.intervals import Z95
from arena.ratings.likelihood import LIKELIHOODS
from arena.ratings.options import RatingOptions
from arena.ratings.paired import rows
from arena.ratings.rated import POINTS
from arena.ratings.refit import Point, settle
from arena.ratings.tally import tally
from arena.ratings.uncertainty import with_intervals
from tests.arena.ratings import clustered_arenas as arenas

STRENGTHS = np.linspace(-0.8, 0.8, 6)


def fitted(votes, method="bt"):
    table = rows(votes, votes.names)
    start = Point(np.zeros(len(votes.names)), np.array(0.5))
    return table, settle(table.paired, LIKELIHOODS[method], start)


def left_out(table, cluster, method, at):
    """The ratings without one cluster, fitted anew."""
    kept = table.group != cluster
    cell = 3 * table.pair[kept] + table.outcome[kept]
    counts = np.bincount(cell, table.votes[kept], table.paired.counts.size).reshape(-1, 3)
    return settle(type(table.paired)(table.paired.meetings, counts), LIKELIHOODS[method], at)


@pytest.mark.parametrize("method", ["bt", "davidson", "rao_kupper"])
def test_the_sandwich_is_the_jackknife_over_clusters(method):
    votes = arenas.clustered(STRENGTHS, np.full(40, 60), np.random.default_rng(0))
    table, at = fitted(votes, method)
    found = clustered.covariance(table, LIKELIHOODS[method], at)
    moves = np.array([left_out(table, g, method, at).ratings - at.ratings for g in range(table.groups)])
    jackknife = np.sqrt((moves**2).sum(axis=0))
    widened = np.sqrt(np.diag(found.covariance)[:6]) * Z95 / stdtrit(found.effective - 1.0, 0.975)
    np.testing.assert_allclose(widened, jackknife, rtol=0.02)


def test_it_equals_its_definition():
    votes = arenas.clustered(STRENGTHS, np.array([30, 50, 5, 80, 60]), np.random.default_rng(1))
    table, at = fitted(votes)
    size, p = 6, 1.0 / (1.0 + np.exp(at.ratings[None, :] - at.ratings[:, None]))
    hessians, scores = np.zeros((5, size, size)), np.zeros((5, size))
    for group, pair, outcome, number in zip(table.group, table.pair, table.outcome, table.votes, strict=True):
        a, b = table.paired.meetings.first[pair], table.paired.meetings.second[pair]
        direction = np.eye(size)[a] - np.eye(size)[b]
        scores[group] += number * ((1.0, 0.0, 0.5)[outcome] - p[a, b]) * direction
        hessians[group] += number * p[a, b] * p[b, a] * np.outer(direction, direction)
    inverse = np.linalg.pinv(hessians.sum(axis=0))
    enlarged = [np.linalg.solve(np.eye(size) - h @ inverse, s) for h, s in zip(hessians, scores, strict=True)]
    effects = np.array(enlarged) @ inverse
    information = np.einsum("mi,gij,jm->gm", inverse, hessians, inverse)
    effective = information.sum(axis=0) ** 2 / (information**2).sum(axis=0)
    expected = np.sqrt((effects**2).sum(axis=0)) * stdtrit(np.maximum(effective - 1.0, 1.0), 0.975) / Z95
    found = clustered.covariance(table, LIKELIHOODS["bt"], at)
    np.testing.assert_allclose(found.effective, effective, rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)[:size]), expected, rtol=1e-6)


def test_with_every_vote_its_own_cluster_it_is_the_plain_sandwich():
    votes = arenas.clustered(STRENGTHS, np.full(50, 40), np.random.default_rng(2))
    counts = arenas.counts_of(votes)
    rated = bradley_terry.fit(counts)
    found = with_intervals(rated, counts, arenas.each_its_own(votes), RatingOptions(cluster="prompt"))
    np.testing.assert_allclose(found.covariance, rated.covariance, rtol=0.02, atol=1.0)


def test_votes_that_resemble_each_other_widen_the_intervals():
    votes = arenas.clustered(STRENGTHS, np.full(50, 40), np.random.default_rng(3))
    counts = arenas.counts_of(votes)
    rated = bradley_terry.fit(counts)
    found = with_intervals(rated, counts, votes, RatingOptions(cluster="voter"))
    assert ((found.upper - found.lower) / (rated.upper - rated.lower)).mean() > 1.3
    assert "50 voters" in found.basis
    np.testing.assert_array_equal(found.ratings, rated.ratings)


def test_copies_of_a_vote_by_one_voter_say_no_more():
    votes = arenas.clustered(STRENGTHS, np.full(60, 25), np.random.default_rng(4))
    twice = type(votes)(
        votes.names, votes.groups, votes.group, votes.model_a, votes.model_b, votes.winner, 2 * votes.votes
    )
    widths = []
    for each in (votes, twice):
        counts = arenas.counts_of(each)
        found = with_intervals(bradley_terry.fit(counts), counts, each, RatingOptions(cluster="voter"))
        widths.append(found.upper - found.lower)
    np.testing.assert_allclose(*widths, rtol=1e-6)


def test_sides_and_order_of_rows_and_names_do_not_matter():
    votes = arenas.clustered(STRENGTHS, np.full(20, 40), np.random.default_rng(5))
    table, at = fitted(votes)
    size, turn = 6, np.arange(6)[::-1]
    swapped = arenas.grouped(
        votes.names,
        np.repeat(votes.group, votes.votes),
        turn[np.repeat(votes.model_a, votes.votes)],
        turn[np.repeat(votes.model_b, votes.votes)],
        np.repeat(votes.winner, votes.votes),
    )
    other, there = fitted(swapped)
    np.testing.assert_allclose(at.ratings, there.ratings[turn], atol=1e-7)
    one = clustered.covariance(table, LIKELIHOODS["bt"], at).covariance[:size, :size]
    two = clustered.covariance(other, LIKELIHOODS["bt"], there).covariance[:size, :size]
    np.testing.assert_allclose(one, two[np.ix_(turn, turn)], rtol=1e-6, atol=1e-12)


def test_a_model_that_only_one_voter_met_has_no_interval():
    rng = np.random.default_rng(6)
    votes = arenas.clustered(STRENGTHS, np.full(30, 40), rng)
    row = np.repeat(np.arange(len(votes.votes)), votes.votes)
    new = np.array([[6, 0, 0], [0, 6, 0], [6, 1, 0], [1, 6, 0], [6, 2, 2]])
    joined = arenas.grouped(
        (*votes.names, "new"),
        np.concatenate([votes.group[row], np.full(5, 3)]),
        np.concatenate([votes.model_a[row], new[:, 0]]),
        np.concatenate([votes.model_b[row], new[:, 1]]),
        np.concatenate([votes.winner[row], new[:, 2]]),
    )
    counts = arenas.counts_of(joined)
    rated = bradley_terry.fit(counts)
    found = with_intervals(rated, counts, joined, RatingOptions(cluster="voter"))
    place = found.names.index("new")
    assert np.isfinite(rated.lower[place])
    assert found.lower[place] == -np.inf
    assert found.upper[place] == np.inf
    assert "one voter" in found.notes[place]
    others = np.arange(len(found.names)) != place
    assert np.isfinite(found.lower[others]).all()


def test_an_anchor_has_no_interval_and_the_others_have_that_of_their_distance():
    from arena.ratings.anchor import anchored

    votes = arenas.clustered(STRENGTHS, np.full(30, 40), np.random.default_rng(7))
    counts = arenas.counts_of(votes)
    centred = with_intervals(bradley_terry.fit(counts), counts, votes, RatingOptions(cluster="voter"))
    held = with_intervals(
        anchored(bradley_terry.fit(counts), "m02", 1200.0),
        counts,
        votes,
        RatingOptions(cluster="voter", anchor="m02", anchor_rating=1200.0),
    )
    assert held.lower[2] == held.upper[2] == held.ratings[2] == 1200.0
    c = centred.covariance
    expected = Z95 * np.sqrt(c[0, 0] + c[2, 2] - 2 * c[0, 2])
    assert held.upper[0] - held.ratings[0] == pytest.approx(expected)


def test_few_voters_are_said_to_be_few():
    votes = arenas.clustered(STRENGTHS, np.full(4, 200), np.random.default_rng(8))
    counts = arenas.counts_of(votes)
    found = with_intervals(bradley_terry.fit(counts), counts, votes, RatingOptions(cluster="voter"))
    assert "so few voters" in found.basis
    assert (np.diag(found.covariance) > 0).all()
    assert found.covariance[0, 0] < (2000.0 / POINTS * 400) ** 2


@pytest.mark.parametrize("method", ["bt", "davidson"])
@pytest.mark.parametrize("intervals", ["sandwich", "bootstrap"])
def test_many_losses_by_one_voter_bound_a_model_no_more_than_one(method, intervals):
    votes = arenas.clustered(STRENGTHS, np.full(30, 40), np.random.default_rng(9))
    row = np.repeat(np.arange(len(votes.votes)), votes.votes)

    def bound(voters):
        number = len(voters)
        joined = arenas.grouped(
            (*votes.names, "new"),
            np.concatenate([votes.group[row], voters]),
            np.concatenate([votes.model_a[row], np.full(number, 6)]),
            np.concatenate([votes.model_b[row], np.zeros(number, dtype=int)]),
            np.concatenate([votes.winner[row], np.ones(number, dtype=int)]),
        )
        counts = arenas.counts_of(joined)
        rated = bradley_terry.fit(counts) if method == "bt" else with_ties.fit(tally(counts), method)
        options = RatingOptions(method=method, cluster="voter", intervals=intervals, rounds=50)
        found = with_intervals(rated, counts, joined, options)
        place = found.names.index("new")
        assert found.lower[place] == -np.inf
        return found.upper[place], rated.upper[place]

    by_one, plainly = bound(np.full(20, 3))
    by_many, as_plainly = bound(np.arange(20))
    assert by_one > plainly + 200
    assert by_many == pytest.approx(as_plainly, abs=1.0)
