"""How annotators do: agreement, attention, pace and habits."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.reviews import ReviewVote
from arena.types import Voter, VoterKind, Winner
from judges.annotators import agreement_with_others, pace, report

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD


def person(name: str) -> Voter:
    return Voter(VoterKind.HUMAN, name)


def vote(who: str, battle: int, winner: Winner, at: float = 0, expected: Winner | None = None) -> ReviewVote:
    return ReviewVote(UUID(int=battle), person(who), winner, NOON + timedelta(seconds=at), expected)


def row(found, who: str):
    return next(one for one in found.people if one.voter == person(who))


def test_agreement_is_the_share_of_others_votes_that_equal_mine_battle_by_battle():
    votes = [
        vote("anna", 1, A), vote("ben", 1, A), vote("cleo", 1, B),
        vote("anna", 2, B), vote("ben", 2, B),
        vote("anna", 3, A),
    ]  # fmt: skip
    found = report(votes)
    assert row(found, "anna").agreement.value == pytest.approx((0.5 + 1) / 2)
    assert row(found, "anna").agreement.n == 2
    assert row(found, "cleo").agreement.value == 0
    assert found.shared == 2
    assert found.agreement.value == pytest.approx((1 / 3 + 1) / 2)


def test_a_tie_and_both_bad_are_one_outcome():
    found = report([vote("anna", 1, TIE), vote("ben", 1, BAD)])
    assert found.agreement.value == 1
    assert row(found, "anna").outcomes == {A: 0, B: 0, TIE: 1, BAD: 0}


outcomes = st.sampled_from([A, B, TIE, BAD])


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["anna", "ben", "cleo", "dov"]), st.integers(0, 9)), outcomes, max_size=40
    )
)
def test_alpha_equals_that_of_an_independent_implementation(labels):
    votes = [vote(who, battle, winner) for (who, battle), winner in labels.items()]
    found = report(votes)
    names, battles = ["anna", "ben", "cleo", "dov"], range(10)
    codes = {A: 0.0, B: 1.0, TIE: 2.0, BAD: 2.0}
    table = np.array([[codes[labels[n, b]] if (n, b) in labels else np.nan for b in battles] for n in names])
    several = (~np.isnan(table)).sum(axis=0) > 1
    kept = table[:, several]
    if not several.any() or len(np.unique(kept[~np.isnan(kept)])) < 2:
        assert found.alpha.value is None
        return
    assert found.alpha.value == pytest.approx(
        krippendorff.alpha(reliability_data=kept, level_of_measurement="nominal"), abs=1e-9
    )


def test_attention_pairs_count_as_passed_or_failed_and_in_nothing_else():
    votes = [
        vote("anna", 1, A), vote("ben", 1, A),
        vote("anna", 90, A, expected=A), vote("ben", 90, BAD, expected=A), vote("ben", 91, B, expected=B),
    ]  # fmt: skip
    found = report(votes)
    assert (row(found, "anna").attention_met, row(found, "anna").attention_passed) == (1, 1)
    assert (row(found, "ben").attention_met, row(found, "ben").attention_passed) == (2, 1)
    assert row(found, "ben").votes == 1
    assert found.shared == 1
    assert "Failed 1 of 2 attention pairs." in row(found, "ben").notes
    assert row(found, "anna").notes == ()


def test_who_only_met_attention_pairs_or_only_skipped_is_listed_too():
    found = report([vote("anna", 90, A, expected=A)], {person("ben"): 3})
    assert (row(found, "anna").votes, row(found, "anna").attention_met) == (0, 1)
    assert (row(found, "ben").votes, row(found, "ben").skips) == (0, 3)
    assert row(found, "ben").seconds is None
    assert row(found, "ben").agreement.value is None


def test_pace_is_the_median_without_breaks():
    at = [NOON + timedelta(seconds=s) for s in (0, 10, 30, 5000, 5012)]
    assert pace(at) == 12
    assert pace(at[::-1]) == 12
    assert pace(at[:1]) is None
    assert pace([at[0], at[3]]) is None


def test_who_presses_too_quickly_is_noted():
    found = report([vote("anna", n, A if n % 2 else B, at=2.0 * n) for n in range(6)])
    assert any("too quick" in note for note in row(found, "anna").notes)
    slow = report([vote("anna", n, A if n % 2 else B, at=20.0 * n) for n in range(6)])
    assert row(slow, "anna").notes == ()


@pytest.mark.parametrize(("side", "letter"), [(A, "A"), (B, "B")])
def test_who_always_takes_one_side_is_noted(side, letter):
    found = report([vote("anna", n, side, at=30.0 * n) for n in range(12)])
    assert row(found, "anna").notes == (f"Chooses {letter} too often for shuffled sides.",)


def test_a_few_votes_for_one_side_are_not_noted():
    found = report([vote("anna", n, A, at=30.0 * n) for n in range(4)])
    assert row(found, "anna").notes == ()


def test_who_surely_agrees_less_than_the_others_is_noted():
    votes = []
    for battle in range(60):
        truth = A if battle % 2 else B
        votes += [vote(who, battle, truth, at=30.0 * battle) for who in ("anna", "ben", "cleo")]
        votes.append(vote("dov", battle, truth.swapped(), at=30.0 * battle))
    found = report(votes)
    assert any("surely less" in note for note in row(found, "dov").notes)
    assert row(found, "anna").notes == ()


def test_people_with_most_votes_come_first_and_nobody_gives_an_empty_report():
    found = report([vote("ben", 1, A), vote("anna", 1, A), vote("anna", 2, A)])
    assert [one.voter.name for one in found.people] == ["anna", "ben"]
    nothing = report([])
    assert nothing.people == () and nothing.alpha.value is None and nothing.agreement.value is None


def test_agreement_leaves_out_battles_nobody_else_voted_on():
    found = agreement_with_others([0, 1, 2], np.array([[2.0, 0, 0], [0, 0, 0], [1, 0, 1]]))
    assert (found.value, found.n) == (0.75, 2)
    assert agreement_with_others([], np.zeros((0, 3))).value is None
