from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.statistics import (
    UNKNOWN,
    alpha_of,
    balance,
    cohen_kappa,
    grouped,
    jackknife,
    krippendorff_alpha,
    mean,
    quotient,
    share,
    student,
    wilson,
)

LABELS = st.sampled_from(["a", "b", "tie"])
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=2, max_size=40)
UNITS = st.lists(st.lists(st.one_of(st.none(), LABELS), min_size=4, max_size=4), min_size=2, max_size=30)


def test_kappa_by_hand():
    # 20 of 50 both yes, 15 both no: agreement 0.7, chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    found = cohen_kappa(first, second)
    assert found.value == pytest.approx(0.4)
    # Fleiss, Cohen and Everitt's large-sample error is 0.13.
    assert found.upper - found.lower == pytest.approx(2 * 1.96 * 0.13, rel=0.05)
    assert found.n == 50


@given(PAIRS)
def test_kappa_equals_an_independent_implementation(pairs):
    from sklearn.metrics import cohen_kappa_score

    first, second = zip(*pairs, strict=True)
    found = cohen_kappa(first, second)
    if len({*first, *second}) == 1:
        assert found.value is None
        return
    assert found.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-9)
    assert -1 - 1e-9 <= found.lower <= found.value + 1e-9
    assert found.value <= found.upper + 1e-9 <= 1 + 2e-9


@given(PAIRS, st.data())
def test_weighted_kappa_equals_an_independent_implementation(pairs, data):
    from sklearn.metrics import cohen_kappa_score

    first, second = zip(*pairs, strict=True)
    weights = data.draw(st.lists(st.sampled_from([0.25, 0.5, 1.0]), min_size=len(pairs), max_size=len(pairs)))
    if len({*first, *second}) > 1:
        theirs = cohen_kappa_score(first, second, sample_weight=weights)
        assert cohen_kappa(first, second, weights=weights).value == pytest.approx(theirs, abs=1e-9)


@given(PAIRS)
def test_kappa_does_not_care_who_is_first_or_how_labels_are_called(pairs):
    first, second = zip(*pairs, strict=True)
    other = {"a": 7, "b": 1, "tie": 3}
    one, turned = (
        cohen_kappa(first, second),
        cohen_kappa([other[x] for x in second], [other[x] for x in first]),
    )
    for end in ("value", "lower", "upper"):
        assert getattr(one, end) == pytest.approx(getattr(turned, end))


@pytest.mark.parametrize("each", [2 / 3, 0.1, 1 / 7])
def test_clusters_that_are_all_alike_leave_a_width_whatever_the_rounding(each):
    found = share(np.full(6, each), np.ones(6))
    assert found.upper - found.lower > 0.4


def test_voters_who_always_say_one_thing_have_no_kappa():
    assert cohen_kappa(["a"] * 5, ["a"] * 5).value is None
    assert cohen_kappa([], []) == UNKNOWN


def test_full_agreement_is_one_and_its_interval_keeps_a_width():
    found = cohen_kappa(["a", "b"] * 10, ["a", "b"] * 10)
    assert (found.value, found.upper) == (1.0, 1.0)
    assert 0.5 < found.lower < 0.8
    assert cohen_kappa(["a", "b"] * 100, ["a", "b"] * 100).lower > 0.95


def test_copies_of_the_same_votes_in_one_cluster_do_not_narrow_the_interval():
    rng = np.random.default_rng(3)
    first = rng.integers(0, 3, 80)
    second = np.where(rng.random(80) < 0.6, first, rng.integers(0, 3, 80))
    once = cohen_kappa(first.tolist(), second.tolist())
    five = np.repeat(np.arange(80), 5)
    copied = cohen_kappa(first[five].tolist(), second[five].tolist(), clusters=five)
    assert (copied.value, copied.n) == (pytest.approx(once.value), once.n)
    assert (copied.lower, copied.upper) == pytest.approx((once.lower, once.upper))


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(InvalidInput, match="there are 2 and 1"):
        cohen_kappa(["a", "b"], ["a"])


@given(UNITS)
def test_alpha_equals_an_independent_implementation(units):
    import krippendorff

    found = krippendorff_alpha(units)
    kept = [unit for unit in units if sum(x is not None for x in unit) > 1]
    labels = {x for unit in kept for x in unit if x is not None}
    if len(labels) < 2:
        assert found.value is None
        return
    code = {"a": 0, "b": 1, "tie": 2, None: np.nan}
    data = np.array([[code[x] for x in unit] for unit in kept], dtype=float).T
    theirs = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal", value_domain=[0, 1, 2])
    assert found.value == pytest.approx(theirs, abs=1e-9)
    assert found.n == len(kept)


def test_alpha_of_krippendorffs_own_example():
    # Krippendorff (2011), the nominal case with four observers, twelve units and missing data: 0.743.
    table = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    rows = [[None if x == "." else x for x in line.split()] for line in table]
    assert krippendorff_alpha([*zip(*rows, strict=True)]).value == pytest.approx(0.743, abs=5e-4)


def test_alpha_from_counts_is_alpha_from_labels():
    counts = np.array([[3.0, 0.0], [1.0, 1.0], [0.0, 4.0], [1.0, 0.0]])
    labels = [["x"] * 3, ["x", "y"], ["y"] * 4, ["x"]]
    assert alpha_of(counts) == krippendorff_alpha(labels)


def test_without_two_labels_on_any_unit_alpha_is_unknown():
    assert krippendorff_alpha([["a", None], [None, "b"]]) == UNKNOWN
    assert krippendorff_alpha([["a", "a"]]).value is None


