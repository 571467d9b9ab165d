"""Weights, tokenizer and adapters from folders, every failure one sentence.

Everything here blocks for as long as loading takes and is called from an engine's own thread only. Engines load one at
a time: the libraries import their parts when these are first used, and two threads that do so at once find each
other's half-imported modules; loading also sets process-wide defaults.
"""

import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena.errors import ModelFailed

WEIGHT_FILES = ("*.safetensors", "*.bin")

_ONE_AT_A_TIME = threading.RLock()


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


def load_base(key: BaseKey) -> Base:
    """Load the weights and the tokenizer of a base.

    Raises:
        ModelFailed: they are missing, damaged, incomplete, or no chat model.
    """
    _require_model(key.path)
    with _ONE_AT_A_TIME:
        return _load_base(key)


def _load_base(key: BaseKey) -> Base:
    import torch
    import transformers

    _import_parts()
    _quieten()
    tokenizer = _explained(
        key.path, "tokenizer", lambda: transformers.AutoTokenizer.from_pretrained(key.path)
    )
    if not tokenizer.chat_template:
        raise ModelFailed(
            f"The tokenizer in {key.path} has no chat template, so it is unknown how to ask this model; "
            "put a chat_template.jinja beside it, or use a chat model."
        )
    device = key.device if key.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    dtype = _dtype(key.dtype, device)
    placed = "auto" if key.device == "auto" and device == "cuda" else {"": device}
    options: dict[str, Any] = {"dtype": dtype, "device_map": placed, "output_loading_info": True}
    # Weights of another shape are told apart below, in a sentence; without this the library prints a report.
    options["ignore_mismatched_sizes"] = True
    if key.four_bit:
        options["quantization_config"] = transformers.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    model, info = _explained(
        key.path, "weights", lambda: transformers.AutoModelForCausalLM.from_pretrained(key.path, **options)
    )
    _require_complete(key.path, info)
    model.eval()
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
    with _ONE_AT_A_TIME:
        _load_adapter(base, key, name)


def _load_adapter(base: Base, key: AdapterKey, name: str) -> None:
    import peft

    config = _explained(key.path, "adapter", lambda: peft.PeftConfig.from_pretrained(key.path))
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
    _explained(key.path, "adapter weights", lambda: peft.utils.load_peft_weights(key.path, device="cpu"))
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
            f"({_first_line(error)}); give the base it was trained on."
        ) from error
    base.model.eval()


def _import_parts() -> None:
    """Import what generating needs while nobody else imports."""
    from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList  # noqa: F401


def _quieten() -> None:
    """Keep the libraries' progress bars and notices to developers off the user's terminal, for the whole process."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    for module in ("transformers", "peft", "bitsandbytes", "torch"):
        warnings.filterwarnings("ignore", module=rf"{module}\b")


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


def _require_model(path: str) -> None:
    folder = Path(path).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelFailed(
                f"There is no model in {folder} (no config.json); give the folder that holds one."
            )
        if not any(any(folder.glob(pattern)) for pattern in WEIGHT_FILES):
            raise ModelFailed(f"The model in {folder} has no weights (no *.safetensors); copy them there.")
        return
    looks_local = (
        path.startswith((".", "/", "~")) or path.count("/") > 1 or ("/" in path and folder.parent.is_dir())
    )
    if folder.exists() or looks_local:
        raise ModelFailed(
            f"There is no folder {folder}; give the folder of a model, or a hub id such as 'org/name'."
        )


def _require_complete(path: str, info: dict[str, Any]) -> None:
    """Refuse weights with holes: the library would fill them with random numbers and answer nonsense."""
    missing = sorted(info.get("missing_keys") or ())
    wrong = sorted(entry[0] for entry in info.get("mismatched_keys") or ())
    if missing or wrong:
        what = [f"{len(missing)} missing, e.g. {missing[0]}"] if missing else []
        what += [f"{len(wrong)} of another shape than config.json says, e.g. {wrong[0]}"] if wrong else []
        raise ModelFailed(f"The weights in {path} are incomplete ({'; '.join(what)}); copy the model again.")


def _explained(path: str, what: str, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except Exception as error:
        local = Path(path).expanduser().exists()
        remedy = (
            "is the model complete?"
            if local
            else "there is no such folder, and the hub was not reached or does not have it."
        )
        raise ModelFailed(
            f"The {what} of {path} cannot be loaded ({_first_line(error)}): {remedy}"
        ) from error


def _dtype(wanted: str, device: str) -> Any:
    import torch

    if wanted != "auto":
        return getattr(torch, wanted)
    # On CPUs half precision is several times slower than float32.
    return torch.bfloat16 if device.startswith("cuda") else torch.float32


def _end_ids(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """Return every token that ends an answer: the model's own list and the tokenizer's."""
    own = model.generation_config.eos_token_id
    ends = list(own) if isinstance(own, list | tuple) else [own]
    return tuple(dict.fromkeys(end for end in (*ends, tokenizer.eos_token_id) if end is not None))


def _first_line(error: BaseException) -> str:
    """Return the first line that says something: a heading such as "Error(s) in loading:" does not."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    line = next((line for line in lines if not line.endswith(":")), type(error).__name__)
    return line.rstrip(".!") if len(line) <= 240 else line[:239] + "…"
