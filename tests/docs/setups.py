"""What a page may find when it begins, by the names that its `setup` comment gives.

Each is what a reader has who comes to that page: the embedded default, votes of people, files of their own, a model.
"""

import csv
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.types import ModelKind, ModelSpec, Prompt, Vote, VoterKind, Winner
from arena.types import Voter as Somebody
from tests.docs.stage import Stage
from workbench.bench import Workbench
from workbench.demo.content import recorded_answers
from workbench.demo.setup import make_demo

BETTER = ("heron", "willow", "quill", "tern", "magpie")
"""The recorded models of the embedded default, the best first."""

PRICES = {"price_in": 2.5, "price_out": 10}

THINGS = ("bread", "the sea", "rain", "an oak", "salt", "the moon", "a clock", "the harbour")


def demo_home(folder: Path) -> Path:
    """Make the embedded default in `folder` and return it."""
    with Workbench.open(folder) as bench:
        make_demo(bench)
    return folder


def install(stage: Stage, names: tuple[str, ...], demo: Path) -> None:
    """Put what `names` say on a stage, each once; the embedded default comes first, whatever their order."""
    if "demo" in names:
        shutil.copytree(demo, stage.home)
    for name in dict.fromkeys(names):
        if name != "demo":
            SETUPS[name](stage)


def votes_file(stage: Stage) -> None:
    """`votes.csv`: 120 votes of four people with the texts they voted on, in Chatbot Arena's columns."""
    rng = random.Random(7)
    columns = (
        "model_a",
        "model_b",
        "winner",
        "voter",
        "category",
        "language",
        "prompt",
        "response_a",
        "response_b",
    )
    with (stage.folder / "votes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for number in range(120):
            better, worse = sorted(rng.sample(range(len(BETTER)), 2))
            kind = f"Gladly: {rng.choice(THINGS)}, and thank you for asking."
            curt = f"No. {rng.choice(THINGS)}."
            pair = [(BETTER[better], kind, "model_a"), (BETTER[worse], curt, "model_b")]
            (model_a, text_a, _), (model_b, text_b, _) = shown = rng.sample(pair, 2)
            liked = "tie" if rng.random() < 0.1 else "model_a" if (shown[0] is pair[0]) else "model_b"
            voter = f"person-{number % 4}"
            known = ("advice" if number % 3 else "facts", "en")
            writer.writerow(
                (model_a, model_b, liked, voter, *known, f"What of thing {number // 2}?", text_a, text_b)
            )


def votes_of_people(stage: Stage) -> None:
    """Votes of three people on the battles of the embedded default, mostly for the better model."""
    rng = random.Random(3)
    with Workbench.open(stage.home) as bench:
        for battle_id in bench.store.battles.chosen(BattleFilter()):
            battle = bench.store.battles.get(battle_id)
            for name in ("ada", "ben", "eve"):
                first = BETTER.index(battle.model_a) < BETTER.index(battle.model_b)
                liked = Winner.TIE if rng.random() < 0.15 else Winner.MODEL_A if first else Winner.MODEL_B
                liked = liked.swapped() if rng.random() < 0.15 else liked
                bench.store.votes.cast(Vote(battle_id, liked, Somebody(VoterKind.HUMAN, name)))


def endpoint(stage: Stage) -> None:
    """The model `gpt` of a server."""
    with Workbench.open(stage.home) as bench:
        options = {"base_url": stage.fill("https://host/v1"), "model": "gpt"}
        bench.add_model(ModelSpec("gpt", ModelKind.ENDPOINT, options))


def strict(stage: Stage) -> None:
    """The judges `strict` (pairwise) and `marks` (single), both of `gpt`."""
    with Workbench.open(stage.home) as bench:
        bench.add_judge(
            JudgeSpec("strict", JudgeKind.PAIRWISE, {"model": "gpt", "template": "pairwise", **PRICES})
        )
        bench.add_judge(
            JudgeSpec("marks", JudgeKind.SINGLE, {"model": "gpt", "template": "single", **PRICES})
        )


def news(stage: Stage) -> None:
    """Prompt sets of the reader's own with references, answered by `heron` and `tern`: `news`, `support`, `sums`."""
    from arena.types import Answer

    with Workbench.open(stage.home) as bench:
        answers = recorded_answers()
        for name in ("news", "support", "sums"):
            prompts = [
                Prompt.from_text(f"{name}: what of {thing}?", reference=f"Much can be said of {thing}.")
                for thing in THINGS
            ]
            bench.store.prompts.add(name, prompts)
            for model in ("heron", "tern"):
                texts = list(answers[model].values())
                rows = [
                    (prompt, [Answer(model, texts[i], finish_reason="recorded")])
                    for i, prompt in enumerate(prompts)
                ]
                bench.store.answers.add_many(rows, recorded=True)


def tuned(stage: Stage) -> None:
    """The local model `tuned`: the demo's tiny model at another temperature."""
    with Workbench.open(stage.home) as bench:
        own = bench.store.models.get("pebble-1m")
        bench.add_model(ModelSpec("tuned", ModelKind.LOCAL, {**own.options, "temperature": 0.2}, "pebble-1m"))


def base(stage: Stage) -> None:
    """The local model `base`, which answers in a few words."""
    options = {"path": stage.fill("/models/my-base"), "max_tokens": 24}
    with Workbench.open(stage.home) as bench:
        bench.add_model(ModelSpec("base", ModelKind.LOCAL, options))


def reward(stage: Stage) -> None:
    """A reward model in `/models/my-reward-model`: a classifier with one number on the tiny model's body."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = stage.fill("/models/my-reward-model")
    if Path(folder).exists():
        return
    tiny = stage.fill("/models/base")
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = AutoModelForSequenceClassification.from_pretrained(tiny, num_labels=1)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny).save_pretrained(folder)


def imported(stage: Stage) -> None:
    """The votes of `votes.csv` in the home."""
    with Workbench.open(stage.home) as bench:
        bench.import_file(stage.folder / "votes.csv", "votes")


SETUPS: dict[str, Callable[[Stage], None]] = {
    "votes.csv": votes_file,
    "voted": votes_of_people,
    "gpt": endpoint,
    "judges": strict,
    "news": news,
    "tuned": tuned,
    "base": base,
    "reward": reward,
    "imported": imported,
}
