"""A home with battles for judges, and the shortest way to a judge of each kind."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.types import (
    Answer,
    Battle,
    ModelKind,
    ModelSpec,
    Prompt,
    Turn,
    Vote,
    Voter,
    VoterKind,
    Winner,
)
from judges.reports import JudgeReport
from tests.support.scripted_endpoint import ScriptedEndpoint
from workbench.bench import Workbench

LONG, SHORT = "a long and careful answer", "no"
TOPICS = [f"Tell me about topic {number}." for number in range(5)]


def add_battles(bench: Workbench, prompts: Sequence[str | Prompt], turns: int = 1) -> list[Battle]:
    """Store a battle on each prompt between wordy, who always stands on side A, and terse."""
    known = {spec.name for spec in bench.list_models()}
    for name in {"wordy", "terse"} - known:
        bench.add_model(ModelSpec(name, ModelKind.RECORDED))
    battles = [
        Battle(
            uuid4(),
            prompt
            if isinstance(prompt, Prompt)
            else Prompt.from_text(prompt, category="topics", language="en"),
            "wordy",
            "terse",
            tuple(
                Turn(
                    f"And {number}?" if number else None,
                    Answer("wordy", LONG + "!" * number, "stop"),
                    Answer("terse", SHORT, "stop"),
                )
                for number in range(turns)
            ),
        )
        for prompt in prompts
    ]
    bench.store.battles.add_many(battles)
    return battles


def add_judge(
    bench: Workbench,
    endpoint: ScriptedEndpoint,
    name: str = "strict",
    kind: str = "pairwise",
    **options: object,
) -> JudgeSpec:
    """Set up a judge whose model is behind `endpoint`."""
    model = f"{name}-model"
    server = {"base_url": endpoint.base_url, "model": "scripted", "timeout": 10.0}
    bench.add_model(ModelSpec(model, ModelKind.ENDPOINT, server), replace=True)
    spec = JudgeSpec(name, JudgeKind(kind), {"model": model, "attempts": 1, **options})
    return bench.add_judge(spec, replace=True)


def judge(
    bench: Workbench, name: str = "strict", battles: BattleFilter | None = None, **how: object
) -> JudgeReport:
    """Let a judge judge."""
    return asyncio.run(bench.judge(name, battles or BattleFilter(), **how))  # type: ignore[arg-type]


def votes_of(bench: Workbench, battle_id: UUID) -> dict[str, str]:
    """Return the standing votes on a battle by voter."""
    return {vote.voter.name: str(vote.winner) for vote in bench.store.votes.standing(battle_id)}


def add_jury(bench: Workbench, endpoints: Mapping[str, ScriptedEndpoint], **options: object) -> None:
    """Set up a judge behind each endpoint, and `jury` of them all."""
    for name, server in endpoints.items():
        add_judge(bench, server, name, structured=False)
    bench.add_judge(JudgeSpec("jury", JudgeKind.JURY, {"members": list(endpoints), **options}), replace=True)


def add_voted_battles(bench: Workbench) -> list[Battle]:
    """Add six battles of which one person voted on all but the last, now for one side and now for the other."""
    battles = add_battles(bench, [f"Tell me about topic {n}." for n in range(6)])
    for number, battle in enumerate(battles[:5]):
        winner = Winner.MODEL_A if number % 2 else Winner.MODEL_B
        bench.store.votes.cast(Vote(battle.battle_id, winner, Voter(VoterKind.HUMAN, "anna")))
    return battles
