"""Voting through prepared queues: who gets which battle, alone and with others at the same time."""

import dataclasses
import json
from collections import Counter
from uuid import uuid4

import pytest

from arena.attention import AttentionPair
from arena.errors import Conflict, InvalidInput, NotFound, NotVotable
from arena.judgments import BattleFilter
from arena.types import Answer, Aside, Battle, Prompt, Turn, VoteFilter, Voter, VoterKind, Winner
from tests.support.threads import at_once
from workbench.bench import Workbench

ANNA, BEN = (Voter(VoterKind.HUMAN, name) for name in ("anna", "ben"))
A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE
LEADER = Voter(VoterKind.HUMAN, "leader")


@pytest.fixture
def battles(bench):
    """Twelve battles of owl and wren that somebody else started."""
    return furnish(bench, 12)


def furnish(bench: Workbench, how_many: int) -> list:
    made = []
    for number in range(how_many):
        prompt = Prompt.from_text(f"Tell me about subject{number} please.", category="subjects")
        answers = (
            Answer("owl", f"The owl says that subject{number} is a matter worth some thought.", "stop"),
            Answer("wren", f"The wren would call subject{number} a fine thing to sing of.", "stop"),
        )
        made.append(Battle(uuid4(), prompt, "owl", "wren", (Turn(None, *answers),), LEADER))
    bench.store.battles.add_many(made)
    return [battle.battle_id for battle in made]


def go_through(bench, name, voter, choose=lambda item: A):
    """Vote on everything the queue hands to this voter; return the battles in order."""
    met, step = [], bench.next_in_queue(name, voter)
    while step.item is not None:
        met.append(step.item.battle_id)
        step = bench.vote_in_queue(name, step.item.battle_id, choose(step.item), voter)
    return met, step


def attention_of(bench, name):
    return {
        item.battle_id: item.expected for item in bench.store.reviews.items(name) if item.expected is not None
    }


def test_each_person_goes_once_through_all_battles_until_each_has_its_votes(bench, battles):
    bench.create_queue("first", battle_ids=battles, overlap=2, attention=0)
    met, end = go_through(bench, "first", ANNA)
    assert sorted(map(str, met)) == sorted(map(str, battles))
    assert (end.progress.done, end.progress.total, end.progress.complete) == (12, 12, 0.5)
    go_through(bench, "first", BEN)
    nobody_left = bench.next_in_queue("first", Voter(VoterKind.HUMAN, "cleo"))
    assert nobody_left.item is None
    assert (nobody_left.progress.total, nobody_left.progress.complete) == (0, 1.0)
    assert bench.queue("first").complete == 12


def test_the_same_battle_is_given_until_it_is_dealt_with(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0)
    first = bench.next_in_queue("first", ANNA).item
    assert bench.next_in_queue("first", ANNA).item == first
    skipped = bench.skip_in_queue("first", first.battle_id, ANNA)
    assert skipped.item.battle_id != first.battle_id
    assert (skipped.item.place, skipped.progress.done) == (2, 1)


def test_a_skipped_battle_goes_to_others_and_not_to_the_same_person_again(bench, battles):
    bench.create_queue("first", battle_ids=battles[:1], attention=0)
    step = bench.next_in_queue("first", ANNA)
    assert bench.next_in_queue("first", BEN).item is None, "it is in anna's hands"
    assert bench.next_in_queue("first", BEN).progress.left == 1
    after = bench.skip_in_queue("first", step.item.battle_id, ANNA)
    assert after.item is None and after.progress.left == 0
    assert bench.next_in_queue("first", BEN).item.battle_id == step.item.battle_id


@pytest.mark.parametrize("overlap", [1, 2, 3])
def test_people_at_the_same_time_give_every_battle_exactly_its_votes(bench, overlap):
    battles = furnish(bench, 24)
    bench.create_queue("crowd", battle_ids=battles, overlap=overlap, attention=0)
    people = [Voter(VoterKind.HUMAN, f"person {n}") for n in range(6)]
    met = at_once(lambda n: go_through(bench, "crowd", people[n])[0], threads=len(people))
    assert len(met) == len(people), "no thread may fail"
    seen = Counter(battle_id for own in met.values() for battle_id in own)
    assert seen == dict.fromkeys(battles, overlap)
    assert all(len(set(own)) == len(own) for own in met.values())
    found = bench.queue("crowd")
    assert (found.complete, found.missing, found.votes) == (24, 0, 24 * overlap)