def test_a_share_of_single_trials_has_wilsons_interval_with_students_quantile():
    found = share(np.array([1.0] * 7 + [0.0] * 3), np.ones(10))
    trials = 10 * 9 / 10  # the jackknife error divides by n - 1
    assert (found.lower, found.upper) == pytest.approx(wilson(0.7 * trials, trials, student(9)))
    assert share(np.zeros(3), np.zeros(3)) == UNKNOWN


def test_one_cluster_has_a_value_and_no_interval():
    found = share(np.array([3.0]), np.array([4.0]))
    assert (found.value, found.lower, found.upper, found.n) == (0.75, None, None, 1)


@pytest.mark.parametrize(("degrees", "quantile"), [(3, 3.182), (9, 2.262), (49, 2.0096), (10_000, 1.9602)])
def test_students_quantile(degrees, quantile):
    assert student(degrees) == pytest.approx(quantile, rel=0.01)


def test_a_share_without_trials_is_refused():
    with pytest.raises(InvalidInput, match="1 of 0"):
        wilson(1, 0)


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(1).normal(size=200)
    totals = np.column_stack([values, np.ones(200)])
    value, error = jackknife(totals, lambda sums: sums[..., 0] / sums[..., 1])
    assert (value, error) == pytest.approx((values.mean(), values.std(ddof=1) / np.sqrt(200)))
    assert isnan(jackknife(totals[:1], lambda sums: sums[..., 0])[1])
    found = mean(totals, lambda sums: sums[..., 0] / sums[..., 1])
    assert found.upper - found.lower == pytest.approx(2 * student(199) * error)


def test_balance_is_a_mean_whose_interval_keeps_a_width():
    assert balance(np.array([1.0, 0.0, -1.0, 1.0])).value == 0.25
    none = balance(np.zeros(50))
    assert none.lower < 0.0 < none.upper
    # Bonett and Price (2012) by hand: 50 and two more values, of which two are not 0.
    assert none.upper == pytest.approx(1.96 * np.sqrt(2) / 52, abs=1e-4)
    assert balance(np.array([])) == UNKNOWN


def test_a_quotient_of_sure_sums_is_their_ratio_with_a_narrow_interval():
    rng = np.random.default_rng(2)
    totals = np.column_stack([rng.normal(2.0, 0.5, 400), rng.normal(4.0, 0.5, 400)])
    found = quotient(totals, lambda sums: (sums[..., 0], sums[..., 1]))
    assert found.value == pytest.approx(totals[:, 0].sum() / totals[:, 1].sum())
    error = jackknife(totals, lambda sums: sums[..., 0] / sums[..., 1])[1]
    assert found.upper - found.lower == pytest.approx(2 * student(399) * error, rel=0.01)


def test_a_quotient_by_what_may_be_zero_is_unknown():
    totals = np.column_stack([np.ones(30), np.random.default_rng(3).normal(0.0, 1.0, 30)])
    assert quotient(totals, lambda sums: (sums[..., 0], sums[..., 1])).value is None


def test_fiellers_interval_covers_where_the_divisor_is_unsure():
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(400):
        totals = np.column_stack([rng.normal(1.0, 2.0, 40), rng.normal(1.0, 2.0, 40)])
        found = quotient(totals, lambda sums: (sums[..., 0], sums[..., 1]))
        hits += found.value is None or found.lower <= 1.0 <= found.upper
    assert hits >= 365


def test_rows_are_summed_by_cluster():
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert grouped(rows, ["x", "y", "x"]).tolist() == [[6.0, 8.0], [3.0, 4.0]]
    with pytest.raises(InvalidInput, match="clusters of 1"):
        grouped(rows, ["x"])


def test_intervals_of_clustered_votes_cover_the_truth():
    """Three people vote on a battle with one latent outcome; the judge is asked once a battle."""
    rng = np.random.default_rng(11)
    kappa_hits = share_hits = alpha_hits = 0
    rounds, battles = 400, 60

    def voted(truth, right):
        return np.where(rng.random(truth.shape) < right, truth, rng.integers(0, 3, truth.shape))

    def sample(n):
        latent = np.repeat(rng.choice(3, (n, 1), p=[0.4, 0.35, 0.25]), 3, axis=1)
        return voted(latent[:, :1], 0.8), voted(latent, 0.7)

    def figures(judge, people):
        rows = np.repeat(judge[:, 0], 3), people.ravel(), np.repeat(np.arange(len(judge)), 3)
        counts = np.stack([(people == label).sum(axis=1) for label in range(3)], axis=1).astype(float)
        agreeing = (people == judge).sum(axis=1).astype(float)
        return (
            cohen_kappa(rows[0].tolist(), rows[1].tolist(), clusters=rows[2]),
            share(agreeing, np.full(len(judge), 3.0)),
            alpha_of(counts),
        )

    truth = [figure.value for figure in figures(*sample(200_000))]
    for _ in range(rounds):
        found = figures(*sample(battles))
        inside = [f.lower <= t <= f.upper for f, t in zip(found, truth, strict=True)]
        kappa_hits, share_hits, alpha_hits = (
            kappa_hits + inside[0],
            share_hits + inside[1],
            alpha_hits + inside[2],
        )
    # 95 % of 400 is 380 with a standard deviation of 4.4.
    for hits in (kappa_hits, share_hits, alpha_hits):
        assert 365 <= hits <= 396
