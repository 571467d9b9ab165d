"""Models that turn each token of a text into a vector, as BERTScore and embedding similarity need them.

Only the layers that are asked for are kept and computed. A model's own limit on length is enforced here, because its
tokenizer may not know it.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena.errors import InvalidInput, ModelFailed
from arena.models.batches import in_batches, padded, token_budget
from arena.models.identity import model_settings
from arena.models.weights import load_tokenizer, load_weights

if TYPE_CHECKING:
    import torch

_UNLIMITED = 10**6
"""Tokenizers that know no limit say a number far beyond this."""

_CLASSES = {"t5": "T5EncoderModel", "mt5": "MT5EncoderModel", "umt5": "UMT5EncoderModel"}
"""Families of encoder and decoder whose encoder is often published alone."""

_LAYER_LISTS = ("layer", "layers", "block", "h")
"""What transformers call the list of an encoder's layers."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text's token ids, special ones included, and whether the text was cut to fit."""

    ids: tuple[int, ...]
    cut: bool


class Encoder:
    """An encoder in memory. One thread computes at a time; the others wait."""

    def __init__(self, path: str, model: Any, tokenizer: Any) -> None:
        self.path = path
        self.model = model
        self.tokenizer = tokenizer
        self.lock = threading.RLock()
        """Held while the tokenizer or the model works: neither may be shared at the same moment."""
        self.limit = _limit(model, tokenizer)
        """Most tokens of a text, special ones included."""
        tokenizer.model_max_length = self.limit

    def tokens(
        self,
        texts: Sequence[str],
        encode: Callable[[Any, str], Sequence[int]],
        *,
        limit: int | None = None,
    ) -> list[Row]:
        """Return the tokens of each text, cut to `limit` (by default the model's own).

        `encode` gets the tokenizer and a text, and cuts at the tokenizer's `model_max_length`.
        """
        most = self.limit if limit is None else min(limit, self.limit)
        with self.lock:
            try:
                # One more than fits tells a text that is too long from one that fits exactly.
                self.tokenizer.model_max_length = most + 1
                rows = [tuple(encode(self.tokenizer, text)) for text in texts]
                self.tokenizer.model_max_length = most
                return [
                    Row(row, False) if len(row) <= most else Row(tuple(encode(self.tokenizer, text)), True)
                    for text, row in zip(texts, rows, strict=True)
                ]
            finally:
                self.tokenizer.model_max_length = self.limit

    def hidden(self, rows: Sequence[Sequence[int]]) -> "list[torch.Tensor]":
        """Return for each row of token ids its vectors in the last kept layer: (tokens, width), float32, on the CPU.

        Raises:
            ModelFailed: the model fails on them.
        """
        import torch

        pad = self.tokenizer.pad_token_id or 0
        device = self.model.device

        def compute(places: list[int]) -> "list[torch.Tensor]":
            ids, mask = padded([rows[place] for place in places], pad, device)
            vectors = self.model(input_ids=ids, attention_mask=mask)[0].float().cpu()
            return [
                vectors[number, : len(rows[place])].clone() if mask is not None else vectors[number]
                for number, place in enumerate(places)
            ]

        with self.lock, torch.inference_mode():
            try:
                return in_batches([len(row) for row in rows], token_budget(device.type), compute)
            except (RuntimeError, ValueError, IndexError) as error:
                raise ModelFailed(f"The model in {self.path} failed while it encoded: {error}") from error


def load_encoder(
    path: str, *, layers: int | None = None, dtype: str = "float32", device: str = "auto"
) -> Encoder:
    """Load the encoder in the folder `path`, of which the first `layers` layers are kept, or all.

    Raises:
        ModelFailed: it is missing, damaged or incomplete, or no encoder whose layers are known.
        InvalidInput: it has fewer layers.
    """
    tokenizer = load_tokenizer(path)
    kind = _CLASSES.get(str(model_settings(Path(path)).get("model_type")), "AutoModel")
    # An encoder's pooler is not used here, and many published encoders come without one.
    model = load_weights(path, kind, dtype=dtype, device=device, may_miss=("pooler.",))
    if hasattr(model, "encoder") and hasattr(model, "decoder"):
        model = model.encoder
    if layers is not None:
        _keep(path, model, layers)
    return Encoder(path, model, tokenizer)


def _keep(path: str, model: Any, layers: int) -> None:
    """Drop the layers after the first `layers`."""
    import torch

    there = int(model.config.num_hidden_layers)
    if not 0 <= layers <= there:
        raise InvalidInput(
            f"The model in {Path(path).name} has {there} layers, so layer {layers} cannot be used; "
            f"give one from 0 to {there}."
        )
    if layers == there:
        return
    for part in model.modules():
        for name in _LAYER_LISTS:
            found = getattr(part, name, None)
            if isinstance(found, torch.nn.ModuleList) and len(found) == there:
                setattr(part, name, found[:layers])
                return
        if hasattr(part, "albert_layer_groups"):
            # One layer used again and again: its settings say how often.
            part.config.num_hidden_layers = layers
            return
        if hasattr(part, "n_layers"):
            part.n_layers = layers
            return
    raise ModelFailed(
        f"The layers of the model in {path} ({type(model).__name__}) were not found, so none can be left out; "
        f"use its last layer, {there}."
    )


def _limit(model: Any, tokenizer: Any) -> int:
    """Return the smaller of what the tokenizer and the model take; RoBERTa's positions begin after its padding id."""
    limits = [int(tokenizer.model_max_length)] if tokenizer.model_max_length < _UNLIMITED else []
    positions = getattr(model.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        table = next(
            (part for name, part in model.named_modules() if name.endswith("position_embeddings")), None
        )
        padding = getattr(table, "padding_idx", None)
        limits.append(positions if padding is None else positions - padding - 1)
    return min(limits, default=512)
