"""How likely a causal model finds the tokens of a text: each token once, however long the text is.

A text longer than the window is read in windows that overlap by window minus stride tokens; a token's likelihood is
taken in the first window that holds it, so that it always has at least that overlap as its context, except at the
beginning. One model serves a base and any of its adapters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arena.errors import InvalidInput, ModelFailed
from arena.models.batches import in_batches, padded, token_budget
from arena.models.loading import Base
from arena.models.rounds import fitting_threads
from arena.models.rows import NO_ADAPTER

if TYPE_CHECKING:
    import torch

_CPU_LOGITS = 2**25
_ACCELERATOR_LOGITS = 2**28
"""Most logits of one batch: tokens times vocabulary."""


@dataclass(frozen=True, slots=True)
class ScoredTokens:
    """Token ids of which those from place `first` on are scored; the first of all has no context and never is."""

    ids: tuple[int, ...]
    first: int = 1


@dataclass(frozen=True, slots=True)
class Window:
    """Places `begin` to `end` (not included) go through the model together; those from `first` on are scored."""

    begin: int
    end: int
    first: int


def windows(length: int, first: int, window: int, stride: int) -> Iterator[Window]:
    """Yield the windows of a sequence in which every place from `first` on is scored once.

    Windows in which nothing is scored are left out.

    Raises:
        InvalidInput: the window holds less than two tokens, or the stride is not from 1 to window - 1 (with a stride
            as long as the window, the first token of each window would have no context).
    """
    if window < 2:
        raise InvalidInput(f"A window of {window} tokens leaves no context; give at least 2.")
    if not 1 <= stride < window:
        raise InvalidInput(
            f"The stride is {stride}, but must be from 1 to {window - 1}, shorter than the window."
        )
    begin, scored = 0, max(1, first)
    while scored < length:
        end = min(begin + window, length)
        if end > scored:
            yield Window(begin, end, scored)
            scored = end
        begin += stride


def log_likelihoods(
    base: Base, rows: Sequence[ScoredTokens], *, window: int, stride: int, adapter: str = NO_ADAPTER
) -> list[float]:
    """Return for each row the natural logarithm of the likelihood of its scored tokens, each given those before it.

    `adapter` is the name under which it was loaded into the base. A row that has no scored token gives 0. Only one
    thread may use a base at a time.

    Raises:
        InvalidInput: window or stride cannot be used, see `windows`.
        ModelFailed: the model fails on them.
    """
    import torch

    parts = [
        (place, part)
        for place, row in enumerate(rows)
        for part in windows(len(row.ids), row.first, window, stride)
    ]
    inputs = [rows[place].ids[part.begin : part.end] for place, part in parts]
    options: dict[str, Any] = {"use_cache": False}

    def compute(chosen: list[int]) -> list[float]:
        if base.adapted:
            options["adapter_names"] = [adapter] * len(chosen)
        ids, mask = padded([inputs[number] for number in chosen], base.pad_id, base.model.device)
        logits = base.model(input_ids=ids, attention_mask=mask, **options).logits
        spans = [(parts[number][1].first - parts[number][1].begin, len(inputs[number])) for number in chosen]
        return _sums(logits, ids, spans)

    with torch.inference_mode(), fitting_threads(base):
        try:
            found = in_batches([len(row) for row in inputs], _budget(base), compute)
        except (RuntimeError, ValueError, IndexError) as error:
            raise ModelFailed(f"The model in {base.path} failed while it read: {error}") from error
    sums = [0.0] * len(rows)
    for (place, _), value in zip(parts, found, strict=True):
        sums[place] += value
    return sums


def _sums(logits: "torch.Tensor", ids: "torch.Tensor", spans: Sequence[tuple[int, int]]) -> list[float]:
    """Return for each row the summed log-probability of its tokens at places `begin` to `end` (not included)."""
    import torch

    rows = torch.tensor([row for row, (begin, end) in enumerate(spans) for _ in range(begin, end)])
    places = torch.tensor([place for begin, end in spans for place in range(begin, end)])
    picked = logits[rows, places - 1].float()
    targets = ids[rows, places]
    logs = picked[torch.arange(len(rows)), targets] - picked.logsumexp(-1)
    sums = torch.zeros(len(spans), dtype=torch.float64)
    return [float(value) for value in sums.index_add_(0, rows, logs.double().cpu())]


def _budget(base: Base) -> int:
    kind = base.model.device.type
    logits = _CPU_LOGITS if kind == "cpu" else _ACCELERATOR_LOGITS
    return min(token_budget(kind), max(1, logits // int(base.model.config.get_text_config().vocab_size)))
