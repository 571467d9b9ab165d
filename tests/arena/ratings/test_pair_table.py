"""A table of pair counts reads as the sequence of counts it stands for, and rates the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.ratings.pair_table import PairTable
from arena.ratings.tally import tally
from arena.types import OUTCOMES, PairCount, Winner

NAMES = ("zoe", "ada", "bob", "cleo")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(range(4)),
        st.sampled_from(range(4)),
        st.lists(st.integers(0, 3), min_size=4, max_size=4),
    ).filter(lambda row: row[0] != row[1]),
    unique_by=lambda row: row[:2],
    max_size=12,
)


def table_of(rows) -> PairTable:
    a, b = (np.array([row[side] for row in rows], dtype=np.int64) for side in (0, 1))
    votes = np.array([row[2] for row in rows], dtype=np.int64).reshape(-1, 4)
    return PairTable.of(NAMES, a, b, votes)


def counted(rows) -> list[PairCount]:
    sums = {}
    for a, b, votes in rows:
        names, seen = (NAMES[a], NAMES[b]), dict(zip(OUTCOMES, votes, strict=True))
        if names[0] > names[1]:
            names, seen = names[::-1], {winner.swapped(): n for winner, n in seen.items()}
        have = sums.setdefault(names, dict.fromkeys(OUTCOMES, 0))
        for winner in OUTCOMES:
            have[winner] += seen[winner]
    return [PairCount(*names, *seen.values()) for names, seen in sorted(sums.items()) if any(seen.values())]


@given(ROWS)
def test_a_table_is_the_sequence_of_its_counts_whichever_way_they_came(rows):
    table, wanted = table_of(rows), counted(rows)
    assert table == wanted
    assert [table[i] for i in range(len(table))] == wanted
    assert table[1:] == wanted[1:]


@given(ROWS)
def test_a_tally_of_a_table_is_the_tally_of_its_counts(rows):
    quick, plain = tally(table_of(rows)), tally(counted(rows))
    assert quick.names == plain.names
    assert np.array_equal(quick.wins, plain.wins)
    assert np.array_equal(quick.ties, plain.ties)


@given(ROWS, st.sampled_from(range(4)), st.sampled_from(range(4)), st.sampled_from(Winner))
def test_less_a_vote_is_the_table_of_the_votes_without_it(rows, a, b, winner):
    if a == b:
        return
    table, one = table_of(rows), [0, 0, 0, 0]
    one[OUTCOMES.index(winner)] = 1
    assert table_of([*_joined(rows, (a, b, one))]).less((NAMES[a], NAMES[b]), winner) == table


@given(ROWS)
def test_the_records_of_a_table_are_those_of_its_counts(rows):
    records = {}
    for count in counted(rows):
        for name, won, lost in (
            (count.model_a, count.wins_a, count.wins_b),
            (count.model_b, count.wins_b, count.wins_a),
        ):
            wins, losses, ties = records.get(name, (0, 0, 0))
            records[name] = (wins + won, losses + lost, ties + count.ties + count.both_bad)
    assert table_of(rows).records() == records


def test_less_a_vote_that_was_never_cast_changes_nothing():
    table = table_of([(0, 1, [1, 0, 0, 0])])
    assert table.less(("zoe", "ada"), Winner.TIE) is table
    assert table.less(("zoe", "nobody"), Winner.TIE) is table


def test_a_table_cannot_be_written_to():
    table = table_of([(0, 1, [1, 0, 0, 0])])
    with pytest.raises(AttributeError):
        table.names = ()
    with pytest.raises(TypeError):
        table[0] = PairCount("a", "b", 0, 0, 0, 0)


def _joined(rows, more):
    same = [row for row in rows if row[:2] == more[:2]]
    others = [row for row in rows if row[:2] != more[:2]]
    votes = [x + y for x, y in zip(same[0][2] if same else [0] * 4, more[2], strict=True)]
    return [*others, (*more[:2], votes)]
