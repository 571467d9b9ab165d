import json
from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.formats import import_file
from arena.ratings import bradley_terry
from arena.ratings.rated import CENTRE, POINTS
from arena.store import Store
from arena.style import control, joint
from arena.style.features import FEATURES, differences
from arena.style.rows import StyleRows
from arena.types import VoteFilter
from tests.arena.ratings.arenas import LLMFAO
from tests.arena.style.simulated import LENGTH, keyed, styled

REFERENCE = Path(__file__).with_name("arena_rank.json")


@pytest.fixture(scope="module")
def llmfao(tmp_path_factory) -> StyleRows:
    if not LLMFAO.exists():
        pytest.skip(f"{LLMFAO} is not there")
    with Store.open(tmp_path_factory.mktemp("home") / "votes.duckdb") as store:
        import_file(store, LLMFAO, "votes")
        return store.styles.rows(VoteFilter(), ("prompt", "voter"))


@pytest.fixture(scope="module")
def reference() -> dict:
    return json.loads(REFERENCE.read_text())


def rated_by(said: dict, names: tuple[str, ...]) -> np.ndarray:
    return np.array([said["ratings"][name] for name in names])


def test_ratings_intervals_and_weights_on_llmfao_are_those_of_arena_rank(llmfao, reference):
    ours, theirs = control.rate(llmfao), rated_by(reference["plain"], llmfao.names)
    assert len(ours.names) == 59
    assert ours.ratings == pytest.approx(theirs[:, 0], rel=1e-5)
    # Shown every vote from both sides, arena-rank takes one vote for two: its intervals are narrower by sqrt(2).
    assert ours.upper - ours.lower == pytest.approx(sqrt(2.0) * (theirs[:, 2] - theirs[:, 1]), rel=1e-3)
    for name, weight in reference["plain"]["coefficients"].items():
        assert ours.parameters[name].value / POINTS == pytest.approx(weight, rel=1e-3)


def test_the_joint_fit_with_its_penalty_and_pair_weights_is_arena_ranks_example(llmfao, reference):
    said, size = reference["as_its_example"], len(llmfao.names)
    votes = llmfao.votes.astype(float)
    x = differences(llmfao.style_a, llmfao.style_b)
    x = x - votes @ x / votes.sum()
    x = x / np.sqrt(votes @ x**2 / votes.sum())
    pair = np.minimum(llmfao.model_a, llmfao.model_b) * size + np.maximum(llmfao.model_a, llmfao.model_b)
    each = 1.0 / np.maximum(np.bincount(pair, votes, size * size)[pair], 50.0)
    each *= votes.sum() / (votes @ each)
    y = np.array([1.0, 0.0, 0.5, 0.5])[llmfao.winner]
    design = joint.Design(size, llmfao.model_a, llmfao.model_b, x, y, votes * each, votes * each**2)
    fitted = joint.fit(design, ridge=votes.sum())
    assert CENTRE + POINTS * fitted.ratings == pytest.approx(rated_by(said, llmfao.names)[:, 0], rel=1e-6)
    assert fitted.slopes == pytest.approx([said["coefficients"][f.name] for f in FEATURES], rel=1e-4)


def test_without_a_feature_the_ratings_are_those_of_the_board(llmfao):
    plain, bare = bradley_terry.fit(llmfao.counts()), control.rate(llmfao, features=())
    assert bare.names == plain.names and not bare.parameters
    for name in ("ratings", "lower", "upper", "covariance"):
        assert getattr(bare, name) == pytest.approx(getattr(plain, name), rel=1e-7, abs=1e-7)


def test_clusters_widen_the_intervals_of_real_people(llmfao):
    alone, voters = control.rate(llmfao), control.rate(llmfao, cluster="voter")
    assert (voters.upper - voters.lower).mean() > (alone.upper - alone.lower).mean()
    assert "124 voters" in voters.basis and "each vote by itself" in alone.basis


