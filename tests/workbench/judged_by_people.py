"""A home in which two people voted on eighty battles, and two judges: one sound, one blind."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import numpy as np

from arena.types import Answer, Battle, Prompt, Turn, Vote, Voter, VoterKind, Winner
from workbench.bench import Workbench

A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE


def judge(name: str) -> Voter:
    return Voter(VoterKind.JUDGE, name)


def cast(bench: Workbench, battles, voter: Voter, winners, criterion: str = "overall") -> None:
    """Cast votes from several threads, which share one flush to the disk."""
    votes = [Vote(battle, winner, voter, criterion) for battle, winner in zip(battles, winners, strict=True)]
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(bench.store.votes.cast, votes))


def add_judged_battles(bench: Workbench) -> list[UUID]:
    """Store the battles of owl and crow with all votes; the owl wins most, on either side."""
    rng = np.random.default_rng(0)
    fought = []
    for number in range(80):
        sides = ("owl", "crow") if number % 2 else ("crow", "owl")
        prompt = Prompt.from_text(f"Question {number}", category="even" if number % 4 < 2 else "odd")
        answers = [Answer(name, f"{name} on {number}", "stop") for name in sides]
        fought.append(Battle(uuid4(), prompt, *sides, (Turn(None, *answers),)))
    bench.store.battles.add_many(fought)
    ids = [battle.battle_id for battle in fought]
    truth = [(A if n % 2 else B) if rng.random() < 0.75 else (B if n % 2 else A) for n in range(80)]
    for name in ("ann", "bob"):
        said = [winner if rng.random() < 0.85 else winner.swapped() for winner in truth]
        cast(bench, ids, Voter(VoterKind.HUMAN, name), said)
    cast(bench, ids, judge("sound"), truth)
    cast(bench, ids, judge("blind"), [A if rng.random() < 0.5 else B for _ in ids])
    return ids
