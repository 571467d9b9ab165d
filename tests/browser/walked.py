"""A home with something in every tab: two months of votes, judges, scores, exports, runs, jobs and a review queue."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.types import (
    Answer,
    Battle,
    ModelKind,
    ModelSpec,
    Prompt,
    Turn,
    Vote,
    VoteFilter,
    Voter,
    VoterKind,
    Winner,
)
from tests.support.scripted_endpoint import ScriptedEndpoint
from training import runs
from training.config import make
from training.files import append_line
from training.run import METRICS
from training.state import RunState, Status, write_status
from workbench.bench import Workbench
from workbench.jobs.specs import ImportJob, JudgeJob, ScoreJob

LONG_NAME = "an-uncommonly-long-model-name-7b-instruct-2026-03-with-a-suffix-that-does-not-fit"
STRENGTHS = {
    "heron-large": 0.9, "kestrel-8b": 0.6, LONG_NAME: 0.4, "tern-base": 0.1, "wren <b>mini</b>": -0.2,
    "crow-${tiny}": -0.6, "owl-chat": 0.3,
}  # fmt: skip
FAILING = "failing-endpoint"
QUEUE = "spring check"
BATTLES = 90
WAITING = 12
"""So many of the battles wait for votes in the queue."""
BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=16 * BATTLES)

MARKDOWN = """Light of short waves is **scattered more**, and blue is short:

$$I \\propto \\frac{1}{\\lambda^4}$$

1. Sunlight holds every colour.
2. Air scatters `blue` about $5.5$ times as much as red.

| colour | wavelength |
| --- | ---: |
| blue | 450 nm |
| red | 700 nm |

```python
def scattered(wavelength: float) -> float:
    \"\"\"Return how much is scattered, relative to red.\"\"\"
    return (700 / wavelength) ** 4  # Rayleigh
```
"""
SHORT = "Because air scatters blue light more than red light."
QUESTIONS = tuple(f"Why is the sky blue at {hour} o'clock?" for hour in range(6, 21))
REFERENCE = "Air scatters blue light more than red light, so blue reaches us from all sides."


def furnish(home: Path, endpoint: ScriptedEndpoint) -> None:
    """Fill a new home; `endpoint` plays a judge's model."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "workbench.toml").write_text(
        'criteria = ["overall", "helpful", "safe"]\n[judging]\nmin_battles = 20\n', encoding="utf-8"
    )
    rng = random.Random(11)
    with Workbench.open(home, seed=0) as bench:
        prompts = [
            Prompt.from_text(
                text, category="physics" if i % 3 else "weather", language="en", reference=REFERENCE
            )
            for i, text in enumerate(QUESTIONS)
        ]
        bench.store.prompts.add("sky", prompts)
        _models(bench, prompts, endpoint.base_url, rng)
        battles = _battles(bench, prompts, rng)
        _judges(bench, battles, endpoint.base_url, rng)
        bench.create_queue(
            QUEUE,
            battle_ids=[battle.battle_id for battle in battles[-WAITING:]],
            overlap=2,
            attention=0,
            instructions="Prefer the answer that a curious child would understand.",
        )
        bench.export("people-1", VoteFilter(voter_kinds=(VoterKind.HUMAN,)))
        _jobs(bench, home)
        _runs(bench, home, rng)