def test_people_who_begin_together_get_different_battles(bench, battles):
    bench.create_queue("crowd", battle_ids=battles, attention=0)
    people = [Voter(VoterKind.HUMAN, f"person {n}") for n in range(8)]
    first = at_once(lambda n: bench.next_in_queue("crowd", people[n]).item.battle_id)
    assert len(set(first.values())) == 8


def test_one_person_in_two_windows_votes_once(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0)
    battle_id = bench.next_in_queue("first", ANNA).item.battle_id
    at_once(lambda n: bench.vote_in_queue("first", battle_id, (A, B)[n % 2], ANNA))
    assert len([v for v in bench.store.votes.standing(battle_id) if v.voter == ANNA]) == 1
    assert bench.queue("first").votes == 1


def test_going_back_shows_what_was_voted_and_forward_again_leads_on(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0)
    first = bench.next_in_queue("first", ANNA).item
    second = bench.vote_in_queue("first", first.battle_id, B, ANNA, reasons=("Clear",), comment="so").item
    third = bench.skip_in_queue("first", second.battle_id, ANNA).item
    back = bench.previous_in_queue("first", ANNA, before=third.battle_id).item
    assert (back.battle_id, back.skipped, back.winner, back.place) == (second.battle_id, True, None, 2)
    back = bench.previous_in_queue("first", ANNA, before=second.battle_id).item
    assert (back.battle_id, back.winner, back.reasons, back.comment) == (first.battle_id, B, ("Clear",), "so")
    with pytest.raises(NotFound, match="it is the first"):
        bench.previous_in_queue("first", ANNA, before=first.battle_id)
    assert bench.next_in_queue("first", ANNA, after=first.battle_id).item.battle_id == second.battle_id
    assert bench.next_in_queue("first", ANNA, after=second.battle_id).item.battle_id == third.battle_id


def test_a_vote_on_an_earlier_battle_takes_the_place_of_the_one_there(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0)
    first = bench.next_in_queue("first", ANNA).item.battle_id
    second = bench.vote_in_queue("first", first, B, ANNA).item.battle_id
    bench.vote_in_queue("first", second, B, ANNA)
    on = bench.vote_in_queue("first", first, TIE, ANNA)
    assert on.item.battle_id == second, "one goes on from where one is"
    assert [v.winner for v in bench.store.votes.standing(first)] == [TIE]
    assert bench.queue("first").votes == 2


def test_undo_takes_back_the_last_vote_or_skip_and_gives_the_battle_again(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0)
    first = bench.next_in_queue("first", ANNA).item
    second = bench.vote_in_queue("first", first.battle_id, A, ANNA).item
    third = bench.skip_in_queue("first", second.battle_id, ANNA).item
    undone = bench.take_back_in_queue("first", ANNA, at=third.battle_id)
    assert (undone.item.battle_id, undone.item.dealt, undone.progress.done) == (second.battle_id, False, 1)
    undone = bench.take_back_in_queue("first", ANNA, at=second.battle_id)
    assert (undone.item.battle_id, undone.item.dealt, undone.progress.done) == (first.battle_id, False, 0)
    assert bench.queue("first").votes == 0
    with pytest.raises(NotFound, match="nothing to take back"):
        bench.take_back_in_queue("first", ANNA)
    assert bench.next_in_queue("first", ANNA).item.battle_id == first.battle_id
    bench.vote_in_queue("first", first.battle_id, B, ANNA)
    assert bench.queue("first").votes == 1


