"""A tiny chat model with random weights, and preferences that a tiny model can learn: polite beats curt."""

import os
import random

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest

from arena.types import Message, prompt_id_of

TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}<end>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
SPECIALS = ["<pad>", "<end>", "<user>", "<assistant>", "<system>"]


@pytest.fixture(scope="session")
def tiny_model_dir(tmp_path_factory):
    """A Llama of two layers with random weights, a byte-level tokenizer and a chat template."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny") / "model"
    vocabulary = {token: i for i, token in enumerate([*SPECIALS, *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    raw.add_special_tokens(SPECIALS)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="<end>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def rows(count=60, seed=0):
    """Return rows as an export has them: the chosen answer thanks, the rejected one is curt."""
    rng = random.Random(seed)
    things = ["a cat", "the sea", "an oak", "rain", "bread", "a clock", "the moon", "salt"]
    made = []
    for i in range(count):
        prompt = [{"role": "user", "content": f"Tell me about {rng.choice(things)} {i}."}]
        polite, curt = f"Gladly! {rng.choice(things)} is fine, thank you.", f"No. {rng.choice(things)}."
        made.append(
            {
                "prompt": prompt,
                "chosen": [{"role": "assistant", "content": polite}],
                "rejected": [{"role": "assistant", "content": curt}],
                "prompt_id": prompt_id_of([Message(**m) for m in prompt]),
                "battle_id": f"battle-{i}",
                "model_chosen": "a",
                "model_rejected": "b",
                "votes": 1,
                "agreement": 1.0,
                "voter_kinds": ["simulated"],
            }
        )
    return made


def write_rows(folder, made):
    """Write rows as an export folder."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(made), folder / "preferences.parquet")
    return folder


@pytest.fixture
def home(tmp_path, tiny_model_dir):
    """A home folder with a model in it and an export of 60 learnable pairs."""
    import shutil

    shutil.copytree(tiny_model_dir, tmp_path / "home" / "models" / "tiny")
    write_rows(tmp_path / "home" / "exports" / "polite", rows())
    return tmp_path / "home"