def _models(bench: Workbench, prompts: Sequence[Prompt], base_url: str, rng: random.Random) -> None:
    for name in STRENGTHS:
        bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        for prompt in prompts:
            text = (MARKDOWN if rng.random() < 0.6 else SHORT) + f"\n\nSo says number {rng.randrange(9999)}."
            answer = Answer(name, text, finish_reason="recorded", tokens=len(text) // 4)
            bench.store.answers.add(prompt, [answer], recorded=True)
    server = {"base_url": base_url, "model": "scripted", "retries": 0, "sets": ["none"]}
    bench.add_model(ModelSpec("judging-model", ModelKind.ENDPOINT, server))
    nowhere = {"base_url": "http://127.0.0.1:9/v1", "model": "none", "retries": 0, "sets": ["none"]}
    bench.add_model(ModelSpec(FAILING, ModelKind.ENDPOINT, nowhere))


def _battles(bench: Workbench, prompts: Sequence[Prompt], rng: random.Random) -> list[Battle]:
    battles = []
    for _ in range(BATTLES):
        prompt = rng.choice(prompts)
        model_a, model_b = rng.sample(list(STRENGTHS), 2)
        answers = [
            Answer(
                name,
                (MARKDOWN if rng.random() < 0.5 else SHORT) + f"\n\nAnswer {rng.randrange(9999)}.",
                "stop",
            )
            for name in (model_a, model_b)
        ]
        battles.append(Battle(uuid4(), prompt, model_a, model_b, (Turn(None, *answers),)))
    bench.store.battles.add_many(battles)
    voted = battles[:-WAITING]
    votes = [
        Vote(battle.battle_id, _winner(battle, rng), Voter(VoterKind.HUMAN, f"person {p}"), created_at=at)
        for i, battle in enumerate(voted)
        for p in rng.sample(range(6), 2)
        for at in [BEGIN + timedelta(hours=16 * i, minutes=7 * p)]
    ]
    assert not any(bench.store.votes.settle_all(votes))
    return battles


def _winner(battle: Battle, rng: random.Random, noise: float = 0.5) -> Winner:
    lead = STRENGTHS[battle.model_a] - STRENGTHS[battle.model_b] + rng.gauss(0, noise)
    if abs(lead) < 0.12:
        return rng.choice([Winner.TIE, Winner.BOTH_BAD])
    return Winner.MODEL_A if lead > 0 else Winner.MODEL_B


def _judges(bench: Workbench, battles: Sequence[Battle], base_url: str, rng: random.Random) -> None:
    for name, noise in (
        ("careful", 0.3),
        ("hasty", 2.0),
        ("a-judge-with-a-name-that-is-far-too-long-2026", 0.7),
    ):
        judge = Voter(VoterKind.JUDGE, name)
        votes = [Vote(b.battle_id, _winner(b, rng, noise), judge) for b in battles if rng.random() < 0.8]
        assert not any(bench.store.votes.settle_all(votes))
    options = {"model": "judging-model", "attempts": 1}
    bench.add_judge(JudgeSpec("strict", JudgeKind.PAIRWISE, options))


def _jobs(bench: Workbench, home: Path) -> None:
    bad = home / "uploads" / "votes.csv"
    bad.parent.mkdir(exist_ok=True)
    bad.write_text("model_a,model_b,winner\nheron-large,tern-base,banana\n", encoding="utf-8")
    for spec in (
        ScoreJob(metrics=("rouge", "chrf")),
        JudgeJob(judge="strict", battles=BattleFilter(limit=40)),
        ImportJob(file=str(bad), what="votes", name="votes.csv"),
    ):
        assert bench.start_job(spec, by="anna").wait(120)


def _runs(bench: Workbench, home: Path, rng: random.Random) -> None:
    base = home / "models" / "base"
    base.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (base / name).write_text("{}", encoding="utf-8")
    (base / "model.safetensors").write_bytes(b"0")
    (base / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    for name, state, steps in (("dpo-1", RunState.STOPPED, 60), ("reward-1", RunState.FAILED, 8)):
        config = make(
            name=name, method=name.split("-")[0], base=str(base), data=str(home / "exports" / "people-1"),
            parent=None, adapter=None, overrides={"epochs": 2.0},
        )  # fmt: skip
        run = runs.create_run(home / "runs", config)
        for step in range(1, steps + 1):
            for split in ("train", "test") if step % 10 == 0 else ("train",):
                append_line(run.folder / METRICS, _measured(step, split, rng))
        said = (
            "Stopped after step 60 of 120." if state is RunState.STOPPED else "The loss became nan at step 8."
        )
        write_status(run.folder, Status(state, str(BEGIN), str(BEGIN), step=steps, total=120, message=said))
        (run.folder / "log.txt").write_text(
            json.dumps({"step": steps}) + "\n" + said + "\n", encoding="utf-8"
        )


def _measured(step: int, split: str, rng: random.Random) -> dict[str, object]:
    gain = 1 - 0.97**step
    return {
        "step": step, "split": split, "epoch": step / 60, "seconds": step * 0.5,
        "loss": 0.69 - 0.4 * gain + rng.gauss(0, 0.02), "accuracy": min(1.0, 0.5 + 0.4 * gain + rng.gauss(0, 0.02)),
        "margin": 1.5 * gain + rng.gauss(0, 0.05),
    }  # fmt: skip
