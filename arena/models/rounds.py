"""One `generate` call over a batch of rows, each with its own adapter, sampling and end.

A `generate` call cannot take in rows while it runs, so it is a round: it ends early when `interrupted` says that
someone waits, or when most of its rows are done, and the next round goes on from the tokens so far. That costs one
prefill a round, works for every architecture, and nobody waits for a stranger's long answer to end.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from arena.errors import ModelFailed
from arena.models.drawing import RowwiseDraw
from arena.models.loading import Base
from arena.models.rows import NO_ADAPTER, Row

if TYPE_CHECKING:
    import torch

ROUND_STEPS = 16
"""Tokens a round makes before it may end early, so that prefills stay a small part of the work."""

SMALL = 50_000_000
"""Parameters below which one CPU thread is fastest: with more, threads mostly wait for each other (measured on a model
of 1 M parameters on two shared cores: 400 answers in 3-5 s with one thread, 18-60 s with two)."""


def run_round(base: Base, rows: Sequence[Row], interrupted: Callable[[int, int], bool]) -> None:
    """Write on at every row until all are done or the round ends early.

    `interrupted` is asked after each step with the number of steps so far and of rows still being written.
    """
    import torch
    from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

    longest = max(len(row.ids) for row in rows)
    device = base.model.device
    ids = [[base.pad_id] * (longest - len(row.ids)) + row.ids for row in rows]
    mask = [[0] * (longest - len(row.ids)) + [1] * len(row.ids) for row in rows]
    draw = RowwiseDraw([row.draw for row in rows])
    adapters: dict[str, Any] = {"adapter_names": [row.adapter for row in rows]} if base.adapted else {}
    with torch.inference_mode(), fitting_threads(base):
        base.model.generate(
            input_ids=torch.tensor(ids, device=device),
            attention_mask=torch.tensor(mask, device=device),
            generation_config=GenerationConfig(
                do_sample=False,
                max_new_tokens=max(row.left for row in rows),
                eos_token_id=list(base.end_ids) or None,
                pad_token_id=base.pad_id,
            ),
            logits_processor=LogitsProcessorList([draw]),
            stopping_criteria=StoppingCriteriaList([_Watch(base, rows, draw, interrupted)]),
            **adapters,
        )


class _Watch:
    """A stopping criterion that hands each row its new token and says which rows, or whether all, stop."""

    def __init__(
        self, base: Base, rows: Sequence[Row], draw: RowwiseDraw, interrupted: Callable[[int, int], bool]
    ) -> None:
        self._base = base
        self._rows = rows
        self._draw = draw
        self._interrupted = interrupted
        self._steps = 0

    def __call__(self, input_ids: "torch.Tensor", scores: Any, **unused: Any) -> "torch.Tensor":
        import torch

        self._steps += 1
        for row, token, broken in zip(self._rows, input_ids[:, -1].tolist(), self._draw.broken, strict=True):
            if broken:
                row.fail(ModelFailed(_broken(self._base, row)))
            else:
                row.accept(token)
        done = [row.done for row in self._rows]
        writing = len(done) - sum(done)
        if self._interrupted(self._steps, writing) or self._mostly_done(writing):
            done = [True] * len(done)
        return torch.tensor(done, device=input_ids.device)

    def _mostly_done(self, writing: int) -> bool:
        """Whether the rest is so small that a new round without the finished rows is cheaper."""
        return self._steps >= ROUND_STEPS and 2 * writing <= len(self._rows) >= 4


def _broken(base: Base, row: Row) -> str:
    whose = "with this adapter " if row.adapter != NO_ADAPTER else ""
    return (
        f"The model in {base.path} {whose}computes no numbers (NaN), so its training diverged, its weights are "
        "damaged, or float16 is too narrow for it; use other weights, or another 'dtype'."
    )


@contextmanager
def fitting_threads(base: Base) -> Iterator[None]:
    """Compute with one thread while a small model runs on a CPU, and give the others back afterwards."""
    import torch

    if base.size >= SMALL or base.model.device.type != "cpu":
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
