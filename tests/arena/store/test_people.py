"""What is read of the votes for agreement among people: shared battles, pairs of voters, disputed battles."""

import numpy as np
import pytest

from arena.people import agreement, reliability
from arena.people.pairs import between
from arena.statistics import cohen_kappa
from arena.types import Aside, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import add_models, make_battle

A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD
PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))


def person(name):
    return Voter(VoterKind.HUMAN, name)


def voted(store, *winners, prompt="What is a lighthouse?"):
    """Store a battle on which anna, ben, ... voted so, `None` for no vote; return its id."""
    battle = make_battle(prompt)
    store.battles.add(battle)
    for name, winner in zip(("anna", "ben", "cleo", "dora"), winners, strict=False):
        if winner is not None:
            store.votes.cast(Vote(battle.battle_id, winner, person(name)))
    return battle.battle_id


@pytest.fixture
def arena(store):
    add_models(store, "ada", "bob")
    return store


def test_shared_votes_are_those_on_battles_of_several_voters_by_their_outcome(arena):
    voted(arena, A, B, BAD)
    voted(arena, A)
    voted(arena, None, TIE, TIE)
    found = arena.people.shared(PEOPLE)
    assert [voter.name for voter in found.voters] == ["anna", "ben", "cleo"]
    assert (found.battles, found.all_battles, found.votes) == (2, 3, 6)
    assert sorted(map(tuple, found.counts().tolist())) == [(0, 0, 2), (1, 1, 1)]
    assert found.cast.tolist() == [2, 2, 2]
    assert found.shared().tolist() == [1, 2, 2]


def test_undone_votes_other_criteria_other_kinds_and_battles_set_aside_do_not_count(arena):
    kept = voted(arena, A, B, A)
    arena.votes.undo(kept, person("cleo"))
    arena.votes.cast(Vote(kept, A, person("dora"), "safe"))
    arena.votes.cast(Vote(kept, A, Voter(VoterKind.JUDGE, "gpt")))
    aside = voted(arena, A, B, A)
    arena.set_aside.add(aside, Aside.ATTENTION)
    found = arena.people.shared(PEOPLE)
    assert found.counts()[0].tolist() == [1, 1, 0]
    assert {voter.kind for voter in found.voters} == {VoterKind.HUMAN}
    assert "dora" not in {voter.name for voter in found.voters}
    everybody = arena.people.shared(VoteFilter())
    assert everybody.counts()[0].tolist() == [2, 1, 0]


def test_one_name_of_two_kinds_is_two_voters(arena):
    battle = voted(arena, A, B)
    arena.votes.cast(Vote(battle, B, Voter(VoterKind.SIMULATED, "anna")))
    found = arena.people.shared(VoteFilter())
    assert [(voter.kind.value, voter.name) for voter in found.voters] == [
        ("human", "anna"),
        ("human", "ben"),
        ("simulated", "anna"),
    ]


def test_kappas_of_pairs_are_those_of_their_own_labels(arena):
    rng = np.random.default_rng(0)
    table = [[(A, B, TIE, BAD)[i] for i in row] for row in rng.integers(0, 4, (40, 3))]
    for row in table:
        voted(arena, *row)
    voters = [person(name) for name in ("ben", "anna", "cleo")]
    found = between(arena.people.joint(PEOPLE, voters))
    assert [(one.first.name, one.second.name) for one in found] == [
        ("ben", "anna"),
        ("ben", "cleo"),
        ("anna", "cleo"),
    ]
    label = {A: 0, B: 1, TIE: 2, BAD: 2}
    columns = {name: [label[row[i]] for row in table] for i, name in enumerate(("anna", "ben", "cleo"))}
    for one in found:
        expected = cohen_kappa(columns[one.first.name], columns[one.second.name])
        assert one.kappa.value == pytest.approx(expected.value)
        assert one.battles == 40


def test_only_the_voters_asked_for_are_paired(arena):
    voted(arena, A, B, A)
    (found,) = arena.people.joint(PEOPLE, [person("anna"), person("cleo")])
    assert (found.first.name, found.second.name) == ("anna", "cleo")


def test_disputed_battles_come_by_how_likely_the_next_two_voters_differ(arena):
    agreed = voted(arena, A, A)
    one_each = voted(arena, A, B, prompt="one each")
    two_each = voted(arena, A, B, A, prompt="two to one")
    arena.votes.cast(Vote(two_each, B, person("dora")))
    all_three = voted(arena, A, B, TIE, prompt="all three")
    lonely = voted(arena, A)
    found = arena.people.contested(PEOPLE, 10)
    assert [row.battle_id for row in found] == [all_three, two_each, one_each]
    assert {agreed, lonely}.isdisjoint(row.battle_id for row in found)
    first, second, third = found
    assert (first.wins_a, first.wins_b, first.ties, first.both_bad, first.votes) == (1, 1, 1, 0, 3)
    assert (first.disagreement, second.disagreement, third.disagreement) == pytest.approx((1, 2 / 3, 1))
    # Two a side, a third of a vote on each outcome beforehand: 1 - (2 * 7/3 * 10/3 + 1/3 * 4/3) / (5 * 6).
    assert second.expected == pytest.approx(1 - (2 * 7 / 3 * 10 / 3 + 4 / 9) / 30)
    assert (second.prompt, second.model_a, second.model_b, second.votable) == (
        "two to one",
        "ada",
        "bob",
        True,
    )
    assert [row.battle_id for row in arena.people.contested(PEOPLE, 1)] == [all_three]


def test_a_tie_and_both_bad_do_not_differ(arena):
    voted(arena, TIE, BAD)
    assert arena.people.contested(PEOPLE, 10) == []


def test_opposed_battles_are_those_on_which_both_sides_were_chosen(arena):
    voted(arena, A, TIE)
    both = voted(arena, A, B)
    assert [row.battle_id for row in arena.people.contested(PEOPLE, 10, opposed=True)] == [both]


def test_disputed_battles_can_be_asked_for_by_id(arena):
    voted(arena, A, B)
    wanted, agreed = voted(arena, A, B), voted(arena, A, A)
    found = arena.people.contested(PEOPLE, None, among=[wanted, agreed])
    assert [row.battle_id for row in found] == [wanted]


def test_an_empty_store_has_no_people(arena):
    found = arena.people.shared(PEOPLE)
    assert (found.voters, found.battles) == ((), 0)
    assert arena.people.joint(PEOPLE, []) == []
    assert arena.people.contested(PEOPLE, 5) == []
    assert agreement.measure(found, [], "overall").alpha.value is None
    assert reliability.measure(found).refusal
