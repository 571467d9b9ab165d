import asyncio
from dataclasses import replace

import pytest

from arena.errors import StoreFailed
from arena.judgments import Failure, Verdict
from arena.store import Store
from arena.store.verdicts import VerdictFilter
from arena.types import Vote, Voter, VoterKind, Winner
from judges import keeping
from judges.keeping import Keeper, keep
from judges.tally import Tally
from tests.arena.store.conftest import add_models, make_battle

JUDGE = Voter(VoterKind.JUDGE, "strict")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "w.duckdb") as opened:
        add_models(opened, "ada", "bob")
        yield opened


def fought(store, n=1):
    battles = [make_battle() for _ in range(n)]
    store.battles.add_many(battles)
    return [battle.battle_id for battle in battles]


def verdict(battle_id, winner=Winner.MODEL_A, failure=None):
    return Verdict(battle_id, "strict", "f", None if failure else winner, failure=failure)


def test_a_verdict_is_a_vote_and_a_failure_none(store):
    good, bad = fought(store, 2)
    keep(store, [verdict(good), verdict(bad, failure=Failure.REFUSED)])
    assert [vote.winner for vote in store.votes.standing(good)] == [Winner.MODEL_A]
    assert store.votes.history(bad) == []
    assert store.verdicts.count(VerdictFilter()) == 2


def test_a_vote_that_outlived_a_crash_without_its_verdict_is_not_written_again(store):
    (battle_id,) = fought(store)
    store.votes.settle(Vote(battle_id, Winner.MODEL_A, JUDGE))
    keep(store, [verdict(battle_id)])
    assert len(store.votes.history(battle_id)) == 1
    assert store.verdicts.get(battle_id, "strict").winner is Winner.MODEL_A


def test_a_battle_that_takes_no_vote_any_more_gets_a_reason_instead(store):
    battle = make_battle(error="dead")
    store.battles.add(battle)
    (stored,) = keep(store, [verdict(battle.battle_id)])
    assert (stored.winner, stored.failure) == (None, Failure.NOT_APPLICABLE)
    assert "takes no vote" in stored.detail
    assert store.verdicts.get(battle.battle_id, "strict").failure is Failure.NOT_APPLICABLE


async def test_a_keeper_counts_verdicts_once_they_are_stored(store, monkeypatch):
    monkeypatch.setattr(keeping, "KEEP_SECONDS", 0.02)
    first, second = fought(store, 2)
    tally = Tally(2, None)
    async with Keeper(store, tally) as keeper:
        keeper.add([verdict(first)])
        while tally.done == 0:
            await asyncio.sleep(0.01)
        assert store.verdicts.count(VerdictFilter()) == 1
        keeper.add([verdict(second, failure=Failure.UNREADABLE)])
    assert tally.done == 2
    assert store.verdicts.count(VerdictFilter()) == 2


async def test_what_is_left_is_stored_when_the_run_is_cancelled(store):
    ids = fought(store, 3)

    async def work():
        async with Keeper(store, Tally(3, None)) as keeper:
            keeper.add([verdict(battle_id) for battle_id in ids])
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.verdicts.count(VerdictFilter()) == 3


async def test_a_store_that_cannot_be_written_ends_the_run(store, monkeypatch):
    monkeypatch.setattr(keeping, "KEEP_SECONDS", 0.02)
    (battle_id,) = fought(store)
    store.close()
    with pytest.raises(StoreFailed):
        async with Keeper(store, Tally(1, None)) as keeper:
            keeper.add([verdict(battle_id)])
            while True:
                await asyncio.sleep(0.01)
                keeper.add([])
    with pytest.raises(StoreFailed):
        async with Keeper(store, Tally(1, None)) as keeper:
            keeper.add([replace(verdict(battle_id), winner=Winner.TIE)])
