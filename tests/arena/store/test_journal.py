"""The vote log by itself, and what a store makes of what a killed process left in it."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import StoreDamaged, StoreLocked
from arena.store import Store
from arena.store.journal import Journal, decode, encode
from arena.store.rows import VoteRow, dump_rows, load_rows
from arena.types import Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import add_models, make_battle

STORE_ID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "votes.votelog"


def write(folder: Path, *groups: str, segment_bytes: int = 1 << 20) -> None:
    journal = Journal(folder, STORE_ID, segment_bytes=segment_bytes)
    for seq, group in enumerate(groups):
        journal.append(group, seq)
    journal.close()


def replay(folder: Path) -> list[str]:
    journal = Journal(folder, STORE_ID)
    try:
        return journal.replay()
    finally:
        journal.close()


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.votes"))


def test_what_was_appended_is_replayed_in_order_over_all_segments(folder):
    groups = [f'{{"seq":[{n}]}}' for n in range(50)]
    write(folder, *groups, segment_bytes=200)
    assert len(segments(folder)) > 3
    assert replay(folder) == groups
    assert replay(folder) == groups


def test_an_empty_log_replays_nothing(folder):
    assert replay(folder) == []


def test_a_torn_end_is_dropped_at_every_length(folder):
    write(folder, "one", "two")
    (segment,) = segments(folder)
    content = segment.read_bytes()
    header_end = content.index(b"\n") + 1
    whole = header_end + len(encode("one"))
    for size in range(len(content)):
        segment.write_bytes(content[:size])
        assert replay(folder) == (["one"] if size >= whole else []), size


def test_zeros_after_the_last_group_are_a_torn_end(folder):
    write(folder, "one")
    (segment,) = segments(folder)
    segment.write_bytes(segment.read_bytes() + bytes(4096))
    assert replay(folder) == ["one"]


def test_a_bad_line_before_a_good_one_is_damage_and_says_where(folder):
    write(folder, "one", "two", "three")
    (segment,) = segments(folder)
    segment.write_bytes(segment.read_bytes().replace(b"two", b"twx"))
    with pytest.raises(StoreDamaged, match="damaged at line 3, before its end"):
        replay(folder)


def test_a_torn_end_of_an_earlier_segment_is_damage(folder):
    write(folder, "one" * 40, "two" * 40, segment_bytes=100)
    first, *_ = segments(folder)
    first.write_bytes(first.read_bytes()[:-5])
    with pytest.raises(StoreDamaged, match=f"{first.name} is damaged"):
        replay(folder)


def test_a_log_of_another_database_is_refused(folder):
    write(folder, "one")
    journal = Journal(folder, "another")
    with pytest.raises(StoreDamaged, match="belongs to another database"):
        journal.replay()
    journal.close()


def test_a_log_is_open_once_in_a_process(folder):
    journal = Journal(folder, STORE_ID)
    with pytest.raises(StoreLocked):
        Journal(folder, STORE_ID)
    journal.close()
    Journal(folder, STORE_ID).close()


def test_finished_segments_are_deleted_once_their_rows_are_stored(folder):
    journal = Journal(folder, STORE_ID, segment_bytes=100)
    for seq in range(6):
        journal.append("x" * 90, seq)
    assert len(segments(folder)) == 6
    journal.forget(3)
    assert [int(path.stem) for path in segments(folder)] == [4, 5, 6]
    journal.forget(99)
    assert [int(path.stem) for path in segments(folder)] == [6]
    journal.append("y", 6)
    journal.clear()
    assert segments(folder) == []
    journal.append("z", 7)
    journal.close()
    assert replay(folder) == ["z"]


@given(st.text())
def test_every_text_survives_the_log_and_no_changed_byte_goes_unnoticed(text):
    group = dump_rows([VoteRow(1, "b", 1, 2, None, "human", text, text, 0, (text, ""), text, 5)])
    line = encode(group)[:-1]
    assert b"\n" not in line
    assert decode(line) == group
    assert load_rows(group)[0].voter == text
    for place in range(0, len(line), 7):
        changed = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
        assert decode(changed) is None


VOTERS = [Voter(VoterKind.HUMAN, name) for name in ("anna", "ben", "çem\n", "日本")]


def crashed(store: Store, path: Path, to: Path) -> Path:
    """Copy what a killed process would leave: the database file without what waits in memory, and the log."""
    shutil.copytree(path.parent, to)
    return to / path.name


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["cast", "undo", "correct", "read"]), st.sampled_from(VOTERS)), max_size=25
    )
)
def test_after_a_crash_the_log_gives_back_exactly_what_was_acknowledged(tmp_path_factory, steps):
    tmp_path = tmp_path_factory.mktemp("crash")
    path = tmp_path / "home" / "workbench.duckdb"
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        fought = make_battle()
        store.battles.add(fought)
        acknowledged: list[Vote] = []
        for number, (verb, voter) in enumerate(steps):
            newest = next((v for v in reversed(acknowledged) if v.voter == voter), None)
            standing = newest is not None and newest.winner is not None
            winner = list(Winner)[number % 4]
            if verb == "read":
                store.votes.count()
            elif verb == "cast" and not standing:
                acknowledged.append(
                    store.votes.cast(Vote(fought.battle_id, winner, voter, comment=voter.name))
                )
            elif verb == "undo" and standing:
                acknowledged.append(store.votes.undo(fought.battle_id, voter))
            elif verb == "correct" and standing:
                acknowledged.append(store.votes.correct(fought.battle_id, voter, winner=winner))
        left = crashed(store, path, tmp_path / "left")
    with Store.open(left) as again:
        assert again.votes.history(fought.battle_id) == acknowledged
    with Store.open(left) as again:
        assert again.votes.history(fought.battle_id) == acknowledged


def test_a_log_replayed_twice_gives_each_vote_once(tmp_path, path):
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        battles = [make_battle() for _ in range(20)]
        store.battles.add_many(battles)
        for fought in battles[:10]:
            store.votes.cast(Vote(fought.battle_id, Winner.MODEL_A, VOTERS[0]))
        assert store.votes.count() == 10
        for fought in battles[10:]:
            store.votes.cast(Vote(fought.battle_id, Winner.MODEL_B, VOTERS[0]))
        left = crashed(store, path, tmp_path / "left")
    log = left.with_name(left.name + ".votelog")
    kept = tmp_path / "kept"
    shutil.copytree(log, kept)
    for _ in range(2):
        with Store.open(left) as again:
            assert again.votes.count() == 20
            assert again.votes.pair_counts(VoteFilter())[0].wins_a == 10
            assert again.votes.voters() == 1
        assert list(log.iterdir()) == []
        shutil.copytree(kept, log, dirs_exist_ok=True)


def test_a_log_that_contradicts_the_database_is_damage_and_nothing_is_replayed(tmp_path, path):
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        first, second = make_battle(), make_battle()
        store.battles.add_many([first, second])
        before = crashed(store, path, tmp_path / "before")
        store.votes.cast(Vote(first.battle_id, Winner.MODEL_A, VOTERS[0]))
        store.votes.cast(Vote(second.battle_id, Winner.MODEL_A, VOTERS[0]))
        left = crashed(store, path, tmp_path / "left")
    with Store.open(before) as other:
        other.votes.cast(Vote(first.battle_id, Winner.MODEL_B, VOTERS[0]))
    shutil.copytree(
        left.with_name(left.name + ".votelog"), before.with_name(left.name + ".votelog"), dirs_exist_ok=True
    )
    for _ in range(2):
        with pytest.raises(StoreDamaged, match="1 votes of the vote log contradict the database"):
            Store.open(before)


def test_the_order_of_votes_goes_on_after_a_crash(tmp_path, path):
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        battles = [make_battle() for _ in range(3)]
        store.battles.add_many(battles)
        for fought in battles[:2]:
            store.votes.cast(Vote(fought.battle_id, Winner.TIE, VOTERS[0]))
        left = crashed(store, path, tmp_path / "left")
    with Store.open(left) as again:
        again.votes.cast(Vote(battles[2].battle_id, Winner.MODEL_B, VOTERS[0]))
        assert again.votes.outcomes(VoteFilter()).winner.tolist() == [2, 2, 1]
