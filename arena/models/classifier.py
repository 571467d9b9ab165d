"""Sequence classifiers and reward models: a whole conversation in, a few numbers out.

What a conversation is scored at must not depend on what it is scored with. Padding stands on the right, where no real
token attends to it, and the last real token is found whatever the padding: transformers looks for the last token that
is not `pad_token_id`, so where a model names none, each batch takes a token that none of its rows ends with.

A tokenizer with a chat template writes the conversation; one without (encoders trained on pairs) gets what was said
before, and the answer as the second text.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena.errors import InvalidInput, ModelFailed
from arena.models.batches import in_batches, padded, token_budget
from arena.models.weights import ONE_AT_A_TIME, explained, load_tokenizer, load_weights
from arena.types import Message

if TYPE_CHECKING:
    import torch

HEADS = ("score", "classifier")
"""The layer that turns a state into numbers, in transformers' sequence classifiers of chat models and of encoders."""

_ADAPTER = "scored"
_UNLIMITED = 10**6
"""Tokenizers that know no limit say a number far beyond this."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A conversation as token ids; `types` tells the two texts of a pair apart, where the model wants that."""

    ids: tuple[int, ...]
    types: tuple[int, ...] | None = None


class Classifier:
    """A sequence classifier in memory. One thread computes at a time; the others wait."""

    def __init__(self, model: Any, tokenizer: Any, *, bf16: bool = False) -> None:
        """Take a model in eval mode; with `bf16` it computes under bfloat16 autocast, as it was trained."""
        self.model = model
        self.tokenizer = tokenizer
        self.bf16 = bf16
        self._lock = threading.RLock()
        self._settings = model.config.get_text_config()
        self._named_pad = self._settings.pad_token_id

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the numbers it gives, in order; a reward model has one."""
        names: Mapping[Any, str] = self.model.config.id2label or {}
        return tuple(
            str(names.get(index, f"LABEL_{index}")) for index in range(int(self.model.config.num_labels))
        )

    @property
    def context(self) -> int | None:
        """Most tokens of a conversation, `None` where neither model nor tokenizer says."""
        known = [getattr(self._settings, "max_position_embeddings", None), self.tokenizer.model_max_length]
        return min((int(size) for size in known if size and 0 < size < _UNLIMITED), default=None)

    def tokens(self, messages: Sequence[Message]) -> Tokens:
        """Return a conversation that ends with an answer as the model reads it.

        Raises:
            InvalidInput: it does not end with an answer.
            ModelFailed: the chat template refuses it.
        """
        if not messages or messages[-1].role != "assistant":
            raise InvalidInput(
                "A reward model scores answers: each conversation must end with an assistant message."
            )
        with self._lock:
            if self.tokenizer.chat_template:
                return Tokens(tuple(self._chat(messages)))
            before = "\n".join(message.content for message in messages[:-1])
            return _tokens(self.tokenizer(before, messages[-1].content))

    def tokens_of(self, text: str) -> Tokens:
        """Return a text by itself as the model reads it, for classifiers of single texts."""
        with self._lock:
            return _tokens(self.tokenizer(text))

    def logits(self, rows: Sequence[Tokens]) -> list[tuple[float, ...]]:
        """Return the numbers of each row, one a label, before any softmax.

        Raises:
            ModelFailed: the model fails on them, for example on a row longer than `context`.
        """
        import torch

        kind = self.model.device.type

        def compute(places: list[int]) -> list[tuple[float, ...]]:
            found = self.model(**self._batch([rows[place] for place in places])).logits
            return [tuple(row) for row in found.float().reshape(len(places), -1).tolist()]

        autocast = torch.autocast(kind, torch.bfloat16, enabled=self.bf16)
        with self._lock, torch.inference_mode(), autocast:
            try:
                return in_batches([len(row.ids) for row in rows], token_budget(kind), compute)
            except (RuntimeError, ValueError, IndexError) as error:
                raise ModelFailed(f"The classifier failed while it read: {error}") from error
            finally:
                self._settings.pad_token_id = self._named_pad

    def _chat(self, messages: Sequence[Message]) -> list[int]:
        try:
            rendered = self.tokenizer.apply_chat_template(
                [message.as_dict() for message in messages], tokenize=True, return_dict=True
            )
        except Exception as error:
            # Templates are programs of their own and refuse with whatever they like.
            raise ModelFailed(f"The chat template refuses this conversation: {error}") from error
        return list(rendered["input_ids"])

    def _batch(self, rows: Sequence[Tokens]) -> "dict[str, torch.Tensor]":
        pad = self._pad_for(rows)
        self._settings.pad_token_id = pad
        ids, mask = padded([row.ids for row in rows], pad, self.model.device)
        batch = {"input_ids": ids}
        if mask is not None:
            batch["attention_mask"] = mask
        if rows[0].types is not None:
            batch["token_type_ids"], _ = padded([row.types or () for row in rows], 0, self.model.device)
        return batch

    def _pad_for(self, rows: Sequence[Tokens]) -> int:
        """Return the model's own padding token, or one that no row ends with."""
        if self._named_pad is not None:
            return int(self._named_pad)
        last = {row.ids[-1] for row in rows}
        return next(token for token in range(len(last) + 1) if token not in last)


