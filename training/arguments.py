"""A `RunConfig` in the words of the Hugging Face trainer, shared by all methods."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.config import RunConfig
from training.device import Device

LOG_LINES = 200
"""About how many training measurements a run writes, however long it is."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which optimizer steps do what; `evaluate_at` excludes the start."""

    total: int
    log_every: int
    save_every: int
    evaluate_at: frozenset[int]


def schedule(config: RunConfig, device: Device, pairs: int) -> Schedule:
    """Return the steps of a run over `pairs` training pairs."""
    batches = math.ceil(pairs / device.micro_batch_size)
    total = math.ceil(config.epochs * max(1, math.ceil(batches / device.accumulation)))
    parts = config.evaluations + 1
    return Schedule(
        total=total,
        log_every=max(1, total // LOG_LINES),
        save_every=max(1, math.ceil(total / (config.checkpoints + 1))),
        evaluate_at=frozenset(max(1, round(total * i / parts)) for i in range(1, parts + 1)),
    )


def trainer_arguments(
    config: RunConfig, device: Device, steps: Schedule, checkpoints: Path
) -> dict[str, Any]:
    """Return the keyword arguments that TRL's configuration classes have in common."""
    return {
        "output_dir": str(checkpoints),
        "max_length": config.max_length,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": round(config.warmup_share * steps.total),
        "num_train_epochs": config.epochs,
        "per_device_train_batch_size": device.micro_batch_size,
        "gradient_accumulation_steps": device.accumulation,
        "gradient_checkpointing": device.gradient_checkpointing,
        "optim": device.optimizer,
        "bf16": device.bf16,
        "use_cpu": device.kind == "cpu",
        "dataloader_pin_memory": device.kind != "cpu",
        "disable_dropout": False,
        "seed": config.seed,
        "data_seed": config.seed,
        "logging_steps": steps.log_every,
        "logging_nan_inf_filter": False,
        "eval_strategy": "no",
        "save_strategy": "steps",
        "save_steps": steps.save_every,
        "save_total_limit": 2,
        "report_to": "none",
        "disable_tqdm": True,
    }