def test_reasons_and_comment_can_be_changed_without_touching_the_vote(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0)
    battle_id = bench.next_in_queue("first", ANNA).item.battle_id
    assert not bench.amend_in_queue("first", battle_id, ANNA, ("Clear",), "early")
    bench.vote_in_queue("first", battle_id, A, ANNA)
    assert bench.amend_in_queue("first", battle_id, ANNA, ("Clear",), "so")
    assert not bench.amend_in_queue("first", battle_id, ANNA, ("Clear",), "so")
    item = bench.previous_in_queue("first", ANNA).item
    assert (item.winner, item.reasons, item.comment) == (A, ("Clear",), "so")
    assert bench.amend_in_queue("first", battle_id, ANNA, (), None)
    item = bench.previous_in_queue("first", ANNA).item
    assert (item.winner, item.reasons, item.comment) == (A, (), None)


def test_nothing_that_is_handed_out_tells_a_name_or_anybody_elses_vote(bench, battles):
    bench.create_queue("first", overlap=2, attention=0.2, instructions="Read both.")

    def plain(step) -> str:
        return json.dumps(dataclasses.asdict(step), default=str)

    def said(step) -> str:
        texts = (
            {m.content for m in (*step.item.side_a, *step.item.side_b, *step.item.prompt)}
            if step.item
            else set()
        )
        plain_text = plain(step)
        for text in texts:
            plain_text = plain_text.replace(json.dumps(text)[1:-1], "")
        return plain_text

    for voter in (ANNA, BEN):
        step = bench.next_in_queue("first", voter)
        while step.item is not None:
            told = said(step)
            assert not any(name in told for name in ("owl", "wren", "anna", "ben", "leader", "subjects"))
            step = bench.vote_in_queue("first", step.item.battle_id, A, voter)


def test_attention_pairs_look_like_any_battle_and_count_in_nothing(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0.25)
    hidden = attention_of(bench, "first")
    assert len(hidden) == 3
    assert set(bench.store.set_aside.reasons(list(hidden)).values()) == {Aside.ATTENTION}
    shapes = set()
    step = bench.next_in_queue("first", ANNA)
    while step.item is not None:
        item = step.item
        shapes.add((type(item), len(item.prompt), len(item.side_a), len(item.side_b)))
        step = bench.vote_in_queue("first", item.battle_id, A, ANNA)
    assert len(shapes) == 1
    assert step.progress.done == 15
    assert bench.leaderboard(VoteFilter()).votes == 12
    assert bench.store.votes.count(VoteFilter()) == 12


def test_the_report_tells_who_reads(bench, battles):
    bench.create_queue("first", battle_ids=battles, overlap=2, attention=0.25)
    hidden = attention_of(bench, "first")
    go_through(bench, "first", ANNA, lambda item: hidden.get(item.battle_id, B))
    go_through(
        bench, "first", BEN, lambda item: hidden[item.battle_id].swapped() if item.battle_id in hidden else B
    )
    found = {row.voter.name: row for row in bench.queue_report("first").people}
    assert (found["anna"].attention_met, found["anna"].attention_passed) == (3, 3)
    assert (found["ben"].attention_met, found["ben"].attention_passed) == (3, 0)
    assert found["anna"].agreement.value == 1.0
    assert found["anna"].outcomes[B] == 12


def test_own_attention_pairs_take_the_place_of_made_ones(bench, battles):
    pairs = [AttentionPair(f"What is {n} plus {n}?", f"{2 * n}", "Seldom on Sundays.") for n in range(2)]
    found = bench.create_queue("first", battle_ids=battles, pairs=pairs)
    assert found.attention == 2
    shown = bench.store.battles.load(list(attention_of(bench, "first")))
    assert {battle.prompt.text for battle in shown} == {pair.prompt for pair in pairs}
    assert all({battle.model_a, battle.model_b} == {"owl", "wren"} for battle in shown)


def test_attention_pairs_come_from_other_battles_where_there_are_some(bench, battles):
    bench.create_queue("first", battle_ids=battles[:4], attention=0.5)
    queued = {b.prompt.prompt_id for b in bench.store.battles.load(battles[:4])}
    shown = bench.store.battles.load(list(attention_of(bench, "first")))
    assert len(shown) == 2
    assert not queued & {battle.prompt.prompt_id for battle in shown}


