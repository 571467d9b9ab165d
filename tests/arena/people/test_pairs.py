"""Judges are held against each other on the battles both voted on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.judgments import JointVotes
from arena.people.pairs import between
from arena.statistics import cohen_kappa, share
from arena.types import Voter, VoterKind

GPT, OTHER = Voter(VoterKind.JUDGE, "gpt"), Voter(VoterKind.SIMULATED, "other")


def joint(first, second):
    counts = np.zeros((3, 3), dtype=int)
    np.add.at(counts, (first, second), 1)
    return JointVotes(GPT, OTHER, tuple(tuple(row) for row in counts.tolist()))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60))
def test_the_counts_give_the_kappa_of_the_votes_themselves(pairs):
    first, second = zip(*pairs, strict=True)
    (found,) = between([joint(first, second)])
    assert found.battles == len(pairs)
    expected = cohen_kappa(first, second)
    for end in ("value", "lower", "upper"):
        assert getattr(found.kappa, end) == pytest.approx(getattr(expected, end), abs=1e-9), end
    same = share(np.array([a == b for a, b in pairs], dtype=float), np.ones(len(pairs)))
    assert found.same.value == pytest.approx(same.value)


def test_two_who_share_no_battle_have_no_agreement():
    (found,) = between([JointVotes(GPT, OTHER, ((0, 0, 0),) * 3)])
    assert (found.battles, found.kappa.value, found.same.value) == (0, None, None)
