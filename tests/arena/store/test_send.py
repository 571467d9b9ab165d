"""Votes of coroutines: as durable and as checked as those of threads, and no thread waits with them."""

import asyncio
import threading
from collections import Counter
from uuid import uuid4

import pytest

from arena.errors import AlreadyVoted, InvalidInput, NotFound, NotVotable, StoreFailed
from arena.store import Store
from arena.types import Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, make_battle


def human(number: int) -> Voter:
    return Voter(VoterKind.HUMAN, f"voter {number}")


def test_a_sent_vote_is_stored_and_reveals_who_answered(store, battle):
    sent = asyncio.run(store.votes.send(Vote(battle.battle_id, Winner.MODEL_B, ANNA, reasons=("clear",))))
    assert (sent.model_a, sent.model_b) == ("ada", "bob")
    assert store.votes.standing(battle.battle_id) == [sent.vote]
    assert sent.vote.revision == 0


def test_sent_votes_are_on_the_disk_when_they_are_acknowledged(path, store, new_battle, tmp_path):
    battle_id = new_battle()
    asyncio.run(store.votes.send(Vote(battle_id, Winner.TIE, ANNA)))
    log = path.with_name(path.name + ".votelog")
    assert str(battle_id).encode() in b"".join(segment.read_bytes() for segment in log.glob("*.votes"))


def test_what_casting_refuses_sending_refuses(store, battle):
    async def refused() -> None:
        await store.votes.send(Vote(battle.battle_id, Winner.TIE, ANNA))
        with pytest.raises(AlreadyVoted):
            await store.votes.send(Vote(battle.battle_id, Winner.TIE, ANNA))
        with pytest.raises(NotFound):
            await store.votes.send(Vote(uuid4(), Winner.TIE, ANNA))
        with pytest.raises(InvalidInput, match="needs a winner"):
            await store.votes.send(Vote(battle.battle_id, None, ANNA))

    asyncio.run(refused())
    assert store.votes.count() == 1


def test_a_check_sees_who_started_the_battle_and_may_refuse_the_vote(store, battle):
    fought = make_battle(started_by=ANNA)
    store.battles.add(fought)
    seen = []

    def check(facts):
        seen.append((facts.owner, facts.aside))
        raise NotVotable("This is not yours.")

    async def both() -> None:
        for battle_id in (fought.battle_id, battle.battle_id):
            with pytest.raises(NotVotable, match="not yours"):
                await store.votes.send(Vote(battle_id, Winner.TIE, ANNA), check)

    asyncio.run(both())
    assert seen == [(("human", "anna"), None), (None, None)]
    assert store.votes.count() == 0


def test_of_many_coroutines_voting_for_one_voter_exactly_one_gets_through(store, battle):
    async def vote(number: int) -> str:
        try:
            await store.votes.send(Vote(battle.battle_id, list(Winner)[number % 4], ANNA))
        except AlreadyVoted:
            return "refused"
        return "cast"

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(vote(number) for number in range(50)))

    assert Counter(asyncio.run(all_of_them())) == {"cast": 1, "refused": 49}


