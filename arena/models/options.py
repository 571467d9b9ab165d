"""A model's options, checked once: every unknown name or impossible value is refused with the valid ones listed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from arena.errors import InvalidInput
from arena.types import ModelKind, ModelSpec, Sampling


@dataclass(frozen=True, slots=True)
class CommonOptions:
    """Options of every kind of model; `None` leaves the caller's value."""

    system: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """Where an OpenAI-compatible server listens, and how long to wait for it."""

    base_url: str
    model: str
    api_key_env: str | None = None
    timeout: float = 60.0
    """Seconds without a byte before the answer counts as hung."""
    retries: int = 2
    """How often a request that has not shown text yet is sent again."""


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """Weights in a folder (or in the hub's cache), optionally 4-bit, optionally with an adapter."""

    path: str
    adapter: str | None = None
    four_bit: bool = False
    dtype: str = "auto"
    device: str = "auto"


Check = Callable[[Any], Any]
"""Returns the value in its final type, or raises ValueError with what is expected."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value


def _url(value: Any) -> str:
    if (
        not isinstance(value, str)
        or urlsplit(value).scheme not in ("http", "https")
        or not urlsplit(value).netloc
    ):
        raise ValueError("an address such as http://localhost:8000/v1")
    return value.rstrip("/")


def _path(value: Any) -> str:
    if not isinstance(value, str | Path) or not str(value).strip():
        raise ValueError("a folder or a hub id")
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _number(low: float, high: float = math.inf, *, above: bool = False) -> Check:
    wanted = f"a number above {low:g}" if above else f"a number from {low:g}"
    wanted += "" if high == math.inf else f" to {high:g}"

    def check(value: Any) -> float:
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not good or not (low < value if above else low <= value) or value > high:
            raise ValueError(wanted)
        return float(value)

    return check


def _whole(low: int) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise ValueError(f"a whole number from {low}")
        return value

    return check


def _one_of(*valid: str) -> Check:
    def check(value: Any) -> str:
        if value not in valid:
            raise ValueError(f"one of {', '.join(valid)}")
        return str(value)

    return check


def _device(value: Any) -> str:
    if not isinstance(value, str) or value.split(":")[0] not in ("auto", "cpu", "cuda", "mps", "xpu"):
        raise ValueError("auto, cpu, cuda, cuda:N, mps or xpu")
    return value


_COMMON: Mapping[str, Check] = {
    "system": _text,
    "temperature": _number(0.0, 10.0),
    "top_p": _number(0.0, 1.0, above=True),
    "max_tokens": _whole(1),
}

_BY_KIND: Mapping[ModelKind, Mapping[str, Check]] = {
    ModelKind.ENDPOINT: {
        "base_url": _url,
        "model": _text,
        "api_key_env": _text,
        "timeout": _number(0.0, above=True),
        "retries": _whole(0),
    },
    ModelKind.LOCAL: {
        "path": _path,
        "adapter": _path,
        "four_bit": _flag,
        "dtype": _one_of("auto", "float32", "bfloat16", "float16"),
        "device": _device,
    },
    ModelKind.RECORDED: {},
}

_REQUIRED: Mapping[ModelKind, tuple[str, ...]] = {
    ModelKind.ENDPOINT: ("base_url", "model"),
    ModelKind.LOCAL: ("path",),
    ModelKind.RECORDED: (),
}


def check_options(spec: ModelSpec) -> dict[str, Any]:
    """Return the options of `spec` with checked values; an option set to `None` counts as not given.

    Raises:
        InvalidInput: an option is unknown, missing or has an impossible value.
    """
    checks = {**_BY_KIND[spec.kind], **_COMMON}
    given = {name: value for name, value in spec.options.items() if value is not None}
    unknown = sorted(set(given) - set(checks))
    if unknown:
        raise InvalidInput(
            f"{spec.name}: a model of kind {spec.kind.value} has no option {_quoted(unknown)}; "
            f"valid are {', '.join(checks)}."
        )
    missing = [name for name in _REQUIRED[spec.kind] if name not in given]
    if missing:
        raise InvalidInput(
            f"{spec.name}: a model of kind {spec.kind.value} needs the option {_quoted(missing)}."
        )
    return {name: _checked(spec.name, name, value, checks[name]) for name, value in given.items()}


def endpoint_options(spec: ModelSpec) -> EndpointOptions:
    """Return the checked endpoint options of `spec`."""
    return EndpointOptions(**_without_common(check_options(spec)))


def local_options(spec: ModelSpec) -> LocalOptions:
    """Return the checked local options of `spec`."""
    return LocalOptions(**_without_common(check_options(spec)))


def common_options(spec: ModelSpec) -> CommonOptions:
    """Return the options that every kind of model takes."""
    return CommonOptions(**{name: value for name, value in check_options(spec).items() if name in _COMMON})


def own_sampling(spec: ModelSpec, sampling: Sampling) -> Sampling:
    """Return `sampling` with the model's own settings put over it, every value checked."""
    own = common_options(spec)
    chosen = {
        name: value if (value := getattr(own, name)) is not None else getattr(sampling, name)
        for name in ("temperature", "top_p", "max_tokens")
    }
    checked = {name: _checked("sampling", name, value, _COMMON[name]) for name, value in chosen.items()}
    return Sampling(**checked, seed=sampling.seed)


def _without_common(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in _COMMON}


def _checked(owner: str, name: str, value: Any, check: Check) -> Any:
    try:
        return check(value)
    except ValueError as expected:
        raise InvalidInput(f"{owner}: {name} is {value!r}, but must be {expected}.") from None


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
