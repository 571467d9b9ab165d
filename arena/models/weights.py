"""Tokenizers and weights from folders for every kind of model, each failure one sentence.

Loading is done by one thread at a time: the libraries import their parts when these are first used, and two threads
that do so at once find each other's half-imported modules; loading also sets process-wide defaults. Weights with
holes are refused: the libraries would fill them with random numbers and say nothing.
"""

import threading
import warnings
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from arena.errors import ModelFailed

WEIGHT_FILES = ("*.safetensors", "*.bin")

ONE_AT_A_TIME = threading.RLock()
"""Held while anything is loaded."""


def load_tokenizer(path: str) -> Any:
    """Return the tokenizer of the model at `path`, a folder or a hub id.

    Raises:
        ModelFailed: there is no model, or its tokenizer cannot be read.
    """
    require_model(path)
    with ONE_AT_A_TIME:
        import transformers

        _quieten()
        return explained(path, "tokenizer", lambda: transformers.AutoTokenizer.from_pretrained(path))


def load_weights(
    path: str,
    kind: str,
    *,
    four_bit: bool = False,
    dtype: str = "auto",
    device: str = "auto",
    may_miss: Collection[str] = (),
    keep_whole: Collection[str] = (),
    **options: Any,
) -> Any:
    """Return the weights at `path` in eval mode, on their device, as the class of transformers called `kind`.

    `may_miss` are beginnings of names of weights that may be missing, `keep_whole` names of layers that are not made
    4-bit; `options` go to `from_pretrained`. A dtype of `auto` is bfloat16 on an accelerator and float32 on a CPU.

    Raises:
        ModelFailed: they are missing, damaged or incomplete.
    """
    require_model(path)
    with ONE_AT_A_TIME:
        import torch
        import transformers

        _import_parts()
        _quieten()
        found = device if device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
        placed = "auto" if device == "auto" and found == "cuda" else {"": found}
        settings: dict[str, Any] = {"dtype": torch_dtype(dtype, found), "device_map": placed, **options}
        # Weights of another shape are told apart below, in a sentence; without this the library prints a report.
        settings.update(output_loading_info=True, ignore_mismatched_sizes=True)
        if four_bit:
            settings["quantization_config"] = transformers.BitsAndBytesConfig(
                load_in_4bit=True,
                bnb_4bit_quant_type="nf4",
                bnb_4bit_use_double_quant=True,
                bnb_4bit_compute_dtype=settings["dtype"],
                llm_int8_skip_modules=list(keep_whole) or None,
            )
        model, info = explained(
            path, "weights", lambda: getattr(transformers, kind).from_pretrained(path, **settings)
        )
    _require_complete(path, info, may_miss)
    return model.eval()


def torch_dtype(wanted: str, device: str) -> Any:
    """Return the number format called `wanted`; `auto` is bfloat16 on an accelerator and float32 on a CPU."""
    import torch

    if wanted != "auto":
        return getattr(torch, wanted)
    # On CPUs half precision is several times slower than float32.
    return torch.bfloat16 if device.startswith("cuda") else torch.float32


def require_model(path: str) -> None:
    """Refuse a path that cannot be a model, before any library is loaded.

    Raises:
        ModelFailed: the folder is missing, holds no model or no weights.
    """
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


def explained(path: str, what: str, load: Callable[[], Any]) -> Any:
    """Return what `load` returns.

    Raises:
        ModelFailed: `load` failed with whatever the libraries raise.
    """
    try:
        return load()
    except Exception as error:
        local = Path(path).expanduser().exists()
        remedy = (
            "is the model complete?"
            if local
            else "there is no such folder, and the hub was not reached or does not have it."
        )
        raise ModelFailed(f"The {what} of {path} cannot be loaded ({first_line(error)}): {remedy}") from error


def first_line(error: BaseException) -> str:
    """Return the first line that says something: a heading such as "Error(s) in loading:" does not."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    line = next((line for line in lines if not line.endswith(":")), type(error).__name__)
    return line.rstrip(".!") if len(line) <= 240 else line[:239] + "…"


def _require_complete(path: str, info: dict[str, Any], may_miss: Collection[str]) -> None:
    allowed = tuple(may_miss)
    missing = sorted(name for name in info.get("missing_keys") or () if not name.startswith(allowed))
    wrong = sorted(entry[0] for entry in info.get("mismatched_keys") or ())
    if missing or wrong:
        what = [f"{len(missing)} missing, e.g. {missing[0]}"] if missing else []
        what += [f"{len(wrong)} of another shape than config.json says, e.g. {wrong[0]}"] if wrong else []
        raise ModelFailed(f"The weights in {path} are incomplete ({'; '.join(what)}); copy the model again.")


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
