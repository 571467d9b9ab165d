from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from arena.errors import NotFound, NotVotable
from arena.judgments import BattleFilter, Failure, Verdict
from arena.store import Store
from arena.store.verdicts import VerdictFilter
from arena.types import Prompt, Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle

JUDGE = Voter(VoterKind.JUDGE, "strict")
THEN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def verdict(battle_id, winner=Winner.MODEL_A, **known) -> Verdict:
    values = {"fingerprint": "f1", "created_at": THEN, **known}
    if "failure" in known:
        winner = None
    return Verdict(battle_id, "strict", winner=winner, **values)


def test_a_verdict_comes_back_as_it_was_stored(store, battle):
    given = verdict(
        battle.battle_id,
        Winner.TIE,
        criterion="safe",
        inconsistent=True,
        probability_a=0.25,
        strength=3,
        forward=Winner.MODEL_A,
        backward=Winner.MODEL_B,
        calls=("k1", "k2"),
        detail="the orders disagree",
    )
    store.verdicts.add([given])
    assert store.verdicts.get(battle.battle_id, "strict", "safe") == given
    assert store.verdicts.of_battles([battle.battle_id], "strict", "safe", "f1") == {battle.battle_id: given}
    assert store.verdicts.on_battle(battle.battle_id) == [given]


def test_a_battle_without_a_verdict_says_so(store, battle):
    with pytest.raises(NotFound, match="strict has given no verdict"):
        store.verdicts.get(battle.battle_id, "strict")


def test_a_failed_verdict_asked_for_again_is_replaced(store, battle):
    store.verdicts.add([verdict(battle.battle_id, failure=Failure.UNREADABLE, detail="no mark")])
    later = verdict(battle.battle_id, created_at=THEN + timedelta(seconds=1))
    store.verdicts.add([later])
    assert store.verdicts.page(VerdictFilter()) == [later]


def test_the_verdict_of_a_changed_judge_is_the_latest_and_the_old_one_stays(store, battle):
    old = verdict(battle.battle_id)
    new = verdict(battle.battle_id, Winner.TIE, fingerprint="f2", created_at=THEN + timedelta(hours=1))
    store.verdicts.add([old])
    store.verdicts.add([new])
    assert store.verdicts.get(battle.battle_id, "strict") == new
    assert store.verdicts.page(VerdictFilter(judge="strict")) == [new]
    assert store.verdicts.of_battles([battle.battle_id], "strict", "overall", "f1") == {battle.battle_id: old}


def test_verdicts_are_paged_counted_and_filtered(store, new_battle):
    ids = [new_battle() for _ in range(5)]
    store.verdicts.add(
        [
            verdict(ids[0]),
            verdict(ids[1], Winner.TIE, inconsistent=True),
            verdict(ids[2], failure=Failure.REFUSED),
            verdict(ids[3], failure=Failure.UNREADABLE),
            verdict(ids[4], failure=Failure.UNREADABLE, created_at=THEN + timedelta(seconds=1)),
        ]
    )
    counts = store.verdicts.counts(VerdictFilter(judge="strict"))
    assert (counts.model_a, counts.tie, counts.inconsistent, counts.decided, counts.failed) == (1, 1, 1, 2, 3)
    assert counts.failures == ((Failure.UNREADABLE, 2), (Failure.REFUSED, 1))
    assert store.verdicts.count(VerdictFilter(failed=True)) == 3
    assert [v.battle_id for v in store.verdicts.page(VerdictFilter(failure=Failure.REFUSED))] == [ids[2]]
    assert [v.battle_id for v in store.verdicts.page(VerdictFilter(inconsistent=True))] == [ids[1]]
    assert [v.battle_id for v in store.verdicts.page(VerdictFilter(winner=Winner.MODEL_A))] == [ids[0]]
    assert store.verdicts.page(VerdictFilter(judge="another")) == []
    pages = [store.verdicts.page(VerdictFilter(), offset=offset, limit=2) for offset in (0, 2, 4)]
    assert [v.battle_id for page in pages for v in page] == [ids[4], *sorted(ids[:4])]


def test_verdicts_outlive_the_process(path):
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        fought = make_battle()
        store.battles.add(fought)
        store.verdicts.add([verdict(fought.battle_id)])
    with Store.open(path) as store:
        assert store.verdicts.get(fought.battle_id, "strict") == verdict(fought.battle_id)


