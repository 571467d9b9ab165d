"""What the checks find among the real votes of LLMFAO's workers."""

import csv

import numpy as np
import pytest

from arena.integrity.ballots import Ballots
from arena.integrity.checks import board, check_voters
from arena.integrity.fragile import fragility
from arena.ratings import bradley_terry
from arena.ratings.rated import CENTRE, POINTS
from arena.types import PairCount, Voter, VoterKind
from tests.arena.ratings.arenas import LLMFAO

pytestmark = pytest.mark.skipif(not LLMFAO.exists(), reason="the LLMFAO votes are not in ../shared/data")


@pytest.fixture(scope="module")
def ballots():
    with LLMFAO.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row[side] for row in rows for side in ("left", "right")})
    workers = sorted({row["worker"] for row in rows})
    code = {"left": 0, "right": 1, "tie": 2}
    table = np.array(
        [
            (workers.index(r["worker"]), names.index(r["left"]), names.index(r["right"]), code[r["winner"]])
            for r in rows
        ]
    )
    table = table[np.argsort(table[:, 0], kind="stable")].astype(np.int32)
    return Ballots(
        tuple(names),
        tuple(Voter(VoterKind.HUMAN, worker) for worker in workers),
        table[:, 0],
        table[:, 1],
        table[:, 2],
        table[:, 3].astype(np.int8),
    )


def fitted(names, wins, ties):
    size = len(names)
    counts = [
        PairCount(names[i], names[j], int(wins[i, j]), int(wins[j, i]), int(ties[i, j]), 0)
        for i in range(size)
        for j in range(i + 1, size)
    ]
    return bradley_terry.fit(counts)


def test_the_board_is_that_of_the_leaderboard(ballots):
    ours = board(ballots.names, *ballots.matrices())
    theirs = fitted(ballots.names, *ballots.matrices())
    assert ours.names == theirs.names and ours.leader == "GPT 4"
    np.testing.assert_allclose(CENTRE + POINTS * ours.ratings, theirs.ratings, atol=1e-3)


@pytest.mark.parametrize("change, most", [("removal", 13), ("flip", 10)])
def test_a_few_votes_hold_the_first_place(ballots, change, most):
    wins, ties = ballots.matrices()
    found = fragility(ballots.names, wins, ties, change)
    assert found.leader == "GPT 4" and found.votes <= most
    for one in found.changes:
        a, b = ballots.names.index(one.winner), ballots.names.index(one.loser)
        assert not one.tied and wins[a, b] >= one.votes
        wins[a, b] -= one.votes
        wins[b, a] += one.votes if change == "flip" else 0
    after = fitted(ballots.names, wins, ties)
    assert after.names[int(after.ratings.argmax())] == found.rival != "GPT 4"


def test_workers_who_did_not_judge_stand_out(ballots):
    now = board(ballots.names, *ballots.matrices())
    checks = check_voters(ballots, now, 0.01)
    flagged = [ballots.voters[i].name for i in np.flatnonzero(checks.flagged)]
    assert {"15", "20", "32", "70"} <= set(flagged) and len(flagged) <= 8
    rows = {row.voter.name: row for row in checks.rows({}, 10)}
    assert rows["32"].reason == "Chose the answer shown first in 21 of 21 decided votes."
    assert "Weaver 12k won 43 of 45" in rows["70"].reason
    assert checks.without(checks.flagged).lead > now.lead
