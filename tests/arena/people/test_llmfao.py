"""The votes of LLMFAO's crowd: alpha as an independent implementation has it, and who of the crowd can be relied on."""

import csv
from pathlib import Path

import krippendorff
import numpy as np
import pytest

from arena.people import agreement, reliability
from arena.people.pairs import between
from arena.store import Store
from arena.types import VoteFilter, VoterKind

VOTES = Path(__file__).parents[4] / "shared" / "data" / "llmfao" / "crowd-comparisons.csv"
PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))
CODES = {"left": 0, "right": 1, "tie": 2}

pytestmark = pytest.mark.skipif(not VOTES.is_file(), reason=f"LLMFAO's votes are not at {VOTES}")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A store that holds the votes."""
    from arena.formats import import_file

    with Store.open(tmp_path_factory.mktemp("llmfao") / "workbench.duckdb") as store:
        import_file(store, VOTES, "votes")
        yield store


@pytest.fixture(scope="module")
def table():
    """The votes as (voter, battle) with NaN where there is none."""
    rows = list(csv.DictReader(VOTES.open(encoding="utf-8")))
    workers = sorted({row["worker"] for row in rows})
    cells = np.full((len(workers), 1 + max(int(row["id"]) for row in rows)), np.nan)
    for row in rows:
        cells[workers.index(row["worker"]), int(row["id"])] = CODES[row["winner"]]
    return workers, cells


def test_alpha_of_the_crowd_is_that_of_an_independent_implementation(crowd, table):
    workers, cells = table
    shared = crowd.people.shared(PEOPLE)
    found = agreement.measure(shared, [], "overall")
    assert (found.votes, found.battles, found.all_battles, len(found.voters)) == (8931, 2124, 2139, 124)
    theirs = krippendorff.alpha(reliability_data=cells, level_of_measurement="nominal")
    assert found.alpha.value == pytest.approx(theirs, abs=1e-9)
    assert (
        found.alpha_over_voters.lower < found.alpha.lower < found.alpha.upper < found.alpha_over_voters.upper
    )
    busiest = found.voters[0]
    others = np.delete(cells, workers.index(busiest.voter.name), axis=0)
    expected = krippendorff.alpha(reliability_data=others, level_of_measurement="nominal")
    assert busiest.alpha_without == pytest.approx(expected, abs=1e-9)


def test_kappas_of_its_pairs_are_those_of_an_independent_implementation(crowd, table):
    from sklearn.metrics import cohen_kappa_score

    workers, cells = table
    voters = agreement.most_shared(crowd.people.shared(PEOPLE), 6)
    found = between(crowd.people.joint(PEOPLE, voters))
    assert found
    for one in found:
        first, second = (cells[workers.index(voter.name)] for voter in (one.first, one.second))
        both = ~np.isnan(first) & ~np.isnan(second)
        assert one.battles == both.sum()
        if one.kappa.value is not None:
            assert one.kappa.value == pytest.approx(cohen_kappa_score(first[both], second[both]), abs=1e-9)


def test_some_busy_workers_cannot_be_told_from_guessing_and_without_them_people_agree_more(crowd):
    shared = crowd.people.shared(PEOPLE)
    found = reliability.measure(shared)
    assert not found.refusal
    guessing = [row for row in found.voters if row.shared > 300 and "guessing" in " ".join(row.notes)]
    assert {row.voter.name for row in guessing} == {"20", "11", "15"}
    assert all(row.weight < 0.25 for row in guessing)
    alpha = agreement.measure(shared, [], "overall").alpha
    without = VoteFilter(voter_kinds=(VoterKind.HUMAN,), without_voters=tuple(row.voter for row in guessing))
    assert agreement.measure(crowd.people.shared(without), [], "overall").alpha.lower > alpha.upper
