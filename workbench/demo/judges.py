"""The demo's judges, none of which needs a network, and battles for them between the recorded models.

The battles wait for people's votes too: a judge's votes count only once people have voted on what it judged.
"""

import asyncio
import uuid
from itertools import combinations

from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.types import Answer, Battle, ModelKind, Prompt, Turn
from workbench.bench import Workbench
from workbench.demo.content import recorded_answers, recorded_prompts

REFERENCE = "like-the-reference"
BRIEF = "brief"
MANNERS = "manners"
VILLAGER = "sounds-of-the-village"
PANEL = "panel"

IMPATIENT = r"\b(obviously|whatever|silly|stupid|shut up|go away|who cares|too bad|not my problem)\b|!!"
"""A few words, and a manner of shouting, of which a friendly answer has none."""

JUDGES = (
    JudgeSpec(REFERENCE, JudgeKind.METRIC, {"metric": "chrf", "tie_width": 1.0}),
    JudgeSpec(BRIEF, JudgeKind.RULE, {"max_words": 120}),
    JudgeSpec(MANNERS, JudgeKind.RULE, {"forbidden": IMPATIENT, "ignore_case": True}),
    JudgeSpec(PANEL, JudgeKind.JURY, {"members": [REFERENCE, BRIEF, MANNERS]}),
)
"""Each sees one thing and misses the rest, as judges do; whether one agrees with people is for people to show."""

JUDGED_AT_ONCE = (REFERENCE, BRIEF)
"""Judges with verdicts from the beginning."""


def add_judges(bench: Workbench, tiny: str) -> None:
    """Set the demo's judges up, and let two of them judge where there are no battles yet.

    `tiny` is the name of the local model whose ear for the village one of them has.
    """
    known = {spec.name for spec in bench.list_judges()}
    ear = JudgeSpec(
        VILLAGER,
        JudgeKind.METRIC,
        {"metric": "perplexity", "settings": {"model": tiny, "given_prompt": True}},
    )
    for spec in (*JUDGES, ear):
        if spec.name not in known:
            bench.add_judge(spec)
    if bench.store.battles.count() == 0:
        bench.store.battles.add_many(recorded_battles(bench))
        for name in JUDGED_AT_ONCE:
            asyncio.run(bench.judge(name, BattleFilter()))


def recorded_battles(bench: Workbench) -> list[Battle]:
    """Return one battle on each everyday prompt; every pair of recorded models meets about as often as any other."""
    names = [spec.name for spec in bench.list_models() if spec.kind is ModelKind.RECORDED]
    answers = recorded_answers()
    pairs = [pair for pair in combinations(answers, 2) if set(pair) <= set(names)]
    battles = []
    for number, (key, prompt) in enumerate(recorded_prompts().items()):
        first, second = pairs[number % len(pairs)]
        model_a, model_b = (first, second) if number // len(pairs) % 2 == 0 else (second, first)
        battles.append(_battle(prompt, model_a, model_b, answers[model_a][key], answers[model_b][key]))
    return battles


def _battle(prompt: Prompt, model_a: str, model_b: str, text_a: str, text_b: str) -> Battle:
    turn = Turn(
        None,
        Answer(model_a, text_a, finish_reason="recorded"),
        Answer(model_b, text_b, finish_reason="recorded"),
    )
    return Battle(uuid.uuid4(), prompt, model_a, model_b, (turn,))
