"""A home for judges and metrics: battles that people voted on, answers with references, and texts that mean harm."""

from uuid import uuid4

from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn, Vote, Voter, VoterKind, Winner
from tests.support.scripted_endpoint import ScriptedEndpoint
from workbench.bench import Workbench

HARMFUL = '<img src=x onerror="window.harmed=1">${window.harmed=2}{{window.harmed=3}}'
BATTLES = 64
SLOW = 0.7
"""A judge of this temperature takes long over each verdict."""
FAILING = {7: "<unreadable>", 21: "<refused>"}
"""Battles whose prompt makes the scripted judge's model misbehave."""
LONG, SHORT = "a long and careful answer " + HARMFUL, "no"


def furnish_battles(bench: Workbench, endpoint: ScriptedEndpoint) -> None:
    """Store battles between wordy and terse, sides in turn, with three people who mostly prefer the longer answer."""
    for name in ("wordy", "terse"):
        bench.add_model(ModelSpec(name, ModelKind.RECORDED))
    server = {"base_url": endpoint.base_url, "model": "scripted", "retries": 0, "sets": ["none"]}
    bench.add_model(ModelSpec("judging-model", ModelKind.ENDPOINT, server))
    for number in range(BATTLES):
        prompt = Prompt.from_text(
            f"Tell me about topic {number}. {FAILING.get(number, '')}",
            category="even" if number % 2 else "odd",
        )
        models, texts = ("wordy", "terse"), (LONG, SHORT)
        if number % 2:
            models, texts = ("terse", "wordy"), (SHORT, LONG)
        answers = (Answer(models[0], texts[0], "stop"), Answer(models[1], texts[1], "stop"))
        battle = Battle(uuid4(), prompt, *models, (Turn(None, *answers),))
        bench.store.battles.add(battle)
        for person in range(3):
            best = models.index("wordy") if (number + person) % 8 else models.index("terse")
            winner = (Winner.MODEL_A, Winner.MODEL_B)[best]
            bench.store.votes.cast(Vote(battle.battle_id, winner, Voter(VoterKind.HUMAN, f"person {person}")))


def furnish_answers(bench: Workbench) -> None:
    """Store recorded answers of two models to prompts with references; one prompt has none, one answer is blank."""
    prompts = []
    for name in ("near", "far"):
        bench.add_model(ModelSpec(name, ModelKind.RECORDED))
    for number in range(12):
        reference = None if number == 5 else f"The lighthouse number {number} stands on a rock in the north."
        prompt = Prompt.from_text(f"Where does lighthouse {number} stand? {HARMFUL}", reference=reference)
        rest = " in the north" if number % 2 else ""
        near = "" if number == 3 else f"The lighthouse number {number} stands on a rock{rest}."
        far = f"Ask somebody else about number {number}. {HARMFUL}"
        answers = [Answer("near", near, "recorded"), Answer("far", far, "recorded")]
        bench.store.answers.add(prompt, answers, recorded=True)
        prompts.append(prompt)
    bench.store.prompts.add("lighthouses", prompts)
