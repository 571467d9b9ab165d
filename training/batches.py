"""Batches of tokenised pairs as TRL's collators make them: chosen answers first, then the rejected ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def batches(trainer: Any, dataset: Any, size: int) -> Iterator[dict[str, Any]]:
    """Yield the pairs of `dataset` in order, `size` at a time, padded and on the trainer's device."""
    wanted = [name for name in dataset.column_names if name.endswith(("_ids", "_logps"))]
    rows = dataset.select_columns(wanted)
    for begin in range(0, len(rows), size):
        batch = trainer.data_collator([rows[i] for i in range(begin, min(begin + size, len(rows)))])
        yield {name: tensor.to(trainer.accelerator.device) for name, tensor in batch.items()}


@contextmanager
def eval_mode(model: Any) -> Iterator[None]:
    """Switch dropout off for the moment; the model is as before afterwards."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)
