import numpy as np
import pytest

from arena.ratings.grouped import SEPARATOR
from arena.types import OUTCOMES, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import add_models, make_battle


@pytest.fixture
def voted(store):
    add_models(store, "ada", "bob", "cid")
    said = [
        ("Why?", "bob", "ada", "ann", Winner.MODEL_A),
        ("Why?", "ada", "bob", "ann", Winner.MODEL_B),
        ("Why?", "ada", "bob", "ben", Winner.TIE),
        ("How?", "ada", "cid", "ann", Winner.BOTH_BAD),
        ("How?", "cid", "ada", "ann", Winner.MODEL_A),
    ]
    for prompt, a, b, voter, winner in said:
        battle = make_battle(prompt, a, b)
        store.battles.add(battle)
        store.votes.cast(Vote(battle.battle_id, winner, Voter(VoterKind.HUMAN, voter)))
    return store


def rows(counts):
    return sorted(
        (counts.groups[g], counts.names[a], counts.names[b], OUTCOMES[w].value, n)
        for g, a, b, w, n in zip(
            counts.group, counts.model_a, counts.model_b, counts.winner, counts.votes.tolist(), strict=True
        )
    )


def test_votes_of_a_voter_on_a_pair_are_one_row_whichever_side_the_models_stood_on(voted):
    assert rows(voted.votes.grouped(VoteFilter(), "voter")) == [
        ("human:ann", "ada", "bob", "model_b", 2),
        ("human:ann", "ada", "cid", "both_bad", 1),
        ("human:ann", "ada", "cid", "model_b", 1),
        ("human:ben", "ada", "bob", "tie", 1),
    ]


def test_votes_by_prompt_gather_all_battles_on_it(voted):
    by_prompt = voted.votes.grouped(VoteFilter(), "prompt")
    assert len(by_prompt.groups) == 2 and sorted(np.bincount(by_prompt.group, by_prompt.votes)) == [2, 3]
    assert len(voted.votes.grouped(VoteFilter(), "battle").groups) == 5


def test_votes_by_prompt_and_voter_are_those_of_the_prompt_with_each_voter_apart(voted):
    both = voted.votes.grouped(VoteFilter(), "prompt+voter")
    assert sorted(name.partition(SEPARATOR)[2] for name in both.groups) == [
        "human:ann",
        "human:ann",
        "human:ben",
    ]
    prompts = both.by_prompt()
    by_prompt = voted.votes.grouped(VoteFilter(), "prompt")
    assert prompts.groups == by_prompt.groups
    assert (
        np.bincount(prompts.group, prompts.votes).tolist()
        == np.bincount(by_prompt.group, by_prompt.votes).tolist()
    )
    assert len(prompts.votes) == 4


def test_only_the_earliest_votes_on_a_prompt_count_under_a_cap(voted):
    assert rows(voted.votes.grouped(VoteFilter(per_prompt=1), "voter")) == [
        ("human:ann", "ada", "bob", "model_b", 1),
        ("human:ann", "ada", "cid", "both_bad", 1),
    ]
    assert voted.votes.count(VoteFilter(per_prompt=2)) == 4


def test_no_votes_are_no_groups(store):
    assert voted_nothing(store.votes.grouped(VoteFilter(), "prompt"))


def voted_nothing(counts):
    return counts.groups == () and counts.names == () and len(counts.votes) == 0


def test_the_board_of_a_moment_takes_the_votes_before_it(voted):
    (middle,) = voted.read().execute("SELECT created_at FROM votes ORDER BY seq OFFSET 2 LIMIT 1").fetchone()
    before, after = VoteFilter(until=middle), VoteFilter(since=middle)
    assert (voted.votes.count(before), voted.votes.count(after)) == (2, 3)
    assert sum(pair.votes for pair in voted.votes.pair_counts(before)) == 2
