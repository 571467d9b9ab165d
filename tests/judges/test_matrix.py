"""The matrix counts each battle once, by what the judge said and what most people said."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arena.judgments import JudgedBattles
from judges.agreement import matrix


def battles(judge, people):
    n = len(judge)
    none = np.full(n, -1)
    return JudgedBattles(
        names=("ada", "bob"),
        model_a=np.zeros(n, dtype=np.int32),
        model_b=np.ones(n, dtype=np.int32),
        judge=np.array(judge, dtype=np.int8),
        people=np.array(people, dtype=np.int32).reshape(n, 3),
        forward=none.astype(np.int8),
        backward=none.astype(np.int8),
        length_a=none,
        length_b=none,
        category=np.array([""] * n, dtype=object),
        language=np.array([""] * n, dtype=object),
    )


def test_rows_are_the_judges_outcomes_and_columns_peoples_majority():
    found = matrix(battles([0, 0, 1, 2], [[3, 1, 0], [0, 2, 1], [0, 0, 1], [0, 1, 0]]))
    assert found == ((1, 1, 0), (0, 0, 1), (0, 1, 0))


def test_people_split_evenly_count_as_neither_and_battles_without_a_person_do_not_count():
    assert matrix(battles([0, 1], [[2, 2, 0], [0, 0, 0]])) == ((0, 0, 1), (0, 0, 0), (0, 0, 0))


def test_no_battle_gives_an_empty_matrix():
    assert matrix(battles([], [])) == ((0, 0, 0),) * 3


@given(
    st.lists(st.tuples(st.integers(0, 2), st.lists(st.integers(0, 4), min_size=3, max_size=3)), max_size=30)
)
def test_every_battle_with_a_person_is_counted_once(rows):
    found = matrix(battles([judge for judge, _ in rows], [people for _, people in rows]))
    assert sum(map(sum, found)) == sum(any(people) for _, people in rows)
    for outcome in range(3):
        said = sum(judge == outcome and any(people) for judge, people in rows)
        assert sum(found[outcome]) == said