def test_votes_of_coroutines_in_two_loops_and_of_threads_are_all_there_once(store, battle):
    battles = [make_battle() for _ in range(20)]
    store.battles.add_many(battles)

    def loop(first: int) -> None:
        async def one(voter: Voter) -> None:
            for fought in battles:
                await store.votes.send(Vote(fought.battle_id, Winner.MODEL_A, voter))

        async def several() -> None:
            await asyncio.gather(*(one(human(first + number)) for number in range(10)))

        asyncio.run(several())

    def thread(number: int) -> None:
        for fought in battles:
            store.votes.cast(Vote(fought.battle_id, Winner.MODEL_A, human(number)))

    workers = [threading.Thread(target=loop, args=(first,)) for first in (0, 100)]
    workers += [threading.Thread(target=thread, args=(200 + number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive()
    assert store.votes.count() == 20 * 28
    assert store.votes.pair_counts(VoteFilter())[0].wins_a == 20 * 28


def test_no_thread_is_added_for_each_vote_that_waits(store, battle, monkeypatch):
    battles = [make_battle() for _ in range(60)]
    store.battles.add_many(battles)
    append = store._journal.append
    entered, go_on = threading.Event(), threading.Event()

    def slow(group: str, last_seq: int) -> None:
        entered.set()
        go_on.wait(10)
        append(group, last_seq)

    async def crowd() -> int:
        monkeypatch.setattr(store._journal, "append", slow)
        before = threading.active_count()
        waiting = [
            asyncio.ensure_future(store.votes.send(Vote(b.battle_id, Winner.TIE, ANNA))) for b in battles
        ]
        while not entered.is_set():
            await asyncio.sleep(0.001)
        threads = threading.active_count() - before
        go_on.set()
        await asyncio.gather(*waiting)
        return threads

    assert asyncio.run(crowd()) == 1
    assert store.votes.count() == 60


def test_a_cancelled_coroutine_leaves_the_others_served(store, battle, monkeypatch):
    battles = [make_battle() for _ in range(3)]
    store.battles.add_many(battles)
    append = store._journal.append
    entered, go_on = threading.Event(), threading.Event()

    def slow(group: str, last_seq: int) -> None:
        entered.set()
        go_on.wait(10)
        append(group, last_seq)

    async def crowd() -> list[object]:
        monkeypatch.setattr(store._journal, "append", slow)
        waiting = [
            asyncio.ensure_future(store.votes.send(Vote(b.battle_id, Winner.TIE, ANNA))) for b in battles
        ]
        while not entered.is_set():
            await asyncio.sleep(0.001)
        waiting[1].cancel()
        await asyncio.sleep(0)
        go_on.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, cancelled, last = asyncio.run(crowd())
    assert isinstance(cancelled, asyncio.CancelledError)
    assert first.vote.winner is last.vote.winner is Winner.TIE


def test_a_loop_that_is_gone_holds_up_nobody(store, battle, monkeypatch):
    battles = [make_battle() for _ in range(2)]
    store.battles.add_many(battles)
    append = store._journal.append
    entered, go_on = threading.Event(), threading.Event()
    left: list[asyncio.Future[object]] = []

    def slow(group: str, last_seq: int) -> None:
        entered.set()
        go_on.wait(10)
        append(group, last_seq)

    async def leave() -> None:
        left.append(asyncio.ensure_future(store.votes.send(Vote(battles[0].battle_id, Winner.TIE, ANNA))))
        while not entered.is_set():
            await asyncio.sleep(0.001)

    monkeypatch.setattr(store._journal, "append", slow)
    asyncio.run(leave())
    go_on.set()
    asyncio.run(store.votes.send(Vote(battles[1].battle_id, Winner.TIE, ANNA)))
    assert store.votes.count() == 2


def test_a_group_that_cannot_be_logged_refuses_each_of_its_coroutines(store, battle, monkeypatch):
    battles = [make_battle() for _ in range(5)]
    store.battles.add_many(battles)

    def fail(group: str, last_seq: int) -> None:
        raise StoreFailed("The disk is full.")

    async def crowd() -> list[object]:
        waiting = (store.votes.send(Vote(b.battle_id, Winner.TIE, ANNA)) for b in battles)
        return await asyncio.gather(*waiting, return_exceptions=True)

    with monkeypatch.context() as broken:
        broken.setattr(store._journal, "append", fail)
        assert {str(error) for error in asyncio.run(crowd())} == {"The disk is full."}
    assert store.votes.count() == 0
    asyncio.run(crowd())
    assert store.votes.count() == 5


def test_a_closed_store_refuses_and_its_thread_ends(path, tmp_path):
    with Store.open(path) as store:
        from tests.arena.store.conftest import add_models

        add_models(store, "ada", "bob")
        fought = make_battle()
        store.battles.add(fought)
        asyncio.run(store.votes.send(Vote(fought.battle_id, Winner.TIE, ANNA)))
        assert any(thread.name == "store-votes" for thread in threading.enumerate())
    assert not any(thread.name == "store-votes" for thread in threading.enumerate())
    with pytest.raises(StoreFailed, match="closed"):
        asyncio.run(store.votes.send(Vote(fought.battle_id, Winner.TIE, human(1))))
    with Store.open(path) as again:
        assert again.votes.count() == 1
