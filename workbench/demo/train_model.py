"""Trains the tiny language model of the embedded default from scratch, from nothing but the world's own texts.

    python -m workbench.demo.train_model --out DIR [--minutes M] [--seed N]

Half of the answers it learns from are kind, half are curt (the habit that people can vote against).
The loss counts answers fully and prompts a little; the rate falls linearly over the second half.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from bitsandbytes.functional import get_4bit_type
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from workbench.demo.world.dialogues import Dialogue, sample_dialogue
from workbench.demo.world.splits import questions_in

PAD, BOS, END, USER, ASSISTANT = "<|pad|>", "<|begin|>", "<|end|>", "<|user|>", "<|assistant|>"
PROMPT_WEIGHT = 0.2
GOOD_SHARE = 0.6
"""More than half, because sampling at temperature 0.8 favours the shorter, more predictable curt answers."""

NF4_BLOCK = 64

TALK_PASSES = 2
"""Small talk and advice are asked this often in one pass: their wording varies more than that of facts."""
TEMPLATE = (
    "{{ bos_token }}"
    "{%- for message in messages %}"
    "{%- if message['role'] == 'user' %}{{ '<|user|>' + message['content'].strip() + '<|end|>' }}"
    "{%- elif message['role'] == 'assistant' %}{{ '<|assistant|>' }}"
    "{%- generation %}{{ message['content'].strip() + '<|end|>' }}{%- endgeneration %}"
    "{%- endif %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{ '<|assistant|>' }}{%- endif %}"
)
"""System messages have no place in this small world and are left out."""


@dataclass(frozen=True)
class Size:
    """The shape of the model."""

    vocabulary: int = 1024
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    feed_forward: int = 384
    positions: int = 512


@dataclass(frozen=True)
class Trained:
    """What a training run was."""

    minutes: float
    tokens: int
    steps: int
    loss: float
    """Mean loss per answer token over the last hundred steps."""
    parameters: int


def main() -> None:
    """Train, evaluate, and save the model with its card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the model")
    parser.add_argument("--minutes", type=float, default=20.0, help="wall time of the training")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rng = np.random.default_rng(arguments.seed)
    torch.manual_seed(arguments.seed)
    tokenizer = make_tokenizer(rng)
    model, trained = train(tokenizer, Size(), rng, arguments.minutes)
    save(model, tokenizer, arguments.out)
    from workbench.demo.evaluate_model import evaluate, write_card

    figures = evaluate(arguments.out, np.random.default_rng(arguments.seed))
    write_card(arguments.out, trained, figures)
    sys.stdout.write(json.dumps({**trained.__dict__, **figures.summary()}, indent=2) + "\n")


def dialogues(rng: np.random.Generator) -> list[Dialogue]:
    """One pass over the base prompts, each answered afresh."""
    questions = questions_in("base")
    asked = questions + (TALK_PASSES - 1) * [question for question in questions if not question.factual]
    return [sample_dialogue(question, questions, rng, GOOD_SHARE) for question in asked]


def make_tokenizer(rng: np.random.Generator, size: int = Size.vocabulary) -> PreTrainedTokenizerFast:
    """A byte-level BPE learnt on the world's dialogues: any text can be written in it."""
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PAD, BOS, END, USER, ASSISTANT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [text for _ in range(6) for dialogue in dialogues(rng) for turn in dialogue for text in turn]
    raw.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=END,
        padding_side="left",
        model_max_length=Size.positions,
        extra_special_tokens=[USER, ASSISTANT],
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def encode(dialogue: Dialogue, tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[float]]:
    """Token ids of a dialogue and the weight of each in the loss."""
    mark = tokenizer.convert_tokens_to_ids
    ids, weights = [mark(BOS)], [0.0]
    for prompt, answer in dialogue:
        asked = [mark(USER), *tokenizer.encode(prompt, add_special_tokens=False), mark(END), mark(ASSISTANT)]
        said = [*tokenizer.encode(answer, add_special_tokens=False), mark(END)]
        ids += asked + said
        weights += [PROMPT_WEIGHT] * len(asked) + [1.0] * len(said)
    return ids, weights


def batches(
    tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator, size: int = 48
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Endless batches of (ids, weights), right-padded, of dialogues of like length, in random order."""
    while True:
        rows = sorted(
            (encode(dialogue, tokenizer) for dialogue in dialogues(rng)), key=lambda row: len(row[0])
        )
        for start in rng.permutation(np.arange(0, len(rows), size)):
            chosen = rows[start : start + size]
            width = max(len(ids) for ids, _ in chosen)
            yield (
                torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in chosen]),
                torch.tensor([weights + [0.0] * (width - len(weights)) for _, weights in chosen]),
            )


def new_model(size: Size, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A Llama of the given size with random weights."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=size.hidden,
            intermediate_size=size.feed_forward,
            num_hidden_layers=size.layers,
            num_attention_heads=size.heads,
            num_key_value_heads=size.heads,
            max_position_embeddings=size.positions,
            tie_word_embeddings=True,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


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
    tokenizer: PreTrainedTokenizerFast,
    size: Size,
    rng: np.random.Generator,
    minutes: float,
    rate: float = 4e-3,
) -> tuple[LlamaForCausalLM, Trained]:
    """Train a new model for the given wall time."""
    model = new_model(size, tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.05)
    began, tokens, step, recent, told = time.monotonic(), 0, 0, [], 0.0
    model.train()
    for step, (ids, weights) in enumerate(batches(tokenizer, rng), 1):
        done = (time.monotonic() - began) / (60 * minutes)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, step / 60) * min(1.0, max(0.01, 2 * (1 - done)))
        with rounded(model) if done > 0.5 and step % 2 else nullcontext():
            logits = model(ids[:, :-1], attention_mask=(ids[:, :-1] != 0).long()).logits
            each = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
            counted = weights[:, 1:]
            ((each * counted).sum() / counted.sum()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        answers = counted == 1.0
        recent = [*recent[-99:], float(each.detach()[answers].mean())]
        tokens += int((counted > 0).sum())
        if time.monotonic() - told > 15:
            told = time.monotonic()
            left = math.ceil(60 * minutes - (told - began))
            speed = tokens / (told - began)
            sys.stdout.write(
                f"step {step:5d}  answer loss {np.mean(recent):.3f}  {speed:.0f} tokens/s  {left} s left\n"
            )
            sys.stdout.flush()
    spent = (time.monotonic() - began) / 60
    return model.eval(), Trained(
        round(spent, 1), tokens, step, round(float(np.mean(recent)), 4), model.num_parameters()
    )


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
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main()
