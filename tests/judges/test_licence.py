import numpy as np
import pytest

from arena.types import Voter, VoterKind
from judges.agreement import measure
from judges.licence import Bar, licence
from tests.judges.judged import drawn, written

JUDGE = Voter(VoterKind.JUDGE, "gpt")


def judged(seed=0, battles=800, people=3, own=None, **judge):
    return measure(JUDGE, drawn(np.random.default_rng(seed), battles, people, **judge), own=own)


def test_a_judge_as_good_as_another_person_passes_though_people_agree_little():
    found = licence(judged(), Bar())
    assert found.granted
    assert found.needed < 0.4
    assert "κ" in found.reason


def test_too_few_shared_battles_give_no_licence_and_say_how_many_are_missing():
    found = licence(judged(battles=49), Bar())
    assert not found.granted
    assert "49 of 50" in found.reason and "1 more" in found.reason


def test_a_judge_that_guesses_has_no_licence():
    found = licence(judged(noise=1.0), Bar())
    assert not found.granted
    assert "lower end" in found.reason


def test_the_lower_end_counts_not_the_value():
    few, many = judged(battles=60), judged(battles=3000)
    bar = Bar(min_kappa=many.overall.judge_kappa.value - 0.04, of_people=1.0)
    assert not licence(few, bar).granted
    assert licence(many, Bar(min_kappa=bar.min_kappa, of_people=0.9)).granted


@pytest.mark.parametrize(("own", "says"), [(None, "longer answer"), (frozenset({"ada"}), "own family")])
def test_a_judge_that_surely_goes_by_length_or_family_has_no_licence(own, says):
    bar = Bar(min_kappa=0.05)
    assert licence(judged(pull=0.0, own=own), bar).granted
    found = licence(judged(pull=0.3, own=own), bar)
    assert not found.granted
    assert says in found.reason


def test_a_bias_that_is_not_sure_is_not_held_against_a_judge():
    found = judged(seed=3, battles=100, pull=0.15, sharp=3.0)
    assert found.bias("length").pull.lower < 0.1 < found.bias("length").pull.upper
    assert licence(found, Bar(min_kappa=0.0)).granted


def test_position_counts_only_where_the_judge_was_asked_in_one_order():
    outcomes = "ab" * 100
    people = [2 * side for side in outcomes]
    one_order = measure(JUDGE, written("a" * 100 + outcomes[:100], people))
    assert "shown first" in licence(one_order, Bar(min_kappa=0.0)).reason
    both = measure(JUDGE, written("t" * 100 + outcomes[:100], people, forward="a" * 200, backward="b" * 200))
    assert both.bias("position").pull.value == 1.0
    assert "shown first" not in licence(both, Bar(min_kappa=0.0)).reason


def test_a_judge_that_always_says_the_same_cannot_show_its_agreement():
    found = licence(measure(JUDGE, written("t" * 60, ["t"] * 60)), Bar())
    assert not found.granted
    assert "cannot be computed" in found.reason


def test_where_people_do_not_surely_agree_the_full_kappa_is_needed():
    people = ["ab", "ba", "at", "tb"] * 30
    assert licence(measure(JUDGE, written("abab" * 30, people)), Bar()).needed == 0.4
