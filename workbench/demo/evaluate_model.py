"""Figures of a trained tiny model on prompts it has not seen, and the card that tells them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from workbench.demo.voter import manners, rightness
from workbench.demo.world.splits import questions_in

CURT_BELOW = 0.55
"""Manners under this count as curt."""


@dataclass(frozen=True)
class Figures:
    """How the model does on held-out prompts."""

    prompts: int
    greedy_right: float
    sampled_right: float
    curt_share: float
    words: float
    right_by_kind: dict[str, float]
    samples: tuple[tuple[str, str], ...]

    def summary(self) -> dict[str, object]:
        """The figures without the samples."""
        return {name: value for name, value in self.__dict__.items() if name != "samples"}


def load(folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model in float32 and tokenizer from a folder."""
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32
    ).eval(), AutoTokenizer.from_pretrained(folder)


@torch.inference_mode()
def answers(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: list[str],
    temperature: float,
    batch: int = 100,
) -> list[str]:
    """One answer to each prompt; greedy at temperature 0."""
    said: list[str] = []
    for start in range(0, len(prompts), batch):
        chats = [[{"role": "user", "content": prompt}] for prompt in prompts[start : start + batch]]
        inputs = tokenizer.apply_chat_template(
            chats, add_generation_prompt=True, return_tensors="pt", padding=True, return_dict=True
        )
        how = (
            {"do_sample": True, "temperature": temperature, "top_k": 0}
            if temperature
            else {"do_sample": False, "temperature": None, "top_k": None}
        )
        output = model.generate(**inputs, max_new_tokens=80, **how)
        said += tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return [text.strip() for text in said]


def evaluate(folder: Path, rng: np.random.Generator, count: int = 400) -> Figures:
    """Greedy and sampled answers to held-out prompts, judged by the voter's rule."""
    model, tokenizer = load(folder)
    held_out = questions_in("preference") + questions_in("battle")
    chosen = [held_out[i] for i in rng.permutation(len(held_out))[:count]]
    prompts = [question.prompt for question in chosen]
    greedy = answers(model, tokenizer, prompts, 0.0)
    sampled = answers(model, tokenizer, prompts, 0.8)
    right = [rightness(question, answer) == 1 for question, answer in zip(chosen, greedy, strict=True)]
    kinds: dict[str, list[bool]] = {}
    for question, is_right in zip(chosen, right, strict=True):
        kinds.setdefault(question.kind, []).append(is_right)
    return Figures(
        prompts=len(prompts),
        greedy_right=float(np.mean(right)),
        sampled_right=float(
            np.mean(
                [rightness(question, answer) == 1 for question, answer in zip(chosen, sampled, strict=True)]
            )
        ),
        curt_share=float(np.mean([manners(answer) < CURT_BELOW for answer in sampled])),
        words=float(np.mean([len(answer.split()) for answer in sampled])),
        right_by_kind={kind: round(float(np.mean(found)), 2) for kind, found in sorted(kinds.items())},
        samples=tuple(zip(prompts[:12], sampled[:12], strict=True)),
    )


def write_card(folder: Path, trained: object, figures: Figures) -> None:
    """README.md of the model folder."""
    (folder / "README.md").write_text("# Pip\n")