def test_a_second_queue_does_not_take_in_the_attention_pairs_of_the_first(bench, battles):
    bench.create_queue("first", attention=0.5)
    second = bench.create_queue("second", battles=BattleFilter(), attention=0)
    assert second.battles == 12
    with pytest.raises(InvalidInput, match="set aside"):
        bench.create_queue("third", battle_ids=list(attention_of(bench, "first")))


def test_a_queue_on_a_further_criterion_counts_votes_on_that(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "workbench.toml").write_text('criteria = ["overall", "safe"]\n')
    with Workbench.open(home, seed=0) as bench:
        from arena.types import ModelKind, ModelSpec

        for name in ("owl", "wren"):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        battles = furnish(bench, 2)
        bench.create_queue("safety", battle_ids=battles, attention=0, criterion="safe")
        go_through(bench, "safety", ANNA)
        assert bench.leaderboard(VoteFilter(criterion="safe")).votes == 2
        assert bench.leaderboard(VoteFilter()).votes == 0
        assert bench.queue("safety").complete == 2


def test_a_battle_of_a_queue_may_be_voted_on_by_anybody_while_it_is_open(bench, battles):
    with pytest.raises(NotVotable, match="somebody else"):
        bench.vote(battles[0], A, ANNA)
    bench.create_queue("first", battle_ids=battles, attention=0)
    assert bench.vote(battles[0], A, ANNA).model_a.name == "owl"
    bench.close_queue("first")
    with pytest.raises(NotVotable, match="somebody else"):
        bench.vote(battles[1], A, ANNA)


def test_a_closed_queue_hands_out_nothing_and_keeps_what_was_voted(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0)
    battle_id = bench.next_in_queue("first", ANNA).item.battle_id
    bench.vote_in_queue("first", battle_id, A, ANNA)
    bench.close_queue("first")
    assert bench.open_queues(ANNA) == []
    for attempt in (
        lambda: bench.next_in_queue("first", ANNA),
        lambda: bench.vote_in_queue("first", battle_id, B, ANNA),
        lambda: bench.skip_in_queue("first", battle_id, ANNA),
        lambda: bench.take_back_in_queue("first", ANNA),
        lambda: bench.amend_in_queue("first", battle_id, ANNA, (), None),
    ):
        with pytest.raises(Conflict, match="closed"):
            attempt()
    assert bench.previous_in_queue("first", ANNA).item.winner is A
    bench.reopen_queue("first")
    assert bench.open_queues(ANNA)[0].done == 1


def test_a_battle_outside_the_queue_takes_no_vote_in_it(bench, battles):
    bench.create_queue("first", battle_ids=battles[:2], attention=0)
    with pytest.raises(NotFound, match="not in the review queue"):
        bench.vote_in_queue("first", battles[5], A, ANNA)
    with pytest.raises(NotFound, match="not in the review queue"):
        bench.skip_in_queue("first", battles[5], ANNA)
    assert bench.store.votes.standing(battles[5]) == []


def test_a_queue_that_cannot_be_made_leaves_no_battle_behind(bench, battles):
    before = bench.store.battles.count()
    bench.create_queue("first", battle_ids=battles, attention=0)
    for wrong in (
        {"name": "first"},
        {"name": " "},
        {"name": "q", "overlap": 0},
        {"name": "q", "attention": 0.9},
        {"name": "q", "criterion": "rhyme"},
        {"name": "q", "battle_ids": [uuid4()]},
        {"name": "q", "battles": BattleFilter(category="none such"), "battle_ids": None},
    ):
        with pytest.raises((InvalidInput, Conflict, NotFound)):
            bench.create_queue(**{"battle_ids": battles, **wrong})
    assert bench.store.battles.count() == before
    assert [found.queue.name for found in bench.queues()] == ["first"]


def test_the_time_left_follows_from_ones_own_pace(bench, battles):
    bench.create_queue("first", battle_ids=battles, attention=0)
    assert bench.next_in_queue("first", ANNA).progress.seconds_left is None
    go_through(bench, "first", ANNA)
    assert bench.queue_progress("first", ANNA).seconds_left == 0
