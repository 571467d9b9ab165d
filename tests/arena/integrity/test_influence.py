import numpy as np
import pytest

from arena.integrity.ballots import Ballots
from arena.integrity.influence import influence, steps
from arena.integrity.refit import refit
from arena.ratings.rated import POINTS
from arena.types import Voter, VoterKind
from tests.arena.integrity.crowds import crowd


def ratings_of(ballots):
    wins, ties = ballots.matrices()
    return refit(wins + ties / 2)


def test_one_step_foretells_what_leaving_a_voter_out_does():
    ballots = crowd(np.random.default_rng(1), voters=60, each=50)
    ratings = ratings_of(ballots)
    ((begin, moves),) = steps(ballots, ratings)
    assert begin == 0
    for voter in (0, 17, 59):
        exact = ratings_of(ballots.keep(ballots.voter != voter)) - ratings
        np.testing.assert_allclose(POINTS * moves[voter], POINTS * exact, atol=1.5)


def test_those_who_move_most_are_left_out_in_earnest():
    ballots = crowd(np.random.default_rng(2), voters=40, each=40, bad={7: "contrary"})
    ratings = ratings_of(ballots)
    found = influence(ballots, ratings)
    most = int(np.abs(found.shift).argmax())
    assert found.exact[most]
    after = ratings_of(ballots.keep(ballots.voter != most)) - ratings
    assert found.shift[most] == pytest.approx(POINTS * after[found.model[most]], abs=1e-4)
    assert abs(found.shift[most]) == pytest.approx(POINTS * np.abs(after).max(), abs=1e-4)


def test_a_voter_who_alone_holds_the_first_place_is_named():
    def votes(voter, won, lost):
        return [(voter, 0)] * won + [(voter, 1)] * lost

    rows = votes(0, 9, 1) + votes(1, 4, 6) + votes(2, 5, 6)
    who, winner = (np.array(column) for column in zip(*rows, strict=True))
    ballots = Ballots(
        ("a", "b"),
        tuple(Voter(VoterKind.HUMAN, name) for name in ("ann", "ben", "cid")),
        who.astype(np.int32),
        np.zeros(len(who), dtype=np.int32),
        np.ones(len(who), dtype=np.int32),
        winner.astype(np.int8),
    )
    found = influence(ballots, ratings_of(ballots))
    assert found.first.tolist() == [1, 0, 0]
    assert found.exact.all()


def test_a_voter_without_votes_moves_nothing():
    ballots = crowd(np.random.default_rng(3), voters=5, each=40)
    kept = ballots.keep(ballots.voter != 2)
    found = influence(kept, ratings_of(kept))
    assert found.shift[2] == 0 and found.model[2] == -1
