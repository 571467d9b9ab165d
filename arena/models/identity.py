"""Which model a number came from, without a path: its name and a hash of its files.

The same folder copied elsewhere is the same model; the same folder with other weights is another. Of each weight file
evenly spaced blocks are hashed instead of all of it: training changes every layer, and reading all of a large model
would take longer than using it.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from arena.errors import ModelFailed
from arena.models.weights import WEIGHT_FILES

_BLOCK = 65536
_BLOCKS = 256
_SETTINGS = ("config.json", "adapter_config.json", "tokenizer_config.json")
_VOCABULARY = (
    "tokenizer.json",
    "tokenizer.model",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
)
_OWN_HISTORY = ("_name_or_path", "base_model_name_or_path", "name_or_path", "transformers_version")
"""Settings that say where a model was or who wrote it, not what it computes."""


def model_hash(folder: Path) -> str:
    """Return 16 hex digits that stand for the settings, vocabulary and weights in `folder`.

    Raises:
        ModelFailed: the folder is not there or cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for name in (*_SETTINGS, *_VOCABULARY):
            if (folder / name).is_file():
                digest.update(name.encode() + _content(folder / name))
        for file in sorted(file for pattern in WEIGHT_FILES for file in folder.glob(pattern)):
            digest.update(file.name.encode())
            _add_blocks(digest, file)
    except OSError as error:
        raise ModelFailed(f"The model in {folder} cannot be read: {error}.") from error
    return digest.hexdigest()[:16]


def model_settings(folder: Path) -> Mapping[str, Any]:
    """Return the model's `config.json`.

    Raises:
        ModelFailed: there is none, or it is no JSON object.
    """
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFailed(
            f"There is no model in {folder} (no config.json); give the folder of one."
        ) from error
    except (OSError, ValueError) as error:
        raise ModelFailed(f"The config.json in {folder} cannot be read: {error}.") from error
    if not isinstance(settings, dict):
        raise ModelFailed(f"The config.json in {folder} is no JSON object; copy the model again.")
    return settings


def context_of(settings: Mapping[str, Any]) -> int | None:
    """Return how many tokens a model takes at most, as its settings say, or `None` where they do not."""
    inner = settings.get("text_config")
    for source in (settings, inner if isinstance(inner, Mapping) else {}):
        for name in ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"):
            if isinstance(source.get(name), int):
                return int(source[name])
    return None


def _content(file: Path) -> bytes:
    """Return a file's bytes, of a settings file without what tells only where the model came from."""
    content = file.read_bytes()
    if file.name not in _SETTINGS:
        return content
    try:
        values = json.loads(content)
    except ValueError:
        return content
    if not isinstance(values, dict):
        return content
    return json.dumps(
        {name: value for name, value in values.items() if name not in _OWN_HISTORY}, sort_keys=True
    ).encode()


def _add_blocks(digest: "hashlib._Hash", file: Path) -> None:
    size = file.stat().st_size
    digest.update(str(size).encode())
    with file.open("rb") as opened:
        if size <= _BLOCK * _BLOCKS:
            digest.update(opened.read())
            return
        for block in range(_BLOCKS):
            opened.seek((size - _BLOCK) * block // (_BLOCKS - 1))
            digest.update(opened.read(_BLOCK))
