import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.judgments import Failure, Verdict
from arena.types import Winner
from judges.pairwise import combine, in_battle_order, soft
from judges.reading import Unreadable
from tests.judges.asked import battle

A, B, TIE, BAD = (w.value for w in (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD))


def reading(winner: str, strength: int = 1, probability_a: float | None = None) -> dict:
    return {"winner": winner, "strength": strength, "probability_a": probability_a, "explanation": ""}


def verdict(fields: dict) -> Verdict:
    return Verdict(battle(("a", "b")).battle_id, "judge", "f", **fields)


def test_orders_that_agree_give_the_verdict():
    found = verdict(combine(reading(A), reading(B)))
    assert (found.winner, found.inconsistent) == (Winner.MODEL_A, False)
    assert (found.forward, found.backward) == (Winner.MODEL_A, Winner.MODEL_A)


def test_a_judge_that_takes_whichever_stands_first_gives_an_inconsistent_tie():
    found = verdict(combine(reading(A), reading(A)))
    assert (found.winner, found.inconsistent, found.failure) == (Winner.TIE, True, None)
    assert (found.forward, found.backward) == (Winner.MODEL_A, Winner.MODEL_B)


@pytest.mark.parametrize(("forward", "backward"), [(A, TIE), (TIE, A), (BAD, TIE), (B, BAD)])
def test_any_difference_between_the_orders_is_an_inconsistent_tie(forward, backward):
    found = verdict(combine(reading(forward), reading(backward)))
    assert (found.winner, found.inconsistent) == (Winner.TIE, True)


@pytest.mark.parametrize("winner", [TIE, BAD])
def test_ties_and_two_bad_answers_agree_with_themselves(winner):
    found = verdict(combine(reading(winner), reading(winner)))
    assert (found.winner, found.inconsistent) == (winner, False)


def test_one_failed_order_leaves_no_verdict_and_says_which():
    cut = Unreadable(Failure.TRUNCATED, "It was cut.")
    found = verdict(combine(reading(A), cut))
    assert (found.winner, found.failure, found.detail) == (
        None,
        Failure.TRUNCATED,
        "With B shown first: It was cut.",
    )
    assert (found.forward, found.backward) == (Winner.MODEL_A, None)
    found = verdict(combine(cut, reading(A)))
    assert (found.winner, found.forward, found.backward) == (None, None, Winner.MODEL_B)
    assert found.detail == "With A shown first: It was cut."
    found = verdict(combine(cut))
    assert (found.winner, found.detail) == (None, "It was cut.")


def test_a_judge_asked_once_decides_by_that():
    found = verdict(combine(reading(B, 3, 0.2)))
    assert (found.winner, found.strength, found.probability_a) == (Winner.MODEL_B, 3, 0.2)
    assert (found.backward, found.inconsistent) == (None, False)


def test_the_soft_verdict_is_the_mean_of_both_orders():
    assert combine(reading(A, probability_a=0.9), reading(B, probability_a=0.3))[
        "probability_a"
    ] == pytest.approx(0.8)
    assert combine(reading(A, probability_a=0.9), reading(B))["probability_a"] is None


def test_a_verdict_is_strong_only_if_both_orders_are():
    assert combine(reading(A, 3), reading(B, 3))["strength"] == 3
    assert combine(reading(A, 3), reading(B, 1))["strength"] == 1
    assert combine(reading(A, 3), reading(A, 3))["strength"] == 1


def test_a_hard_verdict_counts_as_one_half_or_nothing():
    assert soft(verdict(combine(reading(A)))) == 1.0
    assert soft(verdict(combine(reading(B)))) == 0.0
    assert soft(verdict(combine(reading(BAD)))) == 0.5
    assert soft(verdict(combine(reading(A), reading(A)))) == 0.5
    assert soft(verdict(combine(reading(A, probability_a=0.7)))) == 0.7
    assert soft(verdict(combine(Unreadable(Failure.REFUSED, "No.")))) is None


READINGS = st.builds(
    reading, st.sampled_from([A, B, TIE, BAD]), st.sampled_from([1, 3]), st.none() | st.floats(0, 1)
)


@given(READINGS, READINGS)
def test_exchanging_the_sides_exchanges_the_verdict(forward, backward):
    """The same answers on the other sides: what was asked forward is now asked backward."""
    found, exchanged = combine(forward, backward), combine(backward, forward)
    assert exchanged["winner"] == found["winner"].swapped()
    assert (exchanged["strength"], exchanged["inconsistent"]) == (found["strength"], found["inconsistent"])
    if found["probability_a"] is not None:
        assert exchanged["probability_a"] == pytest.approx(1 - found["probability_a"])


@given(READINGS)
def test_turning_twice_changes_nothing(given_reading):
    back = in_battle_order(in_battle_order(given_reading))
    assert back["winner"] == given_reading["winner"]
    assert back["probability_a"] == pytest.approx(given_reading["probability_a"], abs=1e-12)


def test_scores_are_turned_along():
    assert in_battle_order({"winner": A, "probability_a": None, "scores": [8.0, 3.0]})["scores"] == [3.0, 8.0]
