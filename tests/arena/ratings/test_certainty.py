from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import norm

from arena.errors import InvalidInput, NotFound
from arena.ratings import bradley_terry
from arena.ratings.certainty import APART, better, certainty
from arena.ratings.columns import from_votes, pair_counts
from arena.ratings.options import RatingOptions
from arena.ratings.uncertainty import with_intervals
from arena.types import PairCount
from tests.arena.ratings.arenas import llmfao, simulated, votes

CLOSE = [
    PairCount("a", "b", 520, 480, 0, 0),
    PairCount("b", "c", 700, 300, 0, 0),
    PairCount("a", "c", 72, 28, 0, 0),
]


def test_the_chance_to_be_better_is_that_of_a_normal_difference():
    rated = bradley_terry.fit(CLOSE)
    found = certainty(rated)
    c = rated.covariance
    expected = norm.cdf((rated.ratings[0] - rated.ratings[1]) / np.sqrt(c[0, 0] + c[1, 1] - 2 * c[0, 1]))
    assert found.chance("a", "b") == pytest.approx(expected, abs=1e-6)
    assert found.chance("a", "b") + found.chance("b", "a") == pytest.approx(1.0, abs=1e-5)


def test_close_models_are_said_not_to_be_apart():
    found = certainty(bradley_terry.fit(CLOSE))
    assert found.names == ("a", "b", "c")
    assert found.beside("a") == ("b",)
    assert found.groups == (("a", "b"),)
    assert found.sentences[0].startswith("The first place is open: a and b cannot be told apart yet.")
    assert found.steps[0].sentence.endswith("they cannot be told apart yet.")
    assert found.steps[1].sentence == "b is better than c with more than 99.9 %."
    assert "2 of 3 pairs are apart" in found.sentences[-1]
    assert [(s.rank_best, s.rank_worst) for s in found.standings] == [(1, 2), (1, 2), (3, 3)]


def test_a_clear_first_place_is_said():
    found = certainty(
        bradley_terry.fit([PairCount("a", "b", 90, 10, 0, 0), PairCount("a", "c", 80, 20, 0, 0)])
    )
    assert found.sentences[0] == "a is first: it is better than each of the 2 others with 97.5 % or more."
    assert found.standings[0].first > 0.99


def test_chances_to_be_first_add_up_to_one():
    found = certainty(bradley_terry.fit(CLOSE))
    assert sum(one.first for one in found.standings) == pytest.approx(1.0)


def test_shares_of_rounds_agree_with_the_covariance():
    counts = pair_counts(simulated(np.linspace(-0.3, 0.3, 6), 1500, np.random.default_rng(0)))
    rated = bradley_terry.fit(counts)
    drawn = with_intervals(rated, counts, None, RatingOptions(intervals="bootstrap", rounds=4000))
    assert np.nanmax(np.abs(better(rated) - better(drawn))) < 0.03
    assert certainty(drawn).groups == certainty(rated).groups


def test_a_round_never_makes_anything_certain():
    counts = [PairCount("a", "b", 900, 100, 0, 0)]
    drawn = with_intervals(
        bradley_terry.fit(counts), counts, None, RatingOptions(intervals="bootstrap", rounds=100)
    )
    assert 0.99 < certainty(drawn).chance("a", "b") < 1.0


def test_a_model_that_never_won_is_apart_only_where_intervals_say_so():
    counts = [PairCount("a", "b", 50, 50, 0, 0), PairCount("b", "loser", 40, 0, 0, 0)]
    found = certainty(bradley_terry.fit(counts))
    loser = found.standings[-1]
    assert (loser.name, loser.first, loser.lower) == ("loser", None, None)
    assert found.chance("a", "loser") is None
    assert found.apart[0][2]
    assert (loser.rank_best, loser.rank_worst) == (3, 3)
    assert "loser cannot be placed yet" in " ".join(found.sentences)
    assert found.sentences[0].startswith("Of the models that can be placed, the first place is open")


def test_ties_alone_do_not_make_a_difference_sure():
    found = certainty(
        bradley_terry.fit([PairCount("a", "b", 200, 100, 0, 0), PairCount("a", "c", 0, 0, 4, 0)])
    )
    assert set(found.beside("c")) == {"a", "b"}
    assert 0.4 < found.chance("a", "c") < 0.6


def test_without_votes_there_is_nothing_to_say():
    found = certainty(bradley_terry.fit([]))
    assert found.standings == ()
    assert found.sentences == ("There is nothing to compare yet: fewer than two models have votes.",)


def test_models_that_nothing_joins_are_not_compared():
    found = certainty(bradley_terry.fit([PairCount("a", "b", 5, 6, 1, 0), PairCount("c", "d", 3, 2, 0, 0)]))
    assert found.chance("a", "c") is None
    assert not any(found.apart[found.names.index("a")])


@given(rows=votes())
@settings(max_examples=80, deadline=None)
def test_whatever_the_votes_what_is_said_is_consistent(rows):
    found = certainty(bradley_terry.fit(pair_counts(from_votes(rows))))
    size = len(found.names)
    for i in range(size):
        assert 1 <= found.standings[i].rank_best <= found.standings[i].rank_worst <= size
        assert not found.apart[i][i]
        for j in range(size):
            assert found.apart[i][j] == found.apart[j][i]
            here, there = found.better[i][j], found.better[j][i]
            assert (here is None) == (there is None)
            if here is not None:
                assert here + there == pytest.approx(1.0, abs=1e-5)
                assert found.apart[i][j] == (max(here, there) >= APART)
    for group in found.groups:
        places = [found.names.index(name) for name in group]
        assert places == list(range(places[0], places[-1] + 1))
        assert not any(found.apart[i][j] for i in places for j in places)


def test_swapping_the_sides_of_all_votes_turns_every_chance():
    counts = pair_counts(simulated(np.linspace(-0.5, 0.5, 5), 300, np.random.default_rng(1)))
    turned = [PairCount(c.model_a, c.model_b, c.wins_b, c.wins_a, c.ties, c.both_bad) for c in counts]
    one, two = better(bradley_terry.fit(counts)), better(bradley_terry.fit(turned))
    np.testing.assert_allclose(one, two.T, atol=1e-9)


def test_the_highest_models_alone_keep_their_ranks_and_sentences():
    rated = bradley_terry.fit(pair_counts(simulated(np.linspace(-1, 1, 9), 900, np.random.default_rng(2))))
    whole = certainty(rated)
    part = whole.highest(4)
    assert part.standings == whole.standings[:4]
    assert part.sentences == whole.sentences
    assert [len(row) for row in part.better] == [4] * 4
    assert len(part.steps) == 3
    with pytest.raises(InvalidInput, match="list 2 or more"):
        whole.highest(1)
    with pytest.raises(NotFound, match="'nobody'"):
        whole.chance("nobody", "m00")


def test_on_real_votes_most_neighbours_cannot_be_told_apart():
    counts = pair_counts(llmfao())
    found = certainty(bradley_terry.fit(counts))
    assert len(found.standings) == 59
    apart = sum(step.apart for step in found.steps)
    assert apart < 6
    assert found.sentences[0].startswith("The first place is open")
    ranks = [one.rank_worst - one.rank_best for one in found.standings]
    assert np.mean(ranks) > 5


def test_remarks_of_the_ratings_are_kept():
    rated = replace(bradley_terry.fit(CLOSE), remarks=("Some votes weigh 0.",))
    assert certainty(rated).notes == ("Some votes weigh 0.",)