def test_length_is_given_its_weight_and_the_ratings_are_freed_of_it():
    truth, rng = np.array([-0.5, 0.0, 0.5]), np.random.default_rng(5)
    rows = styled(truth, 3.0, 20_000, rng, verbose=(4.0, 2.0, 1.0), tie_share=0.0)
    rated = control.rate(rows)
    assert rated.ratings == pytest.approx(CENTRE + POINTS * truth, abs=25.0)
    plain = bradley_terry.fit(rows.counts())
    assert plain.ratings[0] > plain.ratings[2] and rated.ratings[0] < rated.ratings[2]
    spread = np.sqrt((differences(rows.style_a, rows.style_b)[:, LENGTH] ** 2).mean())
    length = rated.parameters["tokens"]
    assert length.lower < POINTS * 3.0 * spread < length.upper
    assert "twice as long is worth +1" in length.words
    for other in ("headers", "lists", "bold"):
        assert abs(rated.parameters[other].value) < 15.0


@given(st.integers(0, 2**32 - 1))
def test_a_vote_says_the_same_whichever_side_was_shown_first(seed):
    rng = np.random.default_rng(seed)
    rows = styled(rng.normal(0.0, 0.5, 4), rng.normal(), 300, rng)
    turned = rng.random(300) < 0.5
    swap = replace(
        rows,
        model_a=np.where(turned, rows.model_b, rows.model_a),
        model_b=np.where(turned, rows.model_a, rows.model_b),
        winner=np.where(turned & (rows.winner < 2), 1 - rows.winner, rows.winner),
        style_a=np.where(turned[:, None], rows.style_b, rows.style_a),
        style_b=np.where(turned[:, None], rows.style_a, rows.style_b),
    )
    one, other = control.rate(rows), control.rate(swap)
    assert other.ratings == pytest.approx(one.ratings, abs=1e-6)
    assert other.upper == pytest.approx(one.upper, abs=1e-6)
    for name, parameter in one.parameters.items():
        assert other.parameters[name].value == pytest.approx(parameter.value, abs=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_votes_and_equal_votes_put_together_change_nothing(seed):
    rng = np.random.default_rng(seed)
    rows = styled(rng.normal(0.0, 0.5, 4), rng.normal(), 200, rng)
    twice = rows.only(np.repeat(True, 200))
    order = rng.permutation(400) % 200
    doubled = replace(
        rows,
        **{
            name: getattr(rows, name)[order]
            for name in ("model_a", "model_b", "winner", "votes", "style_a", "style_b")
        },
    )
    summed = replace(twice, votes=2 * rows.votes)
    one, other = control.rate(summed), control.rate(doubled)
    assert other.ratings == pytest.approx(one.ratings, abs=1e-6)
    assert other.lower == pytest.approx(one.lower, abs=1e-6)


@given(st.integers(0, 2**32 - 1), st.permutations(range(4)))
def test_names_may_be_permuted(seed, order):
    rng = np.random.default_rng(seed)
    rows = styled(rng.normal(0.0, 0.5, 4), rng.normal(), 200, rng)
    named = replace(rows, names=tuple(f"m{place}" for place in order))
    one = dict(zip(rows.names, control.rate(rows).ratings, strict=True))
    rated = control.rate(named)
    other = dict(zip(rated.names, rated.ratings, strict=True))
    for name, new in zip(rows.names, named.names, strict=True):
        assert other[new] == pytest.approx(one[name], abs=1e-6)


def test_a_vote_of_weight_two_pulls_as_two_votes_and_one_of_weight_zero_not_at_all():
    rows = styled((0.0, 0.3, -0.2), 1.0, 400, np.random.default_rng(3))
    weights = np.where(np.arange(400) < 300, 2.0, 0.0)
    kept = rows.only(np.arange(400) < 300)
    assert control.rate(rows, weights=weights).ratings == pytest.approx(
        control.rate(replace(kept, votes=2 * kept.votes)).ratings, abs=1e-6
    )


def test_a_feature_that_never_differs_and_one_that_only_tells_models_apart_have_no_weight():
    rows = styled((0.0, 0.3, -0.2), 0.0, 500, np.random.default_rng(4))
    style_a, style_b = rows.style_a.copy(), rows.style_b.copy()
    style_a[:, 3] = style_b[:, 3] = 2.0
    each = np.array([1.0, 2.0, 4.0])
    rated = control.rate(replace(rows, style_a=style_a, style_b=style_b))
    assert rated.parameters["bold"].upper is None and "too alike" in rated.parameters["bold"].words
    two = rows.only((rows.model_a < 2) & (rows.model_b < 2))
    apart = replace(two, style_a=two.style_a.copy(), style_b=two.style_b.copy())
    apart.style_a[:, 0], apart.style_b[:, 0] = each[two.model_a], each[two.model_b]
    found = control.rate(apart)
    assert found.parameters["tokens"].upper is None and np.isfinite(found.ratings).all()


def test_style_that_explains_every_vote_gets_a_large_weight_and_no_infinite_one():
    rows = styled((0.0, 0.0), 0.0, 40, np.random.default_rng(6))
    longer = rows.style_a[:, LENGTH] > rows.style_b[:, LENGTH]
    rated = control.rate(replace(rows, winner=np.where(longer, 0, 1).astype(np.int8)))
    assert np.isfinite([p.value for p in rated.parameters.values()]).all()
    assert rated.parameters["tokens"].value > 400.0


def test_a_model_without_a_win_stays_provisional_and_open_below():
    rows = styled((0.0, 0.0, 0.0), 1.0, 300, np.random.default_rng(7))
    loser = (rows.model_a == 2) | (rows.model_b == 2)
    winner = np.where(loser, np.where(rows.model_a == 2, 1, 0), rows.winner).astype(np.int8)
    rated = control.rate(replace(rows, winner=winner))
    assert rated.provisional.tolist() == [False, False, True]
    assert rated.lower[2] == -np.inf and np.isfinite(rated.upper[2]) and rated.ratings[2] < CENTRE
    assert "No win or tie yet" in rated.notes[2]


def test_clusters_of_one_vote_are_votes_by_themselves_but_for_the_small_sample():
    rows = styled((0.0, 0.3, -0.2), 1.0, 400, np.random.default_rng(8))
    alone, each = control.rate(rows), control.rate(keyed(rows, np.arange(400)), cluster="voter")
    assert each.covariance == pytest.approx(alone.covariance * 400.0 / 399.0, rel=1e-6)


def test_votes_without_stored_answers_are_counted_and_where_there_are_no_others_refused():
    rows = styled((0.0, 0.3), 1.0, 100, np.random.default_rng(9))
    assert control.rate(replace(rows, unread=7)).remarks[0].startswith("7 votes are left out")
    with pytest.raises(InvalidInput, match="None of the 7 votes"):
        control.rate(replace(rows.only(np.zeros(100, dtype=bool)), unread=7))
    with pytest.raises(InvalidInput, match="No vote matches"):
        control.rate(rows.only(np.zeros(100, dtype=bool)))


@pytest.mark.parametrize("cluster", [None, "voter"])
def test_votes_that_all_went_to_one_model_are_refused_in_a_sentence(cluster):
    rows = styled((0.0, 0.0), 1.0, 5, np.random.default_rng(10))
    swept = replace(rows, winner=np.where(rows.model_a == 0, 0, 1).astype(np.int8))
    with pytest.raises(InvalidInput, match="none of these 2 has: collect more votes"):
        control.rate(keyed(swept, np.arange(5)), cluster=cluster)


@pytest.mark.slow
def test_intervals_of_ratings_and_of_the_weight_of_length_cover_the_truth_in_19_of_20_arenas():
    truth = np.linspace(-0.6, 0.6, 8)
    ratings = slopes = 0
    for seed in range(300):
        rows = styled(truth, 1.5, 1500, np.random.default_rng(seed), verbose=np.linspace(1.0, 3.0, 8))
        rated = control.rate(rows)
        inside = (rated.lower <= CENTRE + POINTS * truth) & (CENTRE + POINTS * truth <= rated.upper)
        ratings += int(inside.sum())
        spread = np.sqrt((differences(rows.style_a, rows.style_b)[:, LENGTH] ** 2).mean())
        length = rated.parameters["tokens"]
        slopes += length.lower <= POINTS * 1.5 * spread <= length.upper
    assert 0.93 <= ratings / (300 * 8) <= 0.97
    assert 0.92 <= slopes / 300 <= 0.98
