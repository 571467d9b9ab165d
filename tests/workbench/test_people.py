"""Verbs on people: agreement, reliability, disputed battles, and a queue of these."""

from uuid import uuid4

import numpy as np
import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from arena.types import Vote, VoteFilter, Voter, VoterKind, Winner
from tests.workbench.test_reviews import furnish

A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE
PEOPLE = ("anna", "ben", "cleo", "dora")


def person(name):
    return Voter(VoterKind.HUMAN, name)


def vote(bench, battle_id, name, winner, kind=VoterKind.HUMAN, criterion="overall"):
    bench.store.votes.cast(Vote(battle_id, winner, Voter(kind, name), criterion))


@pytest.fixture
def crowd(bench):
    """Forty battles: three people who mostly say the same, and dora, who guesses; a simulated voter besides."""
    rng = np.random.default_rng(5)
    battles = furnish(bench, 40)
    for battle_id in battles:
        truth = int(rng.integers(3))
        for name in PEOPLE:
            right = name != "dora" and rng.random() < 0.9
            vote(bench, battle_id, name, (A, B, TIE)[truth if right else int(rng.integers(3))])
        vote(bench, battle_id, "bot", A, VoterKind.SIMULATED)
    return battles


def test_people_are_meant_where_no_kind_of_voter_is_named(bench, crowd):
    found = bench.people_agreement()
    assert {row.voter.name for row in found.voters} == set(PEOPLE)
    assert (found.battles, found.all_battles, found.votes) == (40, 40, 160)
    assert len(found.pairs) == 6
    everybody = bench.people_agreement(VoteFilter(voter_kinds=tuple(VoterKind)))
    assert Voter(VoterKind.SIMULATED, "bot") in {row.voter for row in everybody.voters}


def test_only_as_many_voters_as_asked_for_are_paired(bench, crowd):
    assert len(bench.people_agreement(most=2).pairs) == 1
    with pytest.raises(InvalidInput, match="give 2 to 200"):
        bench.people_agreement(most=1)


def test_who_guesses_is_found_and_weighs_least(bench, crowd):
    found = bench.voter_reliability()
    assert not found.refusal
    weights = {row.voter.name: row.weight for row in found.voters}
    assert weights["dora"] < 0.5 < min(weights[name] for name in PEOPLE[:3])
    apart = max(bench.people_agreement().voters, key=lambda row: row.alpha_without)
    assert apart.voter.name == "dora"


def test_votes_taken_back_change_the_figures(bench, crowd):
    before = bench.people_agreement().votes
    bench.store.votes.undo(crowd[0], person("anna"))
    assert bench.people_agreement().votes == before - 1


def test_too_few_shared_battles_are_said_and_not_measured(bench):
    (battle_id,) = furnish(bench, 1)
    vote(bench, battle_id, "anna", A)
    vote(bench, battle_id, "ben", B)
    found = bench.voter_reliability()
    assert found.refusal.startswith("Only 1 battle has votes by two voters or more")
    assert [row.weight for row in found.voters] == [1.0, 1.0]


def test_disputed_battles_become_a_review_queue_for_people_who_have_not_voted_there(bench, crowd):
    disputed = bench.contested(limit=5)
    made = bench.queue_contested("disputed", limit=5, more=2, attention=0, instructions="Look again.")
    items = [item.battle_id for item in bench.store.reviews.items("disputed")]
    assert items == [row.battle_id for row in disputed]
    assert (made.queue.overlap, made.battles, made.missing) == (6, 5, 10)
    assert made.queue.instructions == "Look again."
    eve = person("eve")
    step = bench.next_in_queue("disputed", eve)
    assert step.item.battle_id in items
    assert bench.queue_progress("disputed", person("anna")).total == 5
    bench.vote_in_queue("disputed", step.item.battle_id, A, eve)
    assert bench.queue("disputed").missing == 9


def test_some_of_the_disputed_battles_can_be_chosen(bench, crowd):
    chosen = [row.battle_id for row in bench.contested(limit=6)][3:5]
    bench.queue_contested("two", battle_ids=chosen, attention=0)
    assert {item.battle_id for item in bench.store.reviews.items("two")} == set(chosen)
    with pytest.raises(NotFound, match="is not disputed, or takes no vote"):
        bench.queue_contested("none", battle_ids=[uuid4()])


def test_a_queue_asks_for_the_criterion_that_was_disputed(bench):
    battles = furnish(bench, 3)
    for battle_id in battles:
        vote(bench, battle_id, "anna", A, criterion="overall")
        vote(bench, battle_id, "ben", B, criterion="overall")
    assert bench.contested(VoteFilter(criterion="safe")) == []
    assert bench.queue_contested("all", attention=0).queue.criterion == "overall"


def test_a_queue_of_nothing_or_of_a_taken_name_is_refused(bench, crowd):
    with pytest.raises(NotFound, match="no two voters differ on one"):
        bench.queue_contested("safe", VoteFilter(criterion="safe"))
    bench.queue_contested("once", limit=3, attention=0)
    with pytest.raises(Conflict, match="already"):
        bench.queue_contested("once", limit=3, attention=0)
    for beyond in (0, 1_001):
        with pytest.raises(InvalidInput, match="give 1 to 1,000"):
            bench.queue_contested("none", more=beyond)
    for beyond in (0, 10_001, 2**70):
        with pytest.raises(InvalidInput, match="give 1 to 10,000"):
            bench.contested(limit=beyond)