def test_a_judges_vote_is_settled_corrected_and_taken_back_once_each(store, battle):
    vote = Vote(battle.battle_id, Winner.MODEL_A, JUDGE)
    assert store.votes.settle(vote)
    assert not store.votes.settle(vote), "what stands already is not written again"
    assert store.votes.settle(replace(vote, winner=Winner.TIE))
    assert [(v.winner, v.revision) for v in store.votes.standing(battle.battle_id)] == [(Winner.TIE, 1)]
    assert store.votes.settle(replace(vote, winner=None))
    assert not store.votes.settle(replace(vote, winner=None))
    assert store.votes.standing(battle.battle_id) == []
    assert store.votes.settle(vote)
    assert [v.winner for v in store.votes.history(battle.battle_id)] == [
        Winner.MODEL_A,
        Winner.TIE,
        None,
        Winner.MODEL_A,
    ]


def test_nothing_is_written_where_nothing_stood_and_nothing_shall(store, battle):
    assert not store.votes.settle(Vote(battle.battle_id, None, JUDGE))
    assert store.votes.history(battle.battle_id) == []


def test_a_failed_battle_takes_no_settled_vote(store, battle):
    failed = make_battle(error="dead")
    store.battles.add(failed)
    with pytest.raises(NotVotable):
        store.votes.settle(Vote(failed.battle_id, Winner.TIE, JUDGE))


@pytest.fixture
def field(store):
    """Ten battles of ada, bob and cy on prompts of two categories and languages; one failed, one voted on."""
    add_models(store, "ada", "bob", "cy")
    battles = []
    for n in range(10):
        prompt = Prompt.from_text(f"Question {n}?", category="odd" if n % 2 else "even", language="de")
        rival = "cy" if n < 3 else "bob"
        battles.append(make_battle(prompt, "ada", rival, error="dead" if n == 9 else None))
    store.battles.add_many(battles)
    store.prompts.add("first", [battles[0].prompt, battles[1].prompt])
    store.votes.cast(Vote(battles[4].battle_id, Winner.TIE, ANNA))
    store.votes.cast(Vote(battles[5].battle_id, Winner.TIE, JUDGE))
    return [battle.battle_id for battle in battles]


@pytest.mark.parametrize(
    ("chosen", "places"),
    [
        (BattleFilter(), range(9)),
        (BattleFilter(models=("ada", "cy")), range(3)),
        (BattleFilter(models=("bob", "cy")), ()),
        (BattleFilter(prompt_sets=("first", "none")), (0, 1)),
        (BattleFilter(category="odd"), (1, 3, 5, 7)),
        (BattleFilter(language="en"), ()),
        (BattleFilter(language="de", category="even"), (0, 2, 4, 6, 8)),
        (BattleFilter(voted_by_people=True), (4,)),
        (BattleFilter(limit=0), ()),
    ],
)
def test_a_filter_chooses_battles(store, field, chosen, places):
    assert sorted(store.battles.chosen(chosen)) == sorted(field[n] for n in places)


def test_a_limit_takes_the_beginning_of_one_fixed_order(store, field):
    everything = store.battles.chosen(BattleFilter())
    assert [store.battles.chosen(BattleFilter(limit=n)) for n in (1, 4)] == [everything[:1], everything[:4]]
    assert everything != field[:9], "the order has no pattern"


def test_what_is_left_to_judge_is_what_this_judge_as_it_is_now_has_not_judged(store, field):
    wanted = store.battles.chosen(BattleFilter(limit=6))
    store.verdicts.add(
        [
            verdict(wanted[0]),
            verdict(wanted[1], failure=Failure.NO_REPLY),
            verdict(wanted[2], failure=Failure.UNREADABLE),
            verdict(wanted[3], fingerprint="another"),
            verdict(wanted[4], criterion="safe"),
        ]
    )
    left = store.battles.to_judge(
        BattleFilter(limit=6), "strict", "overall", "f1", [Failure.NO_REPLY], limit=9
    )
    assert left == ([wanted[1], wanted[3], wanted[4], wanted[5]], 4, 2)
    every = store.battles.to_judge(BattleFilter(limit=6), "strict", "overall", "f1", list(Failure), limit=2)
    assert every == ([wanted[1], wanted[2]], 5, 1)


def test_battles_are_loaded_in_the_order_asked_for(store, field):
    asked = [field[3], field[0]]
    assert [battle.battle_id for battle in store.battles.load(asked)] == asked
