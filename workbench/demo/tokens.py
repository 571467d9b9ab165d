"""The tokenizer of the tiny model: byte-level BPE over the world's texts, with a chat template of its own."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from workbench.demo.world.dialogues import Dialogue

PAD, BOS, END, USER, ASSISTANT = "<|pad|>", "<|begin|>", "<|end|>", "<|user|>", "<|assistant|>"
POSITIONS = 512
"""Tokens that fit into one dialogue."""

PROMPT_WEIGHT = 0.2
"""How much a prompt's token counts in the loss, where an answer's counts 1."""

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


def make_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """A tokenizer learnt on the texts; any other text can be written in it too, byte by byte."""
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[PAD, BOS, END, USER, ASSISTANT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=END,
        padding_side="left",
        model_max_length=POSITIONS,
        extra_special_tokens=[USER, ASSISTANT],
        clean_up_tokenization_spaces=False,
        chat_template=TEMPLATE,
    )


def encode(dialogue: Dialogue, tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[float]]:
    """Token ids of a dialogue, as the chat template writes it, and the weight of each in the loss."""
    mark = tokenizer.convert_tokens_to_ids
    ids, weights = [mark(BOS)], [0.0]
    for prompt, answer in dialogue:
        asked = [mark(USER), *tokenizer.encode(prompt, add_special_tokens=False), mark(END), mark(ASSISTANT)]
        said = [*tokenizer.encode(answer, add_special_tokens=False), mark(END)]
        ids += asked + said
        weights += [PROMPT_WEIGHT] * len(asked) + [1.0] * len(said)
    return ids, weights
