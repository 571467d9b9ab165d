from itertools import combinations

import numpy as np
import pytest

from arena.integrity import fragile, words
from arena.integrity.fragile import ChangedVotes, fragility
from arena.integrity.refit import refit
from arena.ratings import bradley_terry
from arena.types import PairCount
from tests.arena.integrity.crowds import crowd


def duel(first, second, ties=0):
    return ("a", "b"), np.array([[0.0, first], [second, 0.0]]), np.array([[0.0, ties], [ties, 0.0]])


def test_three_wins_to_one_fall_when_all_three_are_left_out_or_two_turned():
    removal = fragility(*duel(3, 1), "removal")
    flip = fragility(*duel(3, 1), "flip")
    assert (removal.votes, removal.leader, removal.rival, removal.exact) == (3, "a", "b", True)
    assert removal.changes == (ChangedVotes("a", "b", False, 3),)
    assert (flip.votes, flip.exact, flip.share) == (2, True, 0.5)
    assert flip.margin == pytest.approx(400 * np.log10(3), abs=0.1)


def test_an_arena_without_a_decided_vote_has_no_first_place():
    assert fragility(*duel(0, 0, 7), "removal") is None
    assert fragility(("a",), np.zeros((1, 1)), np.zeros((1, 1)), "flip") is None


def matrices(votes, size):
    wins, ties = np.zeros((size, size)), np.zeros((size, size))
    for a, b, winner in votes:
        if winner > 1:
            ties[a, b] += 1
            ties[b, a] += 1
        else:
            wins[(a, b) if winner == 0 else (b, a)] += 1
    return wins, ties


def fewest_by_trying_all(votes, size, change, most):
    """The least number of votes of a list, each tried by itself, whose change takes the first place."""
    wins, ties = matrices(votes, size)
    leader = int(refit(wins + ties / 2).argmax())
    usable = [i for i, (_, _, winner) in enumerate(votes) if change == "removal" or winner < 2]
    for number in range(1, most + 1):
        for chosen in combinations(usable, number):
            kept = [vote for i, vote in enumerate(votes) if i not in chosen]
            if change == "flip":
                kept += [(a, b, 1 - winner) for a, b, winner in (votes[i] for i in chosen)]
            wins, ties = matrices(kept, size)
            after = refit(wins + ties / 2)
            if after.max() > after[leader] + 1e-7:
                return number
    return most + 1


@pytest.mark.parametrize("change", ["removal", "flip"])
@pytest.mark.parametrize("seed", range(6))
def test_no_fewer_votes_do_it_than_trying_every_set_of_them_finds(seed, change, monkeypatch):
    ballots = crowd(np.random.default_rng(seed), models=3, voters=1, each=11, spread=0.4)
    votes = list(
        zip(ballots.model_a.tolist(), ballots.model_b.tolist(), ballots.winner.tolist(), strict=True)
    )
    wins, ties = ballots.matrices()
    tried = fewest_by_trying_all(votes, 3, change, 3)
    monkeypatch.setattr(fragile, "_TRIES", 0)
    found = fragility(ballots.names, wins, ties, change)
    if found is None:
        assert tried > 3
    else:
        assert found.votes == tried or (tried > 3 and found.votes > 3)


@pytest.mark.parametrize("change", ["removal", "flip"])
def test_the_votes_named_put_the_rival_first_on_the_board_itself(change):
    ballots = crowd(np.random.default_rng(5), models=20, voters=1, each=3000)
    wins, ties = ballots.matrices()
    found = fragility(ballots.names, wins, ties, change)
    assert found.votes == sum(one.votes for one in found.changes) > 1
    assert found.share == found.votes / 3000
    before, after = wins.copy(), wins.copy()
    for one in found.changes:
        a, b = ballots.names.index(one.winner), ballots.names.index(one.loser)
        if one.tied:
            ties[a, b] -= one.votes
            ties[b, a] -= one.votes
        else:
            after[a, b] -= one.votes
            after[b, a] += one.votes if change == "flip" else 0
    assert (after >= 0).all() and (ties >= 0).all()
    assert first(ballots.names, before, ballots.matrices()[1]) == found.leader
    assert first(ballots.names, after, ties) == found.rival


def first(names, wins, ties):
    size = len(names)
    counts = [
        PairCount(names[i], names[j], int(wins[i, j]), int(wins[j, i]), int(ties[i, j]), 0)
        for i in range(size)
        for j in range(i + 1, size)
    ]
    board = bradley_terry.fit(counts)
    return board.names[int(board.ratings.argmax())]


def test_more_votes_are_needed_where_the_lead_is_larger():
    needed = [fragility(*duel(wins, 20), "flip").votes for wins in (22, 40, 80)]
    assert needed == sorted(needed) and needed[0] < needed[-1]


def test_what_holds_the_first_place_is_said_in_a_sentence():
    found = fragility(*duel(3, 1), "removal")
    assert words.first_place(found) == "Leave out 3 of 4 votes (75 %), and b stands before a. No fewer do it."
    assert words.which(found.changes) == "3 × a beats b"