def _tokens(encoded: Mapping[str, Any]) -> Tokens:
    types = encoded.get("token_type_ids")
    return Tokens(tuple(encoded["input_ids"]), tuple(types) if types is not None else None)


def load_classifier(
    path: str,
    *,
    adapter: str | None = None,
    four_bit: bool = False,
    dtype: str = "auto",
    device: str = "auto",
) -> Classifier:
    """Load the sequence classifier in a folder, or the one that an adapter makes of the base in it.

    Raises:
        ModelFailed: it is missing, damaged or incomplete (a chat model has no head to score with), or the adapter is
            not one of a sequence classifier, or belongs to another base.
    """
    with ONE_AT_A_TIME:
        tokenizer = load_tokenizer(path)
        trained: dict[str, Any] = {} if adapter is None else {"num_labels": _labels_of(Path(adapter))}
        model = load_weights(
            path,
            "AutoModelForSequenceClassification",
            four_bit=four_bit,
            dtype=dtype,
            device=device,
            may_miss=tuple(f"{head}." for head in HEADS) if adapter is not None else (),
            keep_whole=HEADS,
            **trained,
        )
        if adapter is not None:
            model = _adapted(model, adapter)
    return Classifier(model, tokenizer)


def _labels_of(adapter: Path) -> int:
    """Return how many numbers the head in an adapter gives."""
    from safetensors import safe_open

    file = adapter / "adapter_model.safetensors"
    if not file.is_file():
        raise ModelFailed(f"There is no adapter in {adapter} (no {file.name}); give the folder of one.")

    def shapes() -> dict[str, list[int]]:
        with safe_open(str(file), framework="pt") as weights:
            return {name: list(weights.get_slice(name).get_shape()) for name in weights.keys()}  # noqa: SIM118

    endings = tuple(f".{head}{part}.weight" for head in HEADS for part in ("", ".out_proj"))
    weights = explained(str(adapter), "adapter weights", shapes)
    found = [shape for name, shape in weights.items() if f".{name}".endswith(endings)]
    if not found:
        raise ModelFailed(
            f"The adapter in {adapter} has no head to score with, so it belongs to a chat model; "
            "give the adapter of a reward model."
        )
    return found[0][0]


def _adapted(model: Any, adapter: str) -> Any:
    """Return `model` with the adapter in a folder on it, all of whose weights must fit."""
    import peft

    def wrapped() -> Any:
        config = peft.PeftConfig.from_pretrained(adapter)
        if config.task_type != peft.TaskType.SEQ_CLS:
            raise ValueError(f"it is made for {config.task_type}, not for {peft.TaskType.SEQ_CLS}")
        config.inference_mode = True
        both = peft.PeftModelForSequenceClassification(model, config, adapter_name=_ADAPTER)
        result = both.load_adapter(adapter, adapter_name=_ADAPTER, torch_device=str(model.device))
        if result.missing_keys or result.unexpected_keys:
            odd = (result.missing_keys + result.unexpected_keys)[0]
            raise ValueError(f"its weights do not fit the base, e.g. {odd}")
        return both

    return explained(adapter, "adapter", wrapped).eval()
