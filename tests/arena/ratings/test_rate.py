from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.ratings import bradley_terry
from arena.ratings.options import RatingOptions
from arena.ratings.rate import COUNTED, rate
from arena.types import OUTCOMES, PairCount, Winner
from tests.arena.ratings.arenas import connected_votes, votes
from tests.arena.ratings.known_votes import KnownVotes

VOTERS = (*(f"human:h{n}" for n in range(6)), "judge:strict", "judge:kind")
BOOTSTRAP = {"intervals": "bootstrap", "rounds": 40}
WAYS = {
    **{method: RatingOptions(method) for method in (*COUNTED, "elo", "soft")},
    **{f"{method} with a prior": RatingOptions(method, prior=1.0) for method in COUNTED},
    **{f"{method} weighted": RatingOptions(method, kind_weights={"judge": 0.5}) for method in COUNTED},
    **{f"{method} by voter": RatingOptions(method, cluster="voter") for method in COUNTED},
    **{f"{method} by prompt": RatingOptions(method, cluster="prompt") for method in COUNTED},
    **{f"{method} drawn anew": RatingOptions(method, **BOOTSTRAP) for method in COUNTED},
}
"""Every method, alone and with each option that changes how it counts."""
SELDOM = [
    *[("m0", "m1", Winner.MODEL_A)] * 3,
    ("m0", "m1", Winner.TIE),
    ("m2", "m0", Winner.MODEL_B),
    ("m0", "m2", Winner.BOTH_BAD),
    ("m1", "m2", Winner.MODEL_B),
]
"""Few votes, of which some draws have their maximum far from that of all."""
EXACT = {name: way for name, way in WAYS.items() if way.method != "elo" and way.intervals == "sandwich"}


def known(rows):
    return KnownVotes([(a, b, winner, VOTERS[n % len(VOTERS)]) for n, (a, b, winner) in enumerate(rows)])


def named(rated):
    """Rating and ends by name; an end so far that few voters hardly bound it is as good as open."""
    lower = np.where(rated.lower < rated.ratings - 2000.0, -np.inf, rated.lower)
    upper = np.where(rated.upper > rated.ratings + 2000.0, np.inf, rated.upper)
    ends = zip(rated.ratings.tolist(), lower.tolist(), upper.tolist(), strict=True)
    return dict(zip(rated.names, ends, strict=True))


