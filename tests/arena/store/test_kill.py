"""A process that votes as fast as it can is killed twenty times; every acknowledged vote is there, once."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from arena.store import Store
from arena.types import Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import add_models, make_battle

KILLS = 20
BATTLES = 64

VOTING = '''
"""Votes from eight threads without end; each vote is printed when it is acknowledged."""
import os, sys, threading
from pathlib import Path
from uuid import UUID
from arena.errors import WorkbenchError
from arena.store import Store
from arena.types import Vote, Voter, VoterKind, Winner

path, life, *battles = sys.argv[1:]
store = Store.open(Path(path))
os.write(1, b"open\\n")

def vote(thread):
    for lap in range(10**9):
        voter = Voter(VoterKind.SIMULATED, f"{life}-{thread}-{lap}")
        for number, battle in enumerate(battles):
            cast = store.votes.cast(Vote(UUID(battle), list(Winner)[number % 4], voter))
            os.write(1, f"{battle} {voter.name} {cast.winner.value} 0\\n".encode())
            if number % 16 == 5:
                store.votes.undo(UUID(battle), voter)
                os.write(1, f"{battle} {voter.name} - 1\\n".encode())
            if number % 48 == 7 and thread == 0:
                store.votes.count()

for thread in range(8):
    threading.Thread(target=vote, args=(thread,)).start()
'''


def _one_life(path: Path, life: int, battles: list[str], seconds: float) -> list[tuple[str, str, str, int]]:
    """Let a process vote for `seconds`, kill it, and return every revision it acknowledged."""
    command = [sys.executable, "-c", VOTING, str(path), str(life), *battles]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    ) as process:
        assert process.stdout.readline() == b"open\n"
        killer = threading.Timer(seconds, process.send_signal, [signal.SIGKILL])
        killer.start()
        *lines, torn = process.stdout.read().split(b"\n")
        killer.join()
        assert process.wait() == -signal.SIGKILL
    assert not torn
    words = [line.decode().split() for line in lines]
    return [(battle, voter, winner, int(revision)) for battle, voter, winner, revision in words]


@pytest.mark.slow
def test_no_acknowledged_vote_is_lost_or_doubled_by_twenty_kills(path):
    rng = np.random.default_rng(20)
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        fights = [make_battle() for _ in range(BATTLES)]
        store.battles.add_many(fights)
    battles = [str(fought.battle_id) for fought in fights]
    acknowledged: set[tuple[str, str, str, int]] = set()
    for life in range(KILLS):
        fresh = _one_life(path, life, battles, float(rng.uniform(0.02, 0.6)))
        assert acknowledged.isdisjoint(fresh)
        acknowledged.update(fresh)
        with Store.open(path) as store:
            rows = (
                store.read()
                .execute(
                    "SELECT battle_id::VARCHAR, voter, coalesce(winner::VARCHAR, '-'), revision FROM votes"
                )
                .fetchall()
            )
            stored = set(rows)
            assert len(stored) == len(rows)
            assert acknowledged <= stored
            # What is there beyond that was on its way when the process died: one vote of each thread at the most.
            assert len(stored - acknowledged) <= 8 * (life + 1)
            undone = {row[:2] for row in rows if row[2] == "-"}
            assert store.votes.count() == sum(row[2] != "-" and row[:2] not in undone for row in rows)
    assert len(acknowledged) > 50 * KILLS
    with Store.open(path) as store:
        again = Vote(UUID(battles[0]), Winner.TIE, Voter(VoterKind.HUMAN, "after all that"))
        assert store.votes.cast(again).revision == 0
