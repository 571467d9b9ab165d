"""Verdicts page by page from a key: those given meanwhile shift nothing."""

import asyncio

from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.types import Prompt, Voter, VoterKind

ANN = Voter(VoterKind.HUMAN, "ann")


def pages(call, limit, between=lambda: None):
    """Return the verdicts of all pages as (judge, battle)."""
    seen, cursor = [], None
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        page = call("GET", f"/verdicts/latest?limit={limit}{more}").json()
        seen += [(line["verdict"]["judge"], line["verdict"]["battle_id"]) for line in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return seen
        between()


def test_verdicts_of_one_moment_come_once_each_and_new_ones_shift_nothing(call):
    bench = call.bench
    prompts = [Prompt.from_text(f"Tell me about topic {n}.", category="topics") for n in range(6)]
    asyncio.run(bench.battle_all(["owl", "crow"], prompts, ANN, seed=1))
    for name in ("brief", "calm"):
        bench.add_judge(JudgeSpec(name, JudgeKind.RULE, {"max_words": 4}))
    asyncio.run(bench.judge("brief", BattleFilter()))
    every = pages(call, 100)
    assert len(set(every)) == len(every) == 6
    for limit in (1, 2, 4):
        assert pages(call, limit) == every
    judged = []

    def meanwhile():
        if not judged:
            judged.append(asyncio.run(bench.judge("calm", BattleFilter())))

    assert pages(call, 4, meanwhile) == every
    assert len(pages(call, 5)) == 12
    refused = call("GET", "/verdicts/latest?cursor=IngiCg")
    assert refused.status_code == 422
