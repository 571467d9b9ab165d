import pytest

from arena.types import Prompt, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle


@pytest.fixture
def voted(store):
    add_models(store, "ada", "bob")
    sim = Voter(VoterKind.SIMULATED, "sim")
    for prompt, voter, criterion in (
        (Prompt.from_text("1 + 1?", category="maths", language="en"), ANNA, "overall"),
        (Prompt.from_text("2 + 2?", category="maths"), ANNA, "overall"),
        (Prompt.from_text("Ein Gedicht?", category="poems", language="de"), sim, "overall"),
        (Prompt.from_text("Why?"), ANNA, "overall"),
        (Prompt.from_text("Why not?"), ANNA, "charm"),
    ):
        battle = make_battle(prompt)
        store.battles.add(battle)
        store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, voter, criterion))
    return store


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ("category", {"maths": 2, "poems": 1, None: 1}),
        ("language", {"en": 1, "de": 1, None: 2}),
        ("criterion", {"overall": 4, "charm": 1}),
        ("voter_kind", {"human": 3, "simulated": 1}),
    ],
)
def test_votes_are_counted_by_what_they_are_sorted_by(voted, by, found):
    assert voted.votes.values(VoteFilter(), by) == found


def test_what_the_filter_says_of_the_value_itself_is_passed_over_and_the_rest_holds(voted):
    people = VoteFilter(voter_kinds=(VoterKind.HUMAN,), category="maths")
    assert voted.votes.values(people, "category") == {"maths": 2, None: 1}
    assert voted.votes.values(people, "voter_kind") == {"human": 2}
    assert voted.votes.values(people, "criterion") == {"charm": 0, "overall": 2}
