"""The personal page: one's own votes and figures, and nothing of anybody else."""

from itertools import pairwise
from uuid import uuid4

import pytest

from arena.errors import InvalidInput, NotFound
from arena.types import Answer, Battle, Prompt, Turn, Voter, VoterKind, Winner
from workbench.verbs.mine import MIN_SHARED

ANNA, BEN = (Voter(VoterKind.HUMAN, name) for name in ("anna", "ben"))
A, B = Winner.MODEL_A, Winner.MODEL_B


@pytest.fixture
def battles(bench):
    made = []
    for number in range(12):
        prompt = Prompt.from_text(f"Question {number}?")
        turn = Turn(
            None, Answer("owl", f"{number} by owl", "stop"), Answer("wren", f"{number} by wren", "stop")
        )
        made.append(Battle(uuid4(), prompt, "owl", "wren", (turn,)))
    bench.store.battles.add_many(made)
    return [battle.battle_id for battle in made]


def test_figures_are_of_ones_own_votes_alone(bench, battles):
    for battle_id in battles[:6]:
        bench.vote(battle_id, A, ANNA)
    for battle_id in battles:
        bench.vote(battle_id, B, BEN)
    own = bench.own_figures(ANNA)
    assert (own.count.total, own.count.today, own.board.votes) == (6, 6, 6)
    assert own.board.rows[0].name == "owl"
    assert bench.own_figures(BEN).board.rows[0].name == "wren"


def test_days_end_today_and_leave_none_out(bench, battles):
    bench.vote(battles[0], A, ANNA)
    days = bench.own_figures(ANNA, days=7).days
    assert [count for _, count in days] == [0, 0, 0, 0, 0, 0, 1]
    assert all((later - earlier).days == 1 for (earlier, _), (later, _) in pairwise(days))


def test_agreement_is_told_only_over_enough_battles(bench, battles):
    for battle_id in battles[: MIN_SHARED - 1]:
        bench.vote(battle_id, A, ANNA)
        bench.vote(battle_id, A, BEN)
    few = bench.own_figures(ANNA).agreement
    assert (few.value, few.n) == (None, MIN_SHARED - 1)
    bench.vote(battles[MIN_SHARED], A, ANNA)
    bench.vote(battles[MIN_SHARED], B, BEN)
    enough = bench.own_figures(ANNA).agreement
    assert (enough.value, enough.n) == (pytest.approx(4 / 5), MIN_SHARED)
    assert enough.lower < 0.8 < enough.upper


def test_attention_pairs_move_no_figure(bench):
    pairs_of = Prompt.from_text("Tell me about the lighthouse keepers.")
    more = Prompt.from_text("Tell me about the printing presses.")
    made = [
        Battle(
            uuid4(), p, "owl", "wren",
            (Turn(None, Answer("owl", f"{p.text} indeed", "stop"), Answer("wren", f"No {p.text} at all", "stop")),),
        )
        for p in (pairs_of, more)
    ]  # fmt: skip
    bench.store.battles.add_many(made)
    bench.create_queue("first", battle_ids=[b.battle_id for b in made], attention=0.5)
    step = bench.next_in_queue("first", ANNA)
    while step.item is not None:
        step = bench.vote_in_queue("first", step.item.battle_id, A, ANNA)
    assert step.progress.done == 3
    own = bench.own_figures(ANNA)
    assert own.board.votes == 2
    assert len(bench.own_votes(ANNA)) == 3


def test_a_battle_can_be_read_again_only_by_who_voted_on_it(bench, battles):
    bench.vote(battles[0], A, ANNA)
    assert bench.own_battle(battles[0], ANNA).model_a == "owl"
    for voter, battle_id in ((BEN, battles[0]), (ANNA, battles[1]), (ANNA, uuid4())):
        with pytest.raises(NotFound, match="no vote"):
            bench.own_battle(battle_id, voter)
    bench.undo(battles[0], ANNA)
    with pytest.raises(NotFound, match="no vote"):
        bench.own_battle(battles[0], ANNA)


def test_the_list_is_ones_own(bench, battles):
    bench.vote(battles[0], A, ANNA)
    bench.vote(battles[1], A, BEN)
    assert [one.vote.battle_id for one in bench.own_votes(ANNA)] == [battles[0]]
    assert all(one.vote.voter == ANNA for one in bench.own_votes(ANNA))


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_limit_out_of_bounds_is_refused(bench, limit):
    with pytest.raises(InvalidInput, match="limit"):
        bench.own_votes(ANNA, limit=limit)


def test_a_voter_without_votes_has_empty_figures(bench):
    own = bench.own_figures(ANNA)
    assert (own.count.total, own.board.votes, own.agreement.value) == (0, 0, None)
    assert bench.own_votes(ANNA) == []
