from uuid import UUID

import pytest
from krippendorff import alpha

from arena.errors import InvalidInput
from arena.judgments import Failure, Verdict
from arena.types import Winner
from judges.jury import decide, jury_agreement

A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD


def juror(
    winner: Winner | None,
    probability_a: float | None = None,
    strength: int = 1,
    failure: Failure | None = None,
) -> Verdict:
    return Verdict(
        UUID(int=1), "juror", "f", winner, failure=failure, probability_a=probability_a, strength=strength
    )


ABSENT = juror(None, failure=Failure.REFUSED)


def jury(*winners: Winner | Verdict, rule: str = "majority", min_jurors: int = 1) -> Verdict:
    verdicts = [v if isinstance(v, Verdict) else juror(v) for v in winners]
    return Verdict(UUID(int=1), "jury", "f", **decide(verdicts, rule, min_jurors))


def test_more_than_half_decide():
    found = jury(A, A, B)
    assert (found.winner, found.inconsistent) == (A, False)
    assert found.probability_a == pytest.approx(2 / 3)


@pytest.mark.parametrize("winners", [(A, B), (A, B, TIE), (A, A, B, TIE), (A, A, B, B)])
def test_a_split_jury_is_a_tie_marked_inconsistent(winners):
    found = jury(*winners)
    assert (found.winner, found.inconsistent) == (TIE, True)


def test_a_majority_for_a_tie_is_a_plain_tie():
    found = jury(TIE, TIE, A)
    assert (found.winner, found.inconsistent) == (TIE, False)


def test_an_absent_juror_is_not_an_undecided_one():
    assert jury(A, ABSENT, ABSENT).winner is A
    assert jury(A, A, B, ABSENT).winner is A


def test_too_few_jurors_give_no_verdict_and_the_reason_names_them():
    found = jury(A, ABSENT, ABSENT, min_jurors=2)
    assert (found.winner, found.failure) == (None, Failure.REFUSED)
    assert "1 of 3 jurors" in found.detail and "juror: refused" in found.detail
    assert jury(min_jurors=1).failure is Failure.NOT_APPLICABLE


def test_the_mean_lets_a_sure_juror_outweigh_two_unsure_ones():
    verdicts = (juror(A, 0.55), juror(A, 0.55), juror(B, 0.05))
    assert jury(*verdicts).winner is A
    assert jury(*verdicts, rule="mean").winner is B
    assert jury(*verdicts, rule="mean").probability_a == pytest.approx(1.15 / 3)


def test_the_mean_of_opposite_verdicts_is_a_tie():
    found = jury(A, B, rule="mean")
    assert (found.winner, found.inconsistent, found.probability_a) == (TIE, False, 0.5)


def test_two_bad_answers_are_bad_under_either_rule():
    assert jury(BAD, BAD, A).winner is BAD
    assert jury(BAD, BAD, A, rule="mean").winner is BAD


def test_strength_needs_more_than_half_of_the_jury():
    strong = juror(A, strength=3)
    assert jury(strong, strong, A).strength == 3
    assert jury(strong, A, A).strength == 1
    assert jury(strong, B, TIE).strength == 1


def test_an_unknown_rule_is_refused():
    with pytest.raises(InvalidInput, match="majority"):
        jury(A, rule="loudest")
    with pytest.raises(InvalidInput):
        jury(A, min_jurors=0)


def test_the_jurys_agreement_is_krippendorffs_alpha():
    winners = [[A, A, A], [A, B, A], [B, B, None], [TIE, TIE, TIE], [None, None, A]]
    found = jury_agreement([[juror(w) for w in unit] for unit in winners])
    codes = {A: 0, B: 1, TIE: 2}
    reliability = [[None if unit[i] is None else codes[unit[i]] for unit in winners] for i in range(3)]
    expected = alpha(
        [[float("nan") if v is None else v for v in row] for row in reliability],
        level_of_measurement="nominal",
    )
    assert found.alpha.value == pytest.approx(expected)
    assert (found.battles, found.unanimous) == (4, 3)
