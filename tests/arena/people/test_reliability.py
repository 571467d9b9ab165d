"""What a vote is worth, and when nobody can say."""

import numpy as np
import pytest

from arena.errors import InvalidInput
from arena.people.reliability import FEWEST_BATTLES, measure, reliability_weights, signal_of
from arena.people.shared import shared_votes
from tests.arena.people.crowds import PRIOR, crowd, even_errors, person


def by_name(found):
    return {row.voter.name: row for row in found.voters}


def test_who_guesses_weighs_next_to_nothing_and_the_mean_vote_weighs_one():
    rng = np.random.default_rng(1)
    accuracy = np.array([0.9] * 6 + [0.6] * 6 + [1 / 3] * 2)
    votes = crowd(rng, even_errors(accuracy), 1200, 5).votes
    found = measure(votes)
    rows, weights = by_name(found), reliability_weights(found)
    guess = [rows[f"voter {v:04}"] for v in (12, 13)]
    assert all(row.weight < 0.15 and "Cannot be told from guessing." in row.notes for row in guess)
    good, fair = (
        np.mean([rows[f"voter {v:04}"].weight for v in those]) for those in (range(6), range(6, 12))
    )
    # The signal of a voter right in a share p of cases, wrong either way alike, is (3 p - 1) / 2: 0.85 and 0.4.
    assert good / fair == pytest.approx(0.85 / 0.4, rel=0.1)
    total = sum(weights[row.voter] * row.votes for row in found.voters)
    assert total == pytest.approx(sum(row.votes for row in found.voters))


def test_who_mixes_up_the_sides_weighs_nothing_and_is_said_to():
    rng = np.random.default_rng(2)
    errors = even_errors(np.full(10, 0.85))
    errors[0] = errors[0][[1, 0, 2]]
    row = by_name(measure(crowd(rng, errors, 600, 4).votes))["voter 0000"]
    assert row.signal.upper < 0
    assert row.weight == 0
    assert row.notes[0].startswith("Votes against what others see")


def test_a_lean_to_one_side_is_said():
    rng = np.random.default_rng(5)
    errors = even_errors(np.full(8, 0.85))
    errors[3] = np.array([[0.95, 0.55, 0.4], [0.02, 0.40, 0.1], [0.03, 0.05, 0.5]])
    rows = by_name(measure(crowd(rng, errors, 800, 4).votes))
    assert any(note.startswith("Leans to side A") for note in rows["voter 0003"].notes)
    assert not any(
        note.startswith("Leans") for name, row in rows.items() if name != "voter 0003" for note in row.notes
    )


def test_the_signal_is_the_slope_of_the_vote_on_the_truth():
    rng = np.random.default_rng(8)
    table = rng.dirichlet([1, 1, 1], 3).T
    scores, truth = np.array([1.0, 0.0, 0.5]), rng.choice(3, 200_000, p=PRIOR)
    expected = (scores @ table)[truth]
    slope = np.polyfit(scores[truth], expected, 1)[0]
    assert table.ravel() @ signal_of(PRIOR) == pytest.approx(slope, abs=0.01)


def test_voters_beside_the_crowd_are_unknown_and_weigh_as_the_mean_vote():
    rng = np.random.default_rng(3)
    drawn = crowd(rng, even_errors(np.full(6, 0.8)), 200, 3).votes
    names = (*drawn.voters, person("alone"), person("two a"), person("two b"))
    voter = np.concatenate([drawn.voter, [6] * 4, [7, 8] * 5])
    battle = np.concatenate([drawn.battle, 1000 + np.arange(4), 2000 + np.repeat(np.arange(5), 2)])
    outcome = np.concatenate([drawn.outcome, [0] * 4, [0, 1] * 5])
    found = measure(shared_votes(names, voter, battle, outcome))
    rows = by_name(found)
    for name in ("alone", "two a", "two b"):
        assert (rows[name].signal.value, rows[name].accuracy.value, rows[name].weight) == (None, None, 1.0)
    assert any(note.startswith("Nothing is known of 3 of 9 voters") for note in found.notes)
    assert reliability_weights(found)[person("alone")] == 1.0


def test_too_few_shared_battles_earn_nobody_a_weight():
    rng = np.random.default_rng(3)
    found = measure(crowd(rng, even_errors(np.full(6, 0.9)), FEWEST_BATTLES - 1, 3).votes)
    assert found.refusal.startswith("Only 19 battles have votes by two voters or more")
    with pytest.raises(InvalidInput, match=r"cannot be weighed .* only 19 battles"):
        reliability_weights(found)


def test_of_two_voters_nobody_can_say_who_is_right():
    rng = np.random.default_rng(3)
    found = measure(crowd(rng, even_errors(np.full(2, 0.9)), 100, 2).votes)
    assert found.refusal.startswith("No 3 voters share battles")
    assert all(row.signal.value is None for row in found.voters)


def test_a_crowd_that_guesses_earns_nobody_a_weight():
    rng = np.random.default_rng(3)
    found = measure(crowd(rng, even_errors(np.full(8, 1 / 3)), 300, 4).votes)
    assert found.refusal.startswith("These voters do not surely agree beyond chance")


def test_no_votes_are_refused_plainly():
    none = np.zeros(0, dtype=np.int64)
    found = measure(shared_votes((), none, none, none))
    assert (found.voters, found.votes) == ((), 0)
    assert found.refusal.startswith("Only 0 battles")


def test_voters_who_always_agree_are_all_reliable():
    truth = np.random.default_rng(0).integers(0, 3, 60)
    found = measure(
        shared_votes(
            tuple(map(person, "abc")),
            np.tile(np.arange(3), 60),
            np.repeat(np.arange(60), 3),
            np.repeat(truth, 3),
        )
    )
    assert not found.refusal
    assert all(row.signal.value > 0.95 and row.signal.lower > 0.85 and not row.notes for row in found.voters)


def test_weights_by_reliability_bring_a_rating_nearer_to_the_truth():
    """Half of the crowd guesses: the share of wins, weighed, lies nearer to that of the true outcomes."""
    off_equal, off_weighed = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        drawn = crowd(rng, even_errors(np.array([0.9] * 10 + [1 / 3] * 10)), 300, 4)
        weights = reliability_weights(measure(drawn.votes))
        weight = np.array([weights[voter] for voter in drawn.votes.voters])[drawn.votes.voter]
        decided = drawn.votes.outcome < 2
        true = (drawn.truth[drawn.votes.battle] == drawn.votes.outcome)[decided].mean()
        right = drawn.truth[drawn.votes.battle] == drawn.votes.outcome
        off_equal.append(1 - true)
        off_weighed.append(1 - np.average(right[decided], weights=weight[decided]))
    assert np.mean(off_weighed) < 0.5 * np.mean(off_equal)
