import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from arena.judgments import Failure
from arena.statistics import cohen_kappa
from arena.types import Voter, VoterKind
from judges.agreement import measure
from tests.judges.judged import drawn, swapped, written

JUDGE = Voter(VoterKind.JUDGE, "gpt")


def test_with_one_person_a_battle_kappa_is_cohens_of_the_two():
    judge, person = "aabbttabta", "abbbtaaata"
    found = measure(JUDGE, written(judge, list(person))).overall
    assert found.judge.value == pytest.approx(sum(map(str.__eq__, judge, person)) / 10)
    assert found.judge_kappa.value == pytest.approx(cohen_kappa_score(list(judge), list(person)))
    assert found.people_kappa.value is None


def test_several_people_on_a_battle_weigh_as_much_as_one():
    # Equal to 2 of 3, 1 of 1, 0 of 2 people.
    found = measure(JUDGE, written("aba", ["aab", "b", "bt"])).overall
    assert found.judge.value == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert (found.battles, found.votes) == (3, 6)
    rows = [
        ("a", "a", 1 / 3),
        ("a", "a", 1 / 3),
        ("a", "b", 1 / 3),
        ("b", "b", 1),
        ("a", "b", 1 / 2),
        ("a", "t", 1 / 2),
    ]
    judge, people, weights = zip(*rows, strict=True)
    assert found.judge_kappa.value == pytest.approx(cohen_kappa_score(judge, people, sample_weight=weights))
    by_pair = cohen_kappa(judge, people, weights=weights, clusters=[0, 0, 0, 1, 2, 2])
    assert (found.judge_kappa.lower, found.judge_kappa.upper) == pytest.approx((by_pair.lower, by_pair.upper))


def test_without_ties_only_pairs_that_both_decide_count():
    # Decided pairs: a with aab (2 of 3), b with b; the judge's tie and people's ties are out.
    found = measure(JUDGE, written("abt", ["aab", "bt", "a"])).overall
    assert found.judge_decided.value == pytest.approx((2 / 3 + 1 / 2) / (1 + 1 / 2))


def test_the_ceiling_is_two_different_people_on_a_battle():
    # Pairs that agree: 1 of 3, all, none; the battle with one vote has no pair.
    found = measure(JUDGE, written("aaaa", ["aab", "bb", "at", "a"])).overall
    assert found.people.value == pytest.approx((1 / 3 + 1 + 0) / 3)
    assert found.people.n == 3
    # Decided pairs are 3 of 3, 1 of 1 and 0 of 1.
    assert found.people_decided.value == pytest.approx((1 / 3 + 1) / 2)


def test_a_judge_that_is_another_person_reaches_the_ceiling():
    found = measure(JUDGE, drawn(np.random.default_rng(0), 20_000, 3)).overall
    for judge, people in (
        (found.judge, found.people),
        (found.judge_decided, found.people_decided),
        (found.judge_kappa, found.people_kappa),
    ):
        assert judge.value == pytest.approx(people.value, abs=0.02)


def test_the_interval_of_kappa_covers_what_another_person_reaches():
    rng = np.random.default_rng(9)
    truth = measure(JUDGE, drawn(rng, 200_000, 3)).overall.judge_kappa.value
    found = [measure(JUDGE, drawn(rng, 120, 3)).overall.judge_kappa for _ in range(200)]
    assert 180 <= sum(figure.lower <= truth <= figure.upper for figure in found) <= 199


def test_exchanging_the_sides_changes_nothing():
    battles = drawn(np.random.default_rng(3), 150, 3)
    one, other = measure(JUDGE, battles).overall, measure(JUDGE, swapped(battles)).overall
    for name in ("judge", "judge_decided", "judge_kappa", "people", "people_kappa"):
        assert getattr(one, name).lower == pytest.approx(getattr(other, name).lower)


def test_battles_without_a_persons_vote_are_judged_but_say_nothing_of_agreement():
    found = measure(JUDGE, written("aab", ["a", "", "b"]))
    assert (found.judged, found.overall.battles) == (3, 2)


def test_each_category_and_language_has_a_row_when_there_are_several():
    found = measure(
        JUDGE,
        written("abab", ["a", "b", "b", "b"], category=["maths", "maths", "code", ""], language=["en"] * 4),
    )
    assert [(row.by, row.group, row.battles) for row in found.rows] == [
        ("category", "", 1),
        ("category", "code", 1),
        ("category", "maths", 2),
    ]
    assert found.rows[2].judge.value == 1.0


def test_consistency_counts_battles_judged_in_both_orders():
    found = measure(JUDGE, written("aatb", ["a"] * 4, forward="aaa-", backward="aab-"))
    assert (found.consistency.value, found.consistency.n) == (pytest.approx(2 / 3), 3)


def test_own_models_that_are_not_known_or_never_met_are_unknown_with_the_reason():
    battles = written("a", ["a"])
    assert "not known" in measure(JUDGE, battles).bias("family").note
    missing = measure(JUDGE, battles, own=frozenset({"zed"})).bias("family")
    assert missing.pull.value is None
    assert "judged battle" in missing.note


def test_a_judge_without_votes_has_unknown_figures():
    found = measure(JUDGE, written("", []), failures={Failure.REFUSED: 3})
    assert (found.judged, found.overall.battles, found.overall.judge.value) == (0, 0, None)
    assert found.failures == {Failure.REFUSED: 3}
    assert [one.pull.value for one in found.biases] == [None, None, None]
