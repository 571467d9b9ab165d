import numpy as np
from hypothesis import given

from arena.ratings.columns import from_votes, pair_counts
from arena.ratings.graph import groups
from arena.ratings.tally import tally
from tests.arena.ratings.arenas import Votes, votes


def reachable(took: np.ndarray, start: int) -> set[int]:
    """Models that a chain leads to, by walking."""
    seen, ahead = {start}, [start]
    while ahead:
        new = set(np.flatnonzero(took[ahead.pop()]).tolist()) - seen
        seen |= new
        ahead += new
    return seen


@given(votes(models=9, most=20))
def test_chains_are_those_a_walk_finds(rows: Votes):
    points = tally(pair_counts(from_votes(rows))).points
    found = groups(points)
    for model in range(len(points)):
        assert set(np.flatnonzero(found.reaches[model]).tolist()) == reachable(points > 0, model)
        assert set(np.flatnonzero(found.linked[model]).tolist()) == reachable((points + points.T) > 0, model)


def test_the_main_group_is_the_one_with_most_votes_not_the_largest():
    points = np.zeros((6, 6))
    points[0, 1] = points[1, 2] = points[2, 0] = 1.0
    points[4, 5], points[5, 4] = 3.0, 2.5
    assert groups(points).main(points).tolist() == [4, 5]
    points[0, 1] = 9.0
    assert groups(points).main(points).tolist() == [0, 1, 2]


def test_one_sided_votes_make_no_main_group():
    points = np.array([[0.0, 5.0], [0.0, 0.0]])
    assert groups(points).main(points).size == 0
    assert groups(points).pieces() == [[0, 1]]


def test_pieces_come_the_largest_first():
    points = np.zeros((5, 5))
    points[0, 1] = points[2, 3] = points[3, 4] = 1.0
    assert groups(points).pieces() == [[2, 3, 4], [0, 1]]


def test_no_models_make_no_groups():
    found = groups(np.zeros((0, 0)))
    assert found.pieces() == [] and found.main(np.zeros((0, 0))).size == 0
