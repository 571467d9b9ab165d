"""Trains the tiny language model of the embedded default from scratch, from nothing but the world's own texts.

    python -m workbench.demo.train_model --out DIR [--minutes M | --tokens MILLIONS] [--seed N]

Its answers are kind or curt by chance (the habit that people can vote against). The rate of learning is constant
and falls linearly over the second half; towards the end every second step runs on weights rounded to 4 bits.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from bitsandbytes.functional import get_4bit_type
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from workbench.demo.evaluate_model import Trained, evaluate, write_card
from workbench.demo.tokens import POSITIONS, encode, make_tokenizer
from workbench.demo.world.dialogues import Dialogue, sample_dialogue
from workbench.demo.world.splits import questions_in

VOCABULARY, HIDDEN, LAYERS, HEADS, FEED_FORWARD = 1024, 128, 4, 4, 384
RATE, WARM_UP, BATCH = 4e-3, 60, 48
ROUNDED_FROM = 0.7
"""Share of the training after which every second step runs on rounded weights."""

NF4_BLOCK = 64
GOOD_SHARE = 0.58
"""More than half, because sampling at temperature 0.8 favours the shorter, more predictable curt answers."""

TALK_PASSES = 2
"""Small talk and advice are asked this often in one pass: their wording varies more than that of facts."""


@dataclass(frozen=True)
class Budget:
    """How long to train: for some minutes, or until some tokens have been seen, whatever the machine's speed."""

    minutes: float | None
    tokens: float | None
    began: float = field(default_factory=time.monotonic)

    def spent(self) -> float:
        """Minutes since the beginning."""
        return (time.monotonic() - self.began) / 60

    def done(self, tokens: int) -> float:
        """The share of the training that is behind us; 1 at the end."""
        return tokens / self.tokens if self.tokens else self.spent() / (self.minutes or 1.0)


def main() -> None:
    """Train, save, evaluate, and write the model's card."""
    parser = argparse.ArgumentParser(description="Train the tiny model of the embedded default.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model")
    parser.add_argument("--minutes", type=float, default=20.0, help="wall time of the training")
    parser.add_argument("--tokens", type=float, help="train on this many million tokens instead")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2, help="not more than there are free cores")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rng = np.random.default_rng(arguments.seed)
    torch.manual_seed(arguments.seed)
    texts = (text for _ in range(6) for dialogue in dialogues(rng) for turn in dialogue for text in turn)
    tokenizer = make_tokenizer(texts, VOCABULARY)
    model = new_model(tokenizer)
    budget = Budget(arguments.minutes, arguments.tokens and arguments.tokens * 1e6)
    trained = train(model, tokenizer, rng, budget)
    save(model, tokenizer, arguments.out)
    figures = evaluate(arguments.out, np.random.default_rng(arguments.seed))
    write_card(arguments.out, trained, figures)
    sys.stdout.write(json.dumps({**trained.__dict__, **figures.summary()}, indent=2) + "\n")


def dialogues(rng: np.random.Generator) -> list[Dialogue]:
    """One pass over the base prompts, each answered afresh."""
    questions = questions_in("base")
    talk = [question for question in questions if not question.factual]
    asked = questions + (TALK_PASSES - 1) * talk
    return [sample_dialogue(question, questions, rng, GOOD_SHARE) for question in asked]


def batches(
    tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Endless batches of (ids, weights), each rows x tokens and padded on the right, of dialogues of like length."""
    while True:
        rows = sorted(
            (encode(dialogue, tokenizer) for dialogue in dialogues(rng)), key=lambda row: len(row[0])
        )
        for start in rng.permutation(np.arange(0, len(rows), BATCH)):
            chosen = rows[start : start + BATCH]
            width = len(chosen[-1][0])
            yield (
                torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in chosen]),
                torch.tensor([weights + [0.0] * (width - len(weights)) for _, weights in chosen]),
            )


def new_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A small Llama with random weights."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=FEED_FORWARD,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=POSITIONS,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return LlamaForCausalLM(config)


@contextmanager
def rounded(model: LlamaForCausalLM) -> Iterator[None]:
    """Within it, the linear layers have the weights that 4-bit loading (NF4) would leave of them.

    Gradients taken there are applied to the exact weights, so that the model learns to answer well in both forms.
    """
    layers = [module for module in model.model.modules() if isinstance(module, torch.nn.Linear)]
    exact = [layer.weight.data for layer in layers]
    levels = get_4bit_type("nf4", device="cpu")
    borders = (levels[1:] + levels[:-1]) / 2
    for layer, weight in zip(layers, exact, strict=True):
        blocks = weight.view(-1, NF4_BLOCK)
        peaks = blocks.abs().amax(1, keepdim=True).clamp_min(1e-12)
        layer.weight.data = (levels[torch.bucketize(blocks / peaks, borders)] * peaks).view_as(weight)
    try:
        yield
    finally:
        for layer, weight in zip(layers, exact, strict=True):
            layer.weight.data = weight


def train(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator, budget: Budget
) -> Trained:
    """Train the model in place until the budget is spent."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=RATE, betas=(0.9, 0.95), weight_decay=0.05, fused=True
    )
    tokens, step, told = 0, 0, 0.0
    recent: list[float] = []
    model.train()
    for ids, weights in batches(tokenizer, rng):
        done = budget.done(tokens)
        if done >= 1:
            break
        step += 1
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, step / WARM_UP) * min(1.0, max(0.01, 2 * (1 - done)))
        with rounded(model) if done > ROUNDED_FROM and step % 2 else nullcontext():
            loss = backward(model, ids, weights)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        recent = [*recent[-99:], loss]
        tokens += int((weights > 0).sum())
        if budget.spent() - told > 0.25:
            told = budget.spent()
            tell(step, float(np.mean(recent)), tokens, told, budget.done(tokens))
    model.eval()
    minutes, loss = round(budget.spent(), 1), round(float(np.mean(recent)), 4)
    return Trained(minutes, tokens, step, loss, model.num_parameters())


def backward(model: LlamaForCausalLM, ids: torch.Tensor, weights: torch.Tensor) -> float:
    """Add the gradients of one batch; returns the mean loss of its answers' tokens."""
    logits = model(ids[:, :-1], attention_mask=(ids[:, :-1] != 0).long()).logits
    each = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    counted = weights[:, 1:].flatten()
    ((each * counted).sum() / counted.sum()).backward()
    return float(each.detach()[counted == 1.0].mean())


def tell(step: int, loss: float, tokens: int, minutes: float, done: float) -> None:
    """One line of progress."""
    left = math.ceil(minutes / max(done, 1e-6) * (1 - done))
    speed = tokens / minutes / 60
    sys.stdout.write(f"step {step:5d}  answer loss {loss:.3f}  {speed:.0f} tokens/s  {left} min left\n")
    sys.stdout.flush()


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write weights in half precision, configuration and tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        do_sample=True,
        temperature=0.8,
        max_new_tokens=80,
    )
    model.to(torch.float16).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main()
