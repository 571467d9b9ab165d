"""Adapters for the tiny model, and a pool that shares its bases over a test module."""

from pathlib import Path

import pytest

from arena.models import ModelPool
from arena.types import ModelKind, ModelSpec


def make_adapter(base: Path, folder: Path, seed: int, **config) -> Path:
    """Write a LoRA adapter with random weights, strong enough to change what the base says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        settings = {
            "r": 4,
            "lora_alpha": 16,
            "target_modules": "all-linear",
            "init_lora_weights": False,
            **config,
        }
        adapted = get_peft_model(
            AutoModelForCausalLM.from_pretrained(base), LoraConfig(task_type="CAUSAL_LM", **settings)
        )
        adapted.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def adapters(tiny_model_dir, tmp_path_factory) -> tuple[Path, Path]:
    """Two different adapters of the tiny model."""
    folder = tmp_path_factory.mktemp("adapters")
    return make_adapter(tiny_model_dir, folder / "one", 1), make_adapter(tiny_model_dir, folder / "two", 2)


@pytest.fixture
def pool():
    opened = ModelPool(lambda name, prompt_id: None)
    yield opened
    opened.close()


def local(name: str, path: Path, **options) -> ModelSpec:
    return ModelSpec(name, ModelKind.LOCAL, {"path": str(path), "device": "cpu", **options})
