"""What can be wrong with a run's inputs, found within a second and before torch is loaded."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from arena.errors import InvalidInput
from training.data import check_splittable, read_pairs, sha256_of
from training.run import Run


@dataclass(frozen=True, slots=True)
class DataFacts:
    """Which data a run trains on."""

    sha256: str
    rows: int
    prompts: int


def check_inputs(run: Run) -> DataFacts:
    """Check base, adapter and data of a run.

    Raises:
        InvalidInput: the first thing that is wrong, with its path and what to do.
    """
    check_base(run.base_path)
    if run.start_adapter is not None:
        check_adapter(run.start_adapter)
    pairs = read_pairs(run.data_path)
    check_splittable(pairs, run.data_path, dropped={})
    return DataFacts(sha256_of(run.data_path), len(pairs), len({pair.prompt_id for pair in pairs}))


def check_base(base: str) -> Path:
    """Return the folder of a base model: itself, or the local copy of a hub id.

    Raises:
        InvalidInput: there is none, or it lacks its configuration, weights, tokenizer or chat template.
    """
    folder = Path(base) if Path(base).is_absolute() else cached_model(base)
    if not folder.is_dir():
        raise InvalidInput(
            f"The base model {base} is not there: give the folder of a model in transformers' form."
        )
    if not (folder / "config.json").is_file():
        raise InvalidInput(f"{folder} holds no model: it has no config.json.")
    if not weight_bytes(folder):
        raise InvalidInput(f"The model in {folder} has no weights: it has no *.safetensors file.")
    if not any(
        (folder / name).is_file() for name in ("tokenizer.json", "tokenizer_config.json", "tokenizer.model")
    ):
        raise InvalidInput(f"The model in {folder} has no tokenizer: it has no tokenizer.json.")
    if not _has_chat_template(folder):
        raise InvalidInput(
            f"The model in {folder} has no chat template, so prompts cannot be put to it: "
            "add a chat_template.jinja file or start from a chat model."
        )
    return folder


def longest_context(folder: Path) -> int | None:
    """Return how many tokens a model was made for, if its configuration says."""
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    length = settings.get(
        "max_position_embeddings", settings.get("text_config", {}).get("max_position_embeddings")
    )
    return length if isinstance(length, int) else None


def weight_bytes(folder: Path) -> int:
    """Return the size of a model's weight files, in bytes."""
    return sum(file.stat().st_size for pattern in ("*.safetensors", "*.bin") for file in folder.glob(pattern))


def cached_model(name: str) -> Path:
    """Return the folder of a hub id's copy in the local Hugging Face cache; nothing is downloaded.

    Raises:
        InvalidInput: there is no such folder and no such copy.
    """
    cache = os.environ.get("HF_HUB_CACHE") or Path(os.environ.get("HF_HOME", "~/.cache/huggingface")) / "hub"
    model = Path(cache).expanduser() / f"models--{name.replace('/', '--')}"
    main = model / "refs" / "main"
    if main.is_file():
        return model / "snapshots" / main.read_text().strip()
    raise InvalidInput(
        f"The base model {name} is neither a folder here nor a model in the local Hugging Face cache: "
        f"check the path, or download it first with `hf download {name}`."
    )


def check_adapter(folder: Path) -> None:
    """Check that `folder` holds a LoRA adapter.

    Raises:
        InvalidInput: it does not.
    """
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / name).is_file():
            raise InvalidInput(f"The adapter {folder} cannot be continued: it has no {name}.")


def _has_chat_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file() or (folder / "chat_template.json").is_file():
        return True
    settings = folder / "tokenizer_config.json"
    return settings.is_file() and bool(json.loads(settings.read_text(encoding="utf-8")).get("chat_template"))
