import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from arena.errors import NotFound, StoreDamaged, StoreFailed, StoreLocked
from arena.store import Store
from arena.types import Prompt, Vote, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle

HOLD = """
import sys
from pathlib import Path
from arena.store import Store
with Store.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_new_store_is_made_with_its_folder(tmp_path):
    path = tmp_path / "new" / "home" / "workbench.duckdb"
    with Store.open(path) as store:
        assert store.models.list() == []
    assert path.exists()


def test_a_missing_store_is_not_made_unasked(tmp_path):
    path = tmp_path / "nothing" / "workbench.duckdb"
    with pytest.raises(NotFound, match="There is no database at"):
        Store.open(path, create=False)
    assert not path.parent.exists()


def test_a_store_held_by_another_process_is_refused_naming_process_and_remedy(path):
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(
            StoreLocked, match=f"in use by process {holder.pid} .*python.*: stop that process"
        ):
            Store.open(path)
        holder.stdin.close()
        assert holder.wait(30) == 0
    Store.open(path).close()


def test_a_store_open_in_this_process_is_not_opened_twice(path, store):
    with pytest.raises(StoreLocked, match="open already in this process"):
        Store.open(path)
    add_models(store, "ada")
    assert [spec.name for spec in store.models.list()] == ["ada"]


def test_closing_gives_the_file_back_and_may_be_repeated(path):
    store = Store.open(path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.models.list(), range(8)))
    store.close()
    store.close()
    duckdb.connect(str(path)).close()
    Store.open(path).close()


def test_a_closed_store_says_so(path):
    store = Store.open(path)
    add_models(store, "ada", "bob")
    fought = make_battle()
    store.battles.add(fought)
    store.close()
    for use in (
        store.models.list,
        lambda: add_models(store, "cid"),
        lambda: store.votes.cast(Vote(fought.battle_id, Winner.TIE, ANNA)),
    ):
        with pytest.raises(StoreFailed, match="closed"):
            use()


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 20_000, b"model_a,model_b,winner\n" * 1000])
def test_a_file_that_is_no_database_is_refused_in_one_sentence_and_left_alone(tmp_path, content):
    path = tmp_path / "workbench.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreDamaged) as refused:
        Store.open(path)
    assert str(refused.value).count("\n") == 0
    assert "move it away to start afresh" in str(refused.value)
    assert path.read_bytes() == content


def test_a_database_cut_short_is_refused_on_opening_or_on_reading_what_is_missing(path):
    with Store.open(path) as store:
        store.prompts.add("long", [Prompt.from_text(f"{n} " * 5000) for n in range(100)])
    content = path.read_bytes()
    for size in (100, 5000, 12_288, len(content) // 2):
        path.write_bytes(content[:size])
        with pytest.raises(StoreDamaged, match="move it away to start afresh"), Store.open(path) as store:
            store.prompts.list("long")


def test_a_broken_block_met_later_is_one_sentence(path):
    with Store.open(path) as store:
        store.prompts.add("long", [Prompt.from_text(f"{n} " * 5000) for n in range(100)])
    content = bytearray(path.read_bytes())
    for place in range(20_000, len(content), 50):
        content[place] ^= 0x55
    path.write_bytes(content)
    with (
        pytest.raises(StoreDamaged, match="move it away to start afresh") as refused,
        Store.open(path) as store,
    ):
        store.prompts.list("long")
    assert "\n" not in str(refused.value)


def test_someone_elses_database_is_refused_without_a_trace(tmp_path):
    path = tmp_path / "workbench.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE invoices (amount INTEGER)")
    with pytest.raises(StoreDamaged, match="not a workbench's"):
        Store.open(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["workbench.duckdb"]


def test_a_newer_database_is_refused(path):
    Store.open(path).close()
    with duckdb.connect(str(path)) as con:
        con.execute("INSERT INTO migrations (number, title) VALUES (99, 'from the future')")
    with pytest.raises(StoreDamaged, match="newer workbench"):
        Store.open(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreFailed, match="cannot be opened for writing"):
        Store.open(tmp_path / "home" / "workbench.duckdb")


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(StoreFailed, match="cannot be opened for writing"):
        Store.open(tmp_path / "home" / "workbench.duckdb")


def test_each_thread_reads_with_a_cursor_of_its_own(store):
    with ThreadPoolExecutor(4) as pool:
        cursors = set(pool.map(lambda _: (store.read(), store.read())[1], range(64)))
    assert 1 <= len(cursors) <= 4
    assert store.read() is store.read()
