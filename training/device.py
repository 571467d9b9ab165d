"""What the machine decides about a run: number format, optimizer, and how many pairs at once.

On a GPU: bf16 arithmetic, AdamW with paged 8-bit state, activations recomputed instead of kept. On a CPU: float32
throughout, since bf16 is emulated there and several times slower, and plain AdamW. The trained weights are float32 on
both: at DPO's rates a bf16 weight is coarser than a step of the optimizer, which would be rounded away.

A small model trains on one CPU thread: its operations are so short that threads mostly wait for each other, and when
something else wants a core they wait long (a run of 1 million parameters took 32 seconds on one thread and 99 on two,
on two cores shared with other work).
"""

import os
from dataclasses import asdict, dataclass
from typing import Any

from arena.errors import InvalidInput
from training.config import RunConfig

GPU_MICRO_BATCH = 4
SMALL_MODEL = 64 * 1024**2
"""Bytes of weights below which one thread is used."""


@dataclass(frozen=True, slots=True)
class Device:
    """The machine's part of a run; `accumulation` micro-batches of `micro_batch_size` pairs make one step."""

    kind: str
    name: str
    bf16: bool
    optimizer: str
    gradient_checkpointing: bool
    micro_batch_size: int
    accumulation: int

    @property
    def pairs_per_step(self) -> int:
        """Pairs in one optimizer step."""
        return self.micro_batch_size * self.accumulation

    def as_dict(self) -> dict[str, Any]:
        """Return it as stored with the result."""
        return asdict(self)


def choose_device(config: RunConfig, weight_bytes: int) -> Device:
    """Return how this machine carries out a run on a base with so many bytes of weights; sets the CPU's threads.

    Raises:
        InvalidInput: a GPU was asked for and there is none.
    """
    import torch

    gpu = torch.cuda.is_available()
    if config.device == "cuda" and not gpu:
        raise InvalidInput(
            "The run asks for device cuda and this machine offers no GPU to PyTorch: use auto or cpu."
        )
    on_gpu = gpu and config.device != "cpu"
    if "OMP_NUM_THREADS" not in os.environ and not on_gpu and weight_bytes < SMALL_MODEL:
        torch.set_num_threads(1)
    threads = torch.get_num_threads()
    micro = min(
        config.micro_batch_size or (GPU_MICRO_BATCH if on_gpu else config.batch_size), config.batch_size
    )
    return Device(
        kind="cuda" if on_gpu else "cpu",
        name=torch.cuda.get_device_name() if on_gpu else f"CPU, {threads} thread{'s' * (threads > 1)}",
        bf16=on_gpu and torch.cuda.is_bf16_supported(),
        optimizer="paged_adamw_8bit" if on_gpu else "adamw_torch",
        gradient_checkpointing=on_gpu,
        micro_batch_size=micro,
        accumulation=max(1, config.batch_size // micro),
    )
