"""Makes the embedded default: prompts, recorded models that answered them, and a tiny real model, with no network.

The tiny model's weights are copied into the home, so that copying the home moves it. Two models stand on the same
weights with different temperatures: two samples of one model are what preference learning starts from.
"""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from arena.judgments import AnswerFilter, BattleFilter
from arena.types import Answer, ModelKind, ModelSpec, Prompt
from judges.scoring import score_answers
from workbench.bench import Workbench
from workbench.demo.content import recorded_answers, recorded_prompts
from workbench.demo.golden import GOLDEN, demo_golden, reference_of
from workbench.demo.judges import add_judges
from workbench.demo.world.surprise import surprise_prompts

TINY = "pebble-1m"
LIVELY = "pebble-1m-lively"
TINY_FOLDER = Path("models") / TINY
GENERAL_SET = "everyday"
WORLD_SET = "pebble-bay"
WORLD_SETS = (WORLD_SET, "pebble-bay-preference", "pebble-bay-battle")
"""Prompt sets the tiny model knows its way about; it is not paired on others."""

QUEUE = "first-look"
INSTRUCTIONS = "Read both answers to the end, then choose the one you would rather have got, or a tie."

MAX_TOKENS = 80

METRICS = ("rouge", "chrf")
"""What the recorded answers are scored by, so that the metrics are not empty when they are first opened."""


def make_demo(bench: Workbench) -> None:
    """Put the embedded default into a home; what is there already stays as it is."""
    known = {spec.name for spec in bench.list_models()}
    sets = bench.prompt_sets()
    if GENERAL_SET not in sets:
        bench.store.prompts.add(GENERAL_SET, list(recorded_prompts().values()))
    if WORLD_SET not in sets:
        prompts = [
            Prompt.from_text(text, category="small world", language="en", reference=reference_of(text))
            for text in surprise_prompts()
        ]
        bench.store.prompts.add(WORLD_SET, prompts)
    _add_recorded(bench, known)
    _add_tiny(bench, known)
    if GOLDEN not in {golden.name for golden in bench.golden_sets()}:
        bench.keep_golden(demo_golden())
    add_judges(bench, TINY)
    if QUEUE not in {summary.queue.name for summary in bench.queues()}:
        bench.create_queue(QUEUE, battles=BattleFilter(prompt_sets=(GENERAL_SET,)), instructions=INSTRUCTIONS)


def _add_recorded(bench: Workbench, known: set[str]) -> None:
    prompts = recorded_prompts()
    new = {model: texts for model, texts in recorded_answers().items() if model not in known}
    for model, texts in new.items():
        bench.add_model(ModelSpec(model, ModelKind.RECORDED))
        answers = [
            (prompts[prompt_key], [Answer(model, text, finish_reason="recorded")])
            for prompt_key, text in texts.items()
        ]
        bench.store.answers.add_many(answers, recorded=True)
    if new:
        score_answers(bench.store, AnswerFilter(tuple(new), (GENERAL_SET,)), bench.make_scorers(METRICS))


def _add_tiny(bench: Workbench, known: set[str]) -> None:
    folder = bench.home / TINY_FOLDER
    if not folder.exists():
        with as_file(files("workbench.demo") / "model") as source:
            shutil.copytree(source, folder)
    for name, temperature in ((TINY, 0.8), (LIVELY, 0.9)):
        if name not in known:
            options = {
                "path": str(folder),
                "temperature": temperature,
                "max_tokens": MAX_TOKENS,
                "sets": list(WORLD_SETS),
            }
            bench.add_model(ModelSpec(name, ModelKind.LOCAL, options))