def same(one, other, names=None):
    here, there = named(one), named(other)
    assert {(names or {}).get(name, name) for name in here} == there.keys()
    for name, values in here.items():
        assert values == pytest.approx(there[(names or {}).get(name, name)], rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@given(rows=votes())
@settings(max_examples=12)
def test_swapping_the_sides_of_every_vote_changes_nothing(way, rows):
    plain = known(rows)
    turned = KnownVotes([(b, a, winner.swapped(), voter) for a, b, winner, voter in plain.rows])
    same(rate(turned, way), rate(plain, way))


@pytest.mark.parametrize("way", EXACT.values(), ids=EXACT.keys())
@given(rows=votes(), order=st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_the_order_of_votes_changes_nothing_but_elo(way, rows, order):
    plain = known(rows)
    mixed = list(plain.rows)
    order.shuffle(mixed)
    same(rate(KnownVotes(mixed), way), rate(plain, way))


@pytest.mark.parametrize("way", EXACT.values(), ids=EXACT.keys())
@given(rows=connected_votes())
@settings(max_examples=12)
def test_other_names_change_nothing_but_the_names(way, rows):
    plain = known(rows)
    names = sorted({name for a, b, *_ in plain.rows for name in (a, b)})
    other = dict(zip(names, [f"x{len(names) - i}" for i in range(len(names))], strict=True))
    renamed = KnownVotes([(other[a], other[b], winner, voter) for a, b, winner, voter in plain.rows])
    same(rate(plain, way), rate(renamed, way), other)


@pytest.mark.parametrize("way", EXACT.values(), ids=EXACT.keys())
@given(rows=votes())
@settings(max_examples=12)
def test_the_best_of_the_votes_turned_round_is_the_worst(way, rows):
    plain = known(rows)
    against = KnownVotes([(a, b, winner.swapped(), voter) for a, b, winner, voter in plain.rows])
    up, down = named(rate(plain, way)), named(rate(against, way))
    for name, (rating, lower, upper) in up.items():
        turned = (2000.0 - rating, 2000.0 - upper, 2000.0 - lower)
        if way.prior or not rate(plain, way).provisional.any():
            assert down[name] == pytest.approx(turned, rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@given(rows=votes())
@settings(max_examples=12)
def test_a_rating_is_always_within_its_interval_and_finite_and_no_votes_is_no_rating(way, rows):
    rated = rate(known(rows), way)
    assert np.isfinite(rated.ratings).all()
    assert (rated.lower <= rated.ratings + 1e-9).all() and (rated.ratings <= rated.upper + 1e-9).all()
    assert rate(known([]), way).names == ()


def test_votes_whose_draws_throw_a_shared_step_far_away_have_intervals_all_the_same():
    drawn = RatingOptions("davidson", **BOOTSTRAP)
    for seed in range(20):
        rated = rate(known(SELDOM), replace(drawn, seed=seed))
        assert np.isfinite(rated.ratings).all() and (rated.lower <= rated.upper).all()


@pytest.mark.parametrize("way", [*COUNTED, "elo"])
def test_an_anchor_holds_in_every_method(way):
    rows = [
        (a, b, OUTCOMES[n // 3 % 3]) for n, (a, b) in enumerate([("a", "b"), ("b", "c"), ("c", "a")] * 30)
    ]
    free, held = (rate(known(rows), RatingOptions(way, anchor=anchor)) for anchor in (None, "b"))
    assert named(held)["b"] == (1000.0, 1000.0, 1000.0)
    np.testing.assert_allclose(np.diff(held.ratings), np.diff(free.ratings), atol=1e-9)
    drawn = rate(known(rows), RatingOptions(way, anchor="b", **BOOTSTRAP))
    np.testing.assert_allclose(drawn.ratings, held.ratings)
    assert named(drawn)["b"] == (1000.0, 1000.0, 1000.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "elo", "kind_weights": {"judge": 0.5}}, "Elo takes every vote alike"),
        ({"method": "elo", "prior": 1.0}, "Elo has no prior"),
        ({"method": "elo", "cluster": "voter"}, "Elo cannot be clustered"),
        ({"method": "soft", "intervals": "bootstrap"}, "cannot be drawn anew"),
        ({"method": "davidson", "style": True}, "at equal style"),
        ({"method": "ppi"}, "helped by a judge"),
    ],
)
def test_options_that_cannot_be_had_together_are_refused_in_a_sentence(options, words):
    with pytest.raises(InvalidInput, match=words):
        rate(known([("a", "b", OUTCOMES[0])]), RatingOptions(**options))


def test_weighted_votes_are_clustered_by_prompt_as_single_votes_where_each_has_a_prompt_of_its_own():
    pairs = [("a", "b"), ("b", "c"), ("c", "a")] * 40
    rows = [(a, b, OUTCOMES[n * 7 % 11 % 3]) for n, (a, b) in enumerate(pairs)]
    weights = {"human:h0": 3.0, "judge:kind": 0.25}
    alone, clustered = (
        rate(known(rows), RatingOptions(voter_weights=weights, cluster=cluster))
        for cluster in ("none", "prompt")
    )
    np.testing.assert_allclose(clustered.ratings, alone.ratings)
    np.testing.assert_allclose(clustered.upper - clustered.lower, alone.upper - alone.lower, rtol=0.1)
    assert "120 prompts" in clustered.basis


def test_a_prior_bounds_every_rating_and_fades_with_votes():
    counts = [PairCount("a", "b", 5, 0, 0, 0), PairCount("x", "y", 1, 0, 0, 0)]
    held = bradley_terry.fit(counts, prior=1.0)
    assert np.isfinite(held.lower).all() and np.isfinite(held.upper).all() and not held.provisional.any()
    assert len(held.pieces) == 2
    assert "the prior holds its rating" in held.notes[held.names.index("x")]
    wide = held.upper - held.lower
    assert wide[held.names.index("x")] > wide[held.names.index("a")]
    many = [PairCount("a", "b", 5000, 4000, 800, 0), PairCount("b", "c", 3000, 3000, 10, 0)]
    free, held = bradley_terry.fit(many), bradley_terry.fit(many, prior=1.0)
    np.testing.assert_allclose(held.ratings, free.ratings, atol=0.2)
    np.testing.assert_allclose(held.upper, free.upper, atol=0.3)


def test_a_prior_without_a_vote_between_two_is_a_tie_with_the_average():
    """One win and a prior of two ties: the rating where the pull of the win is the pull of the ties."""
    held = bradley_terry.fit([PairCount("a", "b", 1, 0, 0, 0)], prior=2.0)
    half = (held.ratings[0] - held.ratings[1]) / 2.0 * np.log(10.0) / 400.0
    pull = 1.0 / (1.0 + np.exp(2.0 * half))
    assert pull == pytest.approx(2.0 * (1.0 / (1.0 + np.exp(-half)) - 0.5), rel=1e-9)


@pytest.mark.parametrize("k", [0.5, 4.0, 32.0])
def test_elo_takes_any_k(k):
    rows = [("a", "b", OUTCOMES[0])]
    rated = rate(known(rows), RatingOptions("elo", k=k))
    assert rated.ratings.tolist() == [1000.0 + k / 2.0, 1000.0 - k / 2.0]
