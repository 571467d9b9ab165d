import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arena.people.shared import shared_votes
from tests.arena.people.crowds import person

VOTES = st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 9)), st.integers(0, 2), max_size=40)


def made(votes):
    rows = np.array([(v, b * 7 + 3, o) for (v, b), o in votes.items()]).reshape(-1, 3)
    return shared_votes(tuple(person(str(v)) for v in range(5)), *rows.astype(np.int64).T)


@given(VOTES)
def test_only_votes_on_battles_of_several_voters_are_kept_and_all_are_counted(votes):
    found = made(votes)
    by_battle = {}
    for (voter, battle), outcome in sorted(votes.items()):
        by_battle.setdefault(battle, []).append((voter, outcome))
    several = [rows for _, rows in sorted(by_battle.items()) if len(rows) > 1]
    kept = [
        sorted(
            zip(
                found.voter[found.battle == b].tolist(),
                found.outcome[found.battle == b].tolist(),
                strict=True,
            )
        )
        for b in range(found.battles)
    ]
    assert kept == several
    assert (found.votes, found.all_battles) == (len(votes), len(by_battle))
    assert found.counts().sum() == sum(map(len, several))
    assert found.shared().tolist() == [sum(v == w for rows in several for w, _ in rows) for v in range(5)]


def test_no_votes_at_all_are_no_battles():
    found = made({})
    assert (found.battles, found.votes, found.counts().shape) == (0, 0, (0, 3))
