"""Rows of tokens in batches: rows of like length together, so that little of a batch is padding.

Padding stands on the right and is masked, so what a model computes for a row does not depend on the other rows,
beyond the rounding of its number format.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import torch

Computed = TypeVar("Computed")

CPU_TOKENS = 2048
"""Tokens of a batch, padding included, with which a CPU is fastest: its caches hold what a layer works on."""

ACCELERATOR_TOKENS = 32_768

MAX_ROWS = 512


def batches(lengths: Sequence[int], tokens: int, rows: int = MAX_ROWS) -> Iterator[list[int]]:
    """Yield the places of `lengths`, longest first, in lists of at most `rows` and `tokens` (padding included).

    A row longer than `tokens` comes alone.
    """
    order = sorted(range(len(lengths)), key=lambda place: (-lengths[place], place))
    begin = 0
    while begin < len(order):
        size = min(rows, max(1, tokens // max(1, lengths[order[begin]])))
        yield order[begin : begin + size]
        begin += size


def in_batches(
    lengths: Sequence[int],
    tokens: int,
    compute: Callable[[list[int]], Sequence[Computed]],
    rows: int = MAX_ROWS,
) -> list[Computed]:
    """Return what `compute` gives for every place, in the order of `lengths`.

    `compute` takes a list of places and returns one value for each. A batch that does not fit into the accelerator's
    memory is halved and tried again; a single row that does not fit raises what PyTorch raises.
    """
    results: dict[int, Computed] = {}
    for places in batches(lengths, tokens, rows):
        _compute(places, compute, results)
    return [results[place] for place in range(len(lengths))]


def padded(
    rows: Sequence[Sequence[int]], pad: int, device: object
) -> "tuple[torch.Tensor, torch.Tensor | None]":
    """Return ids of shape (rows, longest) with `pad` on the right, and the mask of what is real.

    The mask is `None` where nothing is padded, which lets models take their fastest way.
    """
    import torch

    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.as_tensor(row, dtype=torch.long)
        mask[place, : len(row)] = 1
    full = all(len(row) == longest for row in rows)
    return ids.to(device), None if full else mask.to(device)


def token_budget(device_type: str) -> int:
    """Return how many tokens a batch takes on a device of this type."""
    return CPU_TOKENS if device_type == "cpu" else ACCELERATOR_TOKENS


def _compute(
    places: list[int], compute: Callable[[list[int]], Sequence[Computed]], results: dict[int, Computed]
) -> None:
    import torch

    try:
        values = compute(places)
    except torch.OutOfMemoryError:
        if len(places) == 1:
            raise
        values = None
    if values is not None:
        results.update(zip(places, values, strict=True))
        return
    torch.cuda.empty_cache()
    half = len(places) // 2
    _compute(places[:half], compute, results)
    _compute(places[half:], compute, results)
