from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from arena.errors import InvalidInput, NotVotable
from arena.types import Answer, Battle, Prompt, Turn, Voter, VoterKind, Winner
from judges.simulated import SimulatedVoter


def battle(*turns: tuple[str, str]) -> Battle:
    """A finished battle with these answers of side a and side b, one pair a turn."""
    return Battle(
        UUID(int=1),
        Prompt.from_text("Which is longer?"),
        "one",
        "two",
        tuple(
            Turn("Go on." if i else None, Answer("one", a), Answer("two", b))
            for i, (a, b) in enumerate(turns)
        ),
    )


def by_length(**settings: float) -> SimulatedVoter:
    return SimulatedVoter.by_score("longer", len, np.random.default_rng(0), **settings)


def test_the_higher_score_wins_on_either_side():
    assert by_length().vote(battle(("long answer", "short"))).winner is Winner.MODEL_A
    assert by_length().vote(battle(("short", "long answer"))).winner is Winner.MODEL_B


def test_equal_scores_are_a_tie():
    assert by_length().vote(battle(("same", "size"))).winner is Winner.TIE


def test_close_scores_are_a_tie_up_to_the_width():
    assert by_length(tie_width=2).vote(battle(("four", "sixsix"))).winner is Winner.TIE
    assert by_length(tie_width=1.9).vote(battle(("four", "sixsix"))).winner is Winner.MODEL_B


def test_two_bad_answers_are_both_bad():
    assert by_length(bad_below=5).vote(battle(("a", "bcd"))).winner is Winner.BOTH_BAD
    assert by_length(bad_below=5).vote(battle(("a", "bcdef"))).winner is Winner.MODEL_B


def test_a_vote_is_marked_as_simulated_and_bears_the_voters_name():
    vote = by_length().vote(battle(("aa", "b")), criterion="helpful")
    assert vote.voter == Voter(VoterKind.SIMULATED, "longer")
    assert (vote.battle_id, vote.criterion, vote.revision) == (UUID(int=1), "helpful", 0)


def test_every_turn_counts():
    assert by_length().vote(battle(("aaa", "a"), ("a", "aa"))).winner is Winner.MODEL_A
    assert by_length().vote(battle(("aaa", "a"), ("a", "aaaaaa"))).winner is Winner.MODEL_B


def test_a_comparison_sees_both_texts():
    voter = SimulatedVoter.by_comparison(
        "later", lambda a, b: float(a > b) - float(a < b), np.random.default_rng(0)
    )
    assert voter.vote(battle(("b", "a"))).winner is Winner.MODEL_A
    assert voter.vote(battle(("a", "b"))).winner is Winner.MODEL_B
    assert voter.vote(battle(("a", "a"))).winner is Winner.TIE


def test_any_rule_over_the_battle_can_vote():
    voter = SimulatedVoter("sour", lambda _: Winner.BOTH_BAD, np.random.default_rng(0), flip=1.0)
    assert voter.vote(battle(("a", "b"))).winner is Winner.BOTH_BAD


def test_swapping_the_sides_swaps_the_vote():
    one = by_length().vote(battle(("longer", "short")))
    assert by_length().vote(battle(("short", "longer"))) == one.swapped()


def test_errors_come_at_the_stated_rate_and_only_in_decisive_votes():
    voter = by_length(flip=0.2)
    votes = [voter.vote(battle(("longer", "short"))).winner for _ in range(4000)]
    assert set(votes) == {Winner.MODEL_A, Winner.MODEL_B}
    # The standard deviation of the share is 0.0063.
    assert votes.count(Winner.MODEL_B) / 4000 == pytest.approx(0.2, abs=0.025)
    assert {voter.vote(battle(("same", "size"))).winner for _ in range(50)} == {Winner.TIE}


def test_the_same_generator_gives_the_same_votes():
    def votes(seed: int) -> list[Winner | None]:
        voter = SimulatedVoter.by_score("longer", len, np.random.default_rng(seed), flip=0.5)
        return [voter.vote(battle(("longer", "short"))).winner for _ in range(50)]

    assert votes(1) == votes(1)
    assert votes(1) != votes(2)


def test_a_battle_without_two_finished_answers_takes_no_vote():
    whole = battle(("a", "b"))
    with pytest.raises(NotVotable, match="no two finished answers"):
        by_length().vote(replace(whole, turns=()))
    failed = replace(whole.turns[0], answer_b=Answer("two", "", error="the endpoint is dead"))
    with pytest.raises(NotVotable, match="no two finished answers"):
        by_length().vote(replace(whole, turns=(failed,)))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"flip": 1.5}, "flip chance of the voter 'longer' is 1.5"),
        ({"flip": float("nan")}, "flip chance"),
        ({"tie_width": -1.0}, "tie width of the voter 'longer' is -1.0"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, float], says: str):
    with pytest.raises(InvalidInput, match=says):
        by_length(**settings)


def test_a_score_that_is_no_number_is_not_a_tie():
    voter = SimulatedVoter.by_score("broken", lambda _: float("nan"), np.random.default_rng(0))
    with pytest.raises(InvalidInput, match="gave no number"):
        voter.vote(battle(("a", "b")))
