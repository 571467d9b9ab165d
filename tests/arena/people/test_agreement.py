"""Agreement of all, of each, and of two at a time; alphas are held against an independent implementation."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.people.agreement import alphas_without, measure, most_shared
from arena.people.shared import shared_votes
from arena.statistics import share
from tests.arena.people.crowds import crowd, even_errors, person

TABLES = st.lists(
    st.lists(st.sampled_from([-1, 0, 1, 2]), min_size=5, max_size=5), min_size=1, max_size=14
).map(np.array)


def votes_of(table):
    battle, voter = np.nonzero(table >= 0)
    return shared_votes(
        tuple(person(str(v)) for v in range(table.shape[1])), voter, battle, table[table >= 0]
    )


def alpha(table):
    data = np.where(table < 0, np.nan, table).T
    if ((table >= 0).sum(axis=1) > 1).sum() == 0:
        return None
    kept = table[(table >= 0).sum(axis=1) > 1]
    if len(np.unique(kept[kept >= 0])) < 2:
        return None
    return krippendorff.alpha(reliability_data=data, level_of_measurement="nominal", value_domain=[0, 1, 2])


def test_alpha_of_krippendorffs_own_four_observers():
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    from arena.statistics import krippendorff_alpha

    assert krippendorff_alpha([*zip(*rows, strict=True)]).value == pytest.approx(0.743, abs=5e-4)


@given(TABLES)
def test_alpha_and_alpha_without_each_voter_equal_an_independent_implementation(table):
    votes = votes_of(table)
    found = measure(votes, [], "overall")
    expected = alpha(table)
    assert found.alpha.value == (None if expected is None else pytest.approx(expected, abs=1e-9))
    for voter, without in enumerate(alphas_without(votes, votes.counts())):
        others = table.copy()
        others[:, voter] = -1
        expected = alpha(others)
        if expected is None:
            assert np.isnan(without)
        else:
            assert without == pytest.approx(expected, abs=1e-9)


@given(TABLES)
def test_each_voters_agreement_is_the_share_of_others_votes_that_equal_theirs(table):
    found = {row.voter.name: row for row in measure(votes_of(table), [], "overall").voters}
    for voter in range(5):
        shares = []
        for row in table[table[:, voter] >= 0]:
            others = np.delete(row, voter)
            others = others[others >= 0]
            if len(others):
                shares.append((others == row[voter]).mean())
        mine = found[str(voter)].agreement
        assert found[str(voter)].shared == mine.n == len(shares)
        if shares:
            expected = share(np.array(shares), np.ones(len(shares)))
            for end in ("value", "lower", "upper"):
                value = getattr(expected, end)
                assert getattr(mine, end) == (None if value is None else pytest.approx(value, abs=1e-6)), end
        else:
            assert mine.value is None


def test_voters_come_with_most_shared_battles_first():
    table = np.array([[0, 0, -1, 1, -1], [1, 1, -1, -1, 0], [2, 1, -1, -1, -1], [0, -1, -1, -1, -1]])
    votes = votes_of(table)
    assert [row.voter.name for row in measure(votes, [], "overall").voters] == ["0", "1", "3", "4", "2"]
    assert [voter.name for voter in most_shared(votes, 3)] == ["0", "1", "3"]
    assert most_shared(votes, 9) == most_shared(votes, 4)


def test_a_voter_who_guesses_holds_alpha_down():
    rng = np.random.default_rng(2)
    votes = crowd(rng, even_errors(np.array([0.9] * 6 + [1 / 3])), 400, 4).votes
    found = measure(votes, [], "overall")
    guesser = next(row for row in found.voters if row.voter.name == "voter 0006")
    assert guesser.alpha_without > found.alpha.upper
    assert all(row.alpha_without < found.alpha.upper for row in found.voters if row is not guesser)


def test_no_shared_battle_is_no_agreement():
    found = measure(votes_of(np.array([[0, -1, -1, -1, -1], [-1, 1, -1, -1, -1]])), [], "overall")
    assert (found.battles, found.all_battles, found.votes) == (0, 2, 2)
    assert found.alpha.value is found.agreement.value is found.alpha_over_voters.value is None


@pytest.mark.slow
def test_the_interval_over_battles_covers_for_these_voters_and_that_over_voters_for_any():
    """Voters of a population that differ in accuracy; the truth of each kind from a very large draw."""
    rng = np.random.default_rng(11)
    population = rng.beta(4, 2, 4000) * 0.65 + 0.33
    whole = measure(crowd(rng, even_errors(population), 20_000, 2).votes, [], "overall").alpha.value
    over_voters, over_battles = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        errors = even_errors(rng.choice(population, 25))
        found = measure(crowd(rng, errors, 250, 4).votes, [], "overall")
        here = measure(crowd(rng, errors, 4000, 4).votes, [], "overall").alpha.value
        over_battles.append(found.alpha.lower < here < found.alpha.upper)
        over_voters.append(found.alpha_over_voters.lower < whole < found.alpha_over_voters.upper)
    assert np.mean(over_battles) > 0.88
    assert np.mean(over_voters) > 0.88
