"""Bases and their adapters from folders, every failure one sentence.

Everything here blocks for as long as loading takes, so the arena calls it from an engine's own thread only. What loads
any weights stands in `arena.models.weights`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena.errors import ModelFailed
from arena.models.weights import ONE_AT_A_TIME, explained, first_line, load_tokenizer, load_weights


@dataclass(frozen=True, slots=True)
class BaseKey:
    """What makes two local models share one base in memory."""

    path: str
    four_bit: bool
    dtype: str
    device: str


@dataclass(frozen=True, slots=True)
class AdapterKey:
    """An adapter folder in the state it was in when asked for: trained further, it is another adapter."""

    path: str
    changed: int
    """Modification time of its weights, in nanoseconds."""


@dataclass(slots=True)
class Base:
    """A loaded base: the model (wrapped by PEFT once an adapter is there) and what is needed to feed it."""

    path: str
    model: Any
    tokenizer: Any
    end_ids: tuple[int, ...]
    pad_id: int
    context: int | None
    """Most tokens of prompt and answer together, `None` when the model does not say."""
    size: int
    """Number of parameters."""

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of token ids without the special ones."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    @property
    def adapted(self) -> bool:
        """Whether PEFT wraps the model, so that each row of a batch names its adapter."""
        return hasattr(self.model, "peft_config")


def base_key(path: str, *, four_bit: bool, dtype: str, device: str) -> BaseKey:
    """Return the key of a base; a folder is named by its real path, so two spellings of it share one base."""
    found = Path(path).expanduser()
    return BaseKey(str(found.resolve()) if found.exists() else path, four_bit, dtype, device)


def adapter_key(path: str) -> AdapterKey:
    """Return the key of an adapter folder.

    Raises:
        ModelFailed: the folder holds no adapter.
    """
    folder = Path(path).expanduser().resolve()
    if not (folder / "adapter_config.json").is_file():
        raise ModelFailed(
            f"There is no adapter in {folder} (no adapter_config.json); give the folder of one."
        )
    weights = [
        file
        for file in (folder / "adapter_model.safetensors", folder / "adapter_model.bin")
        if file.is_file()
    ]
    if not weights:
        raise ModelFailed(
            f"The adapter in {folder} has no weights (no adapter_model.safetensors); train or copy it."
        )
    return AdapterKey(str(folder), weights[0].stat().st_mtime_ns)


def load_base(key: BaseKey, *, chat: bool = True) -> Base:
    """Load the weights and the tokenizer of a base; with `chat` false it need not be a chat model.

    Raises:
        ModelFailed: they are missing, damaged, incomplete, or no chat model.
    """
    with ONE_AT_A_TIME:
        tokenizer = load_tokenizer(key.path)
        if chat and not tokenizer.chat_template:
            raise ModelFailed(
                f"The tokenizer in {key.path} has no chat template, so it is unknown how to ask this model; "
                "put a chat_template.jinja beside it, or use a chat model."
            )
        model = load_weights(
            key.path, "AutoModelForCausalLM", four_bit=key.four_bit, dtype=key.dtype, device=key.device
        )
    ends = _end_ids(model, tokenizer)
    pad = tokenizer.pad_token_id
    return Base(
        path=key.path,
        model=model,
        tokenizer=tokenizer,
        end_ids=ends,
        pad_id=pad if pad is not None else ends[0] if ends else 0,
        context=getattr(model.config.get_text_config(), "max_position_embeddings", None),
        size=model.num_parameters(),
    )


def load_adapter(base: Base, key: AdapterKey, name: str) -> None:
    """Load an adapter beside those that are there and call it `name`; a failure leaves the base as it was.

    Raises:
        ModelFailed: the adapter is damaged, is of a kind that cannot share a base, or belongs to another base.
    """
    with ONE_AT_A_TIME:
        _load_adapter(base, key, name)


def _load_adapter(base: Base, key: AdapterKey, name: str) -> None:
    import peft

    config = explained(key.path, "adapter", lambda: peft.PeftConfig.from_pretrained(key.path))
    if (
        config.peft_type != peft.PeftType.LORA
        or getattr(config, "use_dora", False)
        or config.task_type not in ("CAUSAL_LM", None)
    ):
        kind = "DoRA" if getattr(config, "use_dora", False) else f"{config.peft_type} for {config.task_type}"
        raise ModelFailed(
            f"The adapter in {key.path} ({kind}) is not a LoRA adapter for chat, so it cannot share its base; "
            "merge it into its base and add the merged folder as 'path'."
        )
    explained(key.path, "adapter weights", lambda: peft.utils.load_peft_weights(key.path, device="cpu"))
    config.inference_mode = True
    bare = None if base.adapted else base.model
    try:
        if bare is not None:
            base.model = peft.PeftModelForCausalLM(bare, config, adapter_name=name)
        result = base.model.load_adapter(key.path, adapter_name=name, torch_device=str(base.model.device))
        if result.missing_keys or result.unexpected_keys:
            raise ValueError(
                f"its weights do not fit, e.g. {(result.missing_keys + result.unexpected_keys)[0]}"
            )
    except Exception as error:
        _undo(base, bare, name)
        raise ModelFailed(
            f"The adapter in {key.path} does not fit its base {base.model.config.name_or_path} "
            f"({first_line(error)}); give the base it was trained on."
        ) from error
    base.model.eval()


def _undo(base: Base, bare: Any, name: str) -> None:
    if bare is None:
        if name in base.model.peft_config:
            base.model.delete_adapter(name)
        return
    if base.adapted:
        base.model.unload()
    if hasattr(bare, "peft_config"):
        del bare.peft_config
    base.model = bare


def _end_ids(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """Return every token that ends an answer: the model's own list and the tokenizer's."""
    own = model.generation_config.eos_token_id
    ends = list(own) if isinstance(own, list | tuple) else [own]
    return tuple(dict.fromkeys(end for end in (*ends, tokenizer.eos_token_id) if end is not None))
