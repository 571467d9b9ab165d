"""What goes wrong with the disk or amid a vote: said loudly, and nothing acknowledged is lost or doubled."""

import os
import resource
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from arena.errors import StoreDamaged, StoreFailed
from arena.store import Store
from arena.types import ModelKind, ModelSpec, Prompt, Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle


@contextmanager
def disk_full_at(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def log_of(path: Path) -> list[Path]:
    return sorted(path.with_name(path.name + ".votelog").glob("*.votes"))


def test_when_the_log_cannot_grow_the_vote_is_refused_and_can_be_cast_once_there_is_room(
    path, store, new_battle
):
    kept, refused = new_battle(), new_battle()
    store.votes.cast(Vote(kept, Winner.MODEL_A, ANNA))
    (segment,) = log_of(path)
    before = segment.read_bytes()
    with (
        disk_full_at(len(before) + 20),
        pytest.raises(StoreFailed, match="was not saved, because the vote log"),
    ):
        store.votes.cast(Vote(refused, Winner.MODEL_A, ANNA))
    assert segment.read_bytes() == before
    assert store.votes.count() == 1
    assert store.votes.cast(Vote(refused, Winner.MODEL_B, ANNA)).revision == 0
    assert store.votes.count() == 2


def test_a_refused_undo_leaves_the_vote_standing(path, store, battle):
    cast = store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    with disk_full_at(log_of(path)[0].stat().st_size + 20), pytest.raises(StoreFailed):
        store.votes.undo(battle.battle_id, ANNA)
    assert store.votes.standing(battle.battle_id) == [cast]
    assert store.votes.undo(battle.battle_id, ANNA).revision == 1


def test_when_the_database_cannot_grow_votes_stay_in_the_log_and_arrive_later(path, new_battle, store):
    battles = [new_battle() for _ in range(3)]
    store.votes.cast(Vote(battles[0], Winner.MODEL_A, ANNA))
    with disk_full_at(log_of(path)[0].stat().st_size + 4000):
        store.votes.cast(Vote(battles[1], Winner.MODEL_A, ANNA))
        with pytest.raises(StoreFailed, match="could not be written"):
            store.votes.count()
        with pytest.raises(StoreFailed, match="could not be written"):
            store.votes.cast(Vote(battles[2], Winner.MODEL_A, ANNA))
    assert log_of(path)
    store.close()
    with Store.open(path) as again:
        assert {vote.battle_id for b in battles for vote in again.votes.standing(b)} == set(battles[:2])


def test_a_change_that_does_not_fit_changes_nothing_and_says_so(path):
    with Store.open(path) as store:
        add_models(store, "ada")
        with (
            disk_full_at(path.stat().st_size + 1000),
            pytest.raises(StoreFailed, match="could not be written"),
        ):
            store.prompts.add("long", [Prompt.from_text("x" * 3_000_000)])
    with Store.open(path) as store:
        assert store.prompts.sets() == {}
        assert [spec.name for spec in store.models.list()] == ["ada"]


def test_a_log_that_cannot_be_cut_back_takes_no_more_votes(store, new_battle, monkeypatch):
    first, second = new_battle(), new_battle()
    store.votes.cast(Vote(first, Winner.TIE, ANNA))
    journal = store._journal

    def fail(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("arena.store.journal._sync", fail)
    with pytest.raises(StoreFailed, match="Input/output error"):
        store.votes.cast(Vote(second, Winner.TIE, ANNA))
    monkeypatch.undo()
    with pytest.raises(StoreFailed, match="takes no more votes, because its disk failed"):
        store.votes.cast(Vote(second, Winner.TIE, ANNA))
    assert store._journal is journal
    assert store.votes.count() == 1


def test_an_interrupted_group_refuses_everyone_and_whatever_was_logged_is_seen_on_reopening(
    path, new_battle, store, monkeypatch
):
    battles = [new_battle() for _ in range(8)]
    append = store._journal.append
    entered = threading.Event()

    def interrupted(group: str, last_seq: int) -> None:
        append(group, last_seq)
        entered.set()
        time.sleep(0.3)
        raise KeyboardInterrupt

    monkeypatch.setattr(store._journal, "append", interrupted)

    def vote(number: int) -> str:
        if number:
            entered.wait()
        try:
            store.votes.cast(Vote(battles[number], Winner.TIE, ANNA))
        except KeyboardInterrupt:
            return "interrupted"
        except StoreFailed as error:
            assert "interrupted" in str(error)
            return "refused"
        return "cast"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(vote, range(8))) == ["interrupted", *["refused"] * 7]
    with pytest.raises(StoreFailed, match="interrupted"):
        store.votes.cast(Vote(battles[0], Winner.TIE, ANNA))
    left = path.parent.with_name("left")
    shutil.copytree(path.parent, left)
    with Store.open(left / path.name) as again:
        assert again.votes.count() == 1


@pytest.fixture
def ctrl_c_interrupts():
    """Python's own answer to Ctrl-C; a shell that starts the tests in the background switches it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_interrupts")
def test_a_waiting_voter_who_gives_up_leaves_the_others_served(store, new_battle, monkeypatch):
    battles = [new_battle() for _ in range(3)]
    append = store._journal.append
    started, go_on = threading.Event(), threading.Event()

    def slow(group: str, last_seq: int) -> None:
        started.set()
        go_on.wait(10)
        append(group, last_seq)

    monkeypatch.setattr(store._journal, "append", slow)
    with ThreadPoolExecutor(2) as pool:
        leading = pool.submit(store.votes.cast, Vote(battles[0], Winner.TIE, ANNA))
        started.wait(10)
        ctrl_c = (threading.main_thread().ident, signal.SIGINT)
        threading.Timer(0.3, signal.pthread_kill, ctrl_c).start()
        with pytest.raises(KeyboardInterrupt):
            store.votes.cast(Vote(battles[1], Winner.TIE, ANNA))
        other = pool.submit(store.votes.cast, Vote(battles[2], Winner.TIE, ANNA))
        go_on.set()
        assert leading.result(10).winner is other.result(10).winner is Winner.TIE
    assert store.votes.count() == 2


def test_the_error_of_a_change_reaches_its_caller_and_undoes_the_change(store):
    def change(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("INSERT INTO models (name, kind, options) VALUES ('half', 'recorded', '{}')")
        con.execute("SELECT * FROM nowhere")

    with pytest.raises(duckdb.CatalogException, match="nowhere"):
        store.bulk.run(change)
    assert store.models.list() == []
    store.models.add(ModelSpec("ada", ModelKind.RECORDED))


def test_damage_in_the_log_is_said_on_opening_and_the_file_is_free_again(path):
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        battles = [make_battle() for _ in range(3)]
        store.battles.add_many(battles)
        for number, fought in enumerate(battles):
            store.votes.cast(Vote(fought.battle_id, Winner.TIE, Voter(VoterKind.HUMAN, f"voter {number}")))
        (segment,) = log_of(path)
        content = segment.read_bytes()
    segment.write_bytes(content.replace(b"voter 1", b"voter 7"))
    for _ in range(2):
        with pytest.raises(StoreDamaged, match="is damaged at line 3"):
            Store.open(path)
    segment.unlink()
    with Store.open(path) as store:
        assert store.votes.count() == 3


def test_a_vote_is_flushed_to_the_disk_before_it_is_acknowledged(path, store, battle, monkeypatch):
    flushed: list[bytes] = []

    def sync(fd: int) -> None:
        os.fsync(fd)
        flushed.append(log_of(path)[0].read_bytes())

    monkeypatch.setattr("arena.store.journal._sync", sync)
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, Voter(VoterKind.HUMAN, "flushed anna")))
    assert len(flushed) == 1
    assert b"flushed anna" in flushed[0]
