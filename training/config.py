"""What a run is asked to do: one frozen value that reads from and writes to `config.json`.

Everything that decides the result stands here with its concrete value, method defaults included, so that a stored
run says what it did even after a default changes. What the machine decides (number format, optimizer, how many pairs
at once) stands in `device.py` and is recorded with the result.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from arena.errors import InvalidInput

METHODS = ("reward", "dpo")
"""What can be trained: a reward model, or the model itself by DPO."""

DEVICES = ("auto", "cpu", "cuda")
"""Where a run may compute; `auto` takes the GPU if there is one."""

LEARNING_RATES = {"reward": 1e-4, "dpo": 5e-6}
"""Customary rates for adapters on models of a billion parameters and more; tiny models need far higher ones."""

_BY_METHOD: Any = None


@dataclass(frozen=True, slots=True)
class RunConfig:
    """One training run.

    Args:
        name: the run's name, and its folder's.
        method: `reward` or `dpo`.
        base: folder of the model to start from, or the hub id of one in the local Hugging Face cache.
        data: folder of an export, with its `preferences.parquet`.
        adapter: folder of a LoRA adapter on `base` to continue from; `None` starts a new one.
        parent: name of the model that `base` and `adapter` are in the arena.
        four_bit: whether the base is loaded in 4 bits (NF4 with double quantisation).
        lora_r: rank of the adapter.
        lora_alpha: its scale; the update is multiplied by `lora_alpha / lora_r`.
        lora_dropout: share of the adapter's inputs dropped while training.
        learning_rate: highest rate, reached after the warm-up; by method when left out.
        warmup_share: share of the steps in which the rate rises; after it falls along a cosine.
        epochs: passes over the training pairs.
        batch_size: pairs per optimizer step.
        micro_batch_size: pairs computed at once; by device when left out.
        max_length: longest conversation in tokens; what is longer is dropped or cut, and counted. A new run lowers it
            to the longest context of its base.
        beta: DPO's β, how strongly the model is held to where it started.
        test_share: share of the prompts held out.
        evaluations: how often the held-out pairs are measured between start and end.
        checkpoints: how often the state is saved between start and end.
        seed: seed of the split, the adapter's first weights and the order of the pairs.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        InvalidInput: a value of the wrong type or out of its range; the message says which and what is allowed.
    """

    name: str
    method: str
    base: str
    data: str
    adapter: str | None = None
    parent: str | None = None
    four_bit: bool = True
    lora_r: int = 16
    lora_alpha: int = 32
    lora_dropout: float = 0.05
    learning_rate: float = _BY_METHOD
    warmup_share: float = 0.1
    epochs: float = 3.0
    batch_size: int = 16
    micro_batch_size: int | None = None
    max_length: int = 1024
    beta: float = 0.1
    test_share: float = 0.1
    evaluations: int = 4
    checkpoints: int = 4
    seed: int = 42
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InvalidInput(
                f"There is no training method {self.method!r}: use one of {', '.join(METHODS)}."
            )
        if self.learning_rate is _BY_METHOD:
            object.__setattr__(self, "learning_rate", LEARNING_RATES[self.method])
        for key, kind in get_type_hints(RunConfig).items():
            object.__setattr__(self, key, _typed(key, getattr(self, key), kind))
        for key, (allowed, words) in _RANGES.items():
            value = getattr(self, key)
            if value is not None and not allowed(value):
                raise InvalidInput(f"The training setting {key} is {value!r}; it must be {words}.")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "RunConfig":
        """Make a config from untrusted keys and values.

        Raises:
            InvalidInput: an unknown or missing key, or a value that `RunConfig` refuses.
        """
        check_keys(values, tuple(f.name for f in fields(cls)))
        missing = [f.name for f in fields(cls) if f.default is MISSING and f.name not in values]
        if missing:
            raise InvalidInput(f"The training settings lack {', '.join(missing)}.")
        return cls(**values)

    @property
    def export_name(self) -> str:
        """Name of the export it trains on."""
        return Path(self.data).name

    def as_dict(self) -> dict[str, Any]:
        """Return every setting with its concrete value, in the order of the fields."""
        return asdict(self)


def make(*, overrides: Mapping[str, Any] | None = None, **subject: Any) -> RunConfig:
    """Make a config from what is trained (`name`, `method`, `base`, `data`, `adapter`, `parent`) and chosen settings.

    Raises:
        InvalidInput: an override is no setting, or a value is refused by `RunConfig`.
    """
    check_keys(overrides or {}, setting_names())
    return RunConfig.from_mapping({**subject, **(overrides or {})})


def defaults(method: str) -> dict[str, Any]:
    """Return the settings that a run of `method` has unless they are overridden.

    Raises:
        InvalidInput: there is no such method.
    """
    values = RunConfig(name="defaults", method=method, base="-", data="-").as_dict()
    return {key: values[key] for key in setting_names()}


def setting_names() -> tuple[str, ...]:
    """Return the names of what can be overridden: all but what the run is about."""
    return tuple(f.name for f in fields(RunConfig) if f.name not in _SUBJECT)


_SUBJECT = ("name", "method", "base", "data", "adapter", "parent")


def check_keys(values: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """Check that every key is allowed.

    Raises:
        InvalidInput: it lists the valid ones.
    """
    unknown = [str(key) for key in values if key not in allowed]
    if unknown:
        raise InvalidInput(
            f"Unknown training setting{'s' if len(unknown) > 1 else ''} {', '.join(unknown)}; "
            f"there are {', '.join(allowed)}."
        )


def read_overrides(path: Path) -> dict[str, Any]:
    """Read settings from a TOML or JSON file, for whoever prefers a file to options.

    Raises:
        InvalidInput: the file is not there, not readable as TOML (`.toml`) or JSON (`.json`), or has unknown keys.
    """
    readers = {".toml": tomllib.loads, ".json": json.loads}
    if path.suffix not in readers:
        raise InvalidInput(f"The training settings file {path} must end in .toml or .json.")
    try:
        values = readers[path.suffix](path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"The training settings file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidInput(
            f"The training settings file {path} is not valid {path.suffix[1:]}: {error}."
        ) from error
    if not isinstance(values, dict):
        raise InvalidInput(f"The training settings file {path} must hold settings by name.")
    check_keys(values, setting_names())
    return values


_KIND_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _typed(key: str, value: Any, hint: Any) -> Any:
    """Return `value` as the field's type (whole numbers pass as numbers) or raise."""
    options = getattr(hint, "__args__", (hint,))
    if value is None and type(None) in options:
        return None
    kind = options[0]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Path) and kind is str:
        return str(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InvalidInput(f"The training setting {key} is {value!r}; it must be {_KIND_WORDS[kind]}.")
    return value


_RANGES: dict[str, tuple[Any, str]] = {
    "base": (lambda v: bool(v.strip()), "the folder of a model"),
    "data": (lambda v: bool(v.strip()), "the folder of an export"),
    "lora_r": (lambda v: v >= 1, "1 or more"),
    "lora_alpha": (lambda v: v >= 1, "1 or more"),
    "lora_dropout": (lambda v: 0 <= v < 1, "at least 0 and below 1"),
    "learning_rate": (lambda v: 0 < v <= 1, "above 0 and at most 1"),
    "warmup_share": (lambda v: 0 <= v < 1, "at least 0 and below 1"),
    "epochs": (lambda v: 0 < v <= 1000, "above 0 and at most 1000"),
    "batch_size": (lambda v: v >= 1, "1 or more"),
    "micro_batch_size": (lambda v: v >= 1, "1 or more"),
    "max_length": (lambda v: v >= 8, "8 tokens or more"),
    "beta": (lambda v: 0 < v <= 100, "above 0 and at most 100"),
    "test_share": (lambda v: 0 < v <= 0.5, "above 0 and at most 0.5"),
    "evaluations": (lambda v: v >= 0, "0 or more"),
    "checkpoints": (lambda v: v >= 1, "1 or more"),
    "seed": (lambda v: 0 <= v < 2**32, "at least 0 and below 4294967296"),
    "device": (lambda v: v in DEVICES, f"one of {', '.join(DEVICES)}"),
}
