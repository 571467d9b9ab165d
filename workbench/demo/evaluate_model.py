"""Figures of a trained tiny model on prompts it has not seen, and the card that tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from workbench.demo.voter import RIGHT, manners, rightness
from workbench.demo.world.splits import questions_in

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.demo.world import Question

Chat = Sequence[dict[str, str]]

CURT_BELOW = 0.55
"""Answers whose manners lie below this count as curt."""

SAMPLES: tuple[tuple[str, ...], ...] = (
    ("Hello!", "Where can I buy bread?"),
    ("What does Anna do?", "And where does she work?"),
    ("Which is bigger, a mouse or a whale?", "Are you sure?"),
    ("I feel sad today.", "Thank you, Pip!"),
    ("When does the library open?", "And when does it close?"),
    ("Whose cat is Biscuit?", "What is the capital of France?"),
    ("What happens on Friday?", "Goodbye!"),
    ("It is raining. What should I do?", "Tell me a joke!"),
)
"""What is asked for the sample dialogues of the card, turn by turn."""


@dataclass(frozen=True)
class Trained:
    """What a training was."""

    minutes: float
    tokens: int
    steps: int
    loss: float
    """Mean loss of an answer's token over the last hundred steps."""
    parameters: int


@dataclass(frozen=True)
class Figures:
    """How the model does on held-out prompts; shares from 0 to 1."""

    prompts: int
    greedy_right: float
    greedy_right_four_bit: float
    sampled_right: float
    curt_share: float
    words: float
    longest: int
    right_by_kind: dict[str, float]
    dialogues: tuple[tuple[tuple[str, str], ...], ...]

    def summary(self) -> dict[str, Any]:
        """The figures without the dialogues."""
        return {name: value for name, value in self.__dict__.items() if name != "dialogues"}


def load(folder: Path, *, four_bit: bool = False) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model, in float32 or with its weights in 4 bits (NF4), and its tokenizer."""
    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.float32,
    )
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, quantization_config=quantization if four_bit else None
    )
    return model.eval(), AutoTokenizer.from_pretrained(folder)


@torch.inference_mode()
def answers(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    chats: Sequence[Chat],
    temperature: float,
    batch: int = 100,
) -> list[str]:
    """One answer to each chat; greedy at temperature 0."""
    how: dict[str, Any] = {"do_sample": True, "temperature": temperature, "top_k": 0}
    if not temperature:
        how = {"do_sample": False, "temperature": None, "top_k": None}
    said: list[str] = []
    for start in range(0, len(chats), batch):
        inputs = tokenizer.apply_chat_template(
            list(chats[start : start + batch]),
            add_generation_prompt=True,
            return_tensors="pt",
            padding=True,
            return_dict=True,
        )
        output = model.generate(**inputs, max_new_tokens=80, **how)
        new = output[:, inputs["input_ids"].shape[1] :]
        said += [text.strip() for text in tokenizer.batch_decode(new, skip_special_tokens=True)]
    return said


def asked(questions: Sequence[Question]) -> list[Chat]:
    """Each question as a chat of one message."""
    return [[{"role": "user", "content": question.prompt}] for question in questions]


def evaluate(folder: Path, rng: np.random.Generator, count: int = 400) -> Figures:
    """Greedy and sampled answers to `count` held-out prompts, judged by the voter's rule."""
    model, tokenizer = load(folder)
    held_out = questions_in("preference") + questions_in("battle")
    questions = [held_out[i] for i in rng.permutation(len(held_out))[:count]]
    chats = asked(questions)
    greedy = _right(questions, answers(model, tokenizer, chats, 0.0))
    sampled = answers(model, tokenizer, chats, 0.8)
    small, _ = load(folder, four_bit=True)
    lengths = [len(answer.split()) for answer in sampled]
    return Figures(
        prompts=len(questions),
        greedy_right=_share(greedy),
        greedy_right_four_bit=_share(_right(questions, answers(small, tokenizer, chats, 0.0))),
        sampled_right=_share(_right(questions, sampled)),
        curt_share=_share([manners(answer) < CURT_BELOW for answer in sampled]),
        words=round(float(np.mean(lengths)), 1),
        longest=max(lengths),
        right_by_kind=_by_kind(questions, greedy),
        dialogues=tuple(_dialogue(model, tokenizer, prompts) for prompts in SAMPLES),
    )


def _right(questions: Sequence[Question], said: Sequence[str]) -> list[bool]:
    return [rightness(question, answer) == RIGHT for question, answer in zip(questions, said, strict=True)]


def _share(hits: Sequence[bool]) -> float:
    return round(float(np.mean(hits)), 3)


def _by_kind(questions: Sequence[Question], right: Sequence[bool]) -> dict[str, float]:
    found: dict[str, list[bool]] = {}
    for question, hit in zip(questions, right, strict=True):
        found.setdefault(question.kind, []).append(hit)
    return {kind: _share(hits) for kind, hits in sorted(found.items())}


def _dialogue(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    chat: list[dict[str, str]] = []
    turns: list[tuple[str, str]] = []
    for prompt in prompts:
        chat.append({"role": "user", "content": prompt})
        said = answers(model, tokenizer, [chat], 0.8)[0]
        chat.append({"role": "assistant", "content": said})
        turns.append((prompt, said))
    return tuple(turns)


def write_card(folder: Path, trained: Trained, figures: Figures) -> None:
    """Write the model folder's README.md."""
    size = (folder / "model.safetensors").stat().st_size / 1e6
    dialogues = "\n\n".join(
        "\n".join(f"> **{prompt}**\n> {said}\n>" for prompt, said in dialogue).rstrip("\n>")
        for dialogue in figures.dialogues
    )
    kinds = "\n".join(f"| {kind} | {share:.0%} |" for kind, share in figures.right_by_kind.items())
    card = (files(__package__) / "card.txt").read_text(encoding="utf-8")
    values = {**figures.summary(), "dialogues": dialogues, "kinds": kinds, "size": size}
    values |= {"millions": trained.parameters / 1e6, "tokens": trained.tokens / 1e6}
    values |= {"minutes": trained.minutes, "steps": trained.steps, "loss": trained.loss}
    (folder / "README.md").write_text(card.format(**values), encoding="utf-8")
