"""A model's options, checked once: every unknown name or impossible value is refused with the valid ones listed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena.checks import Check, checked, flag, number, one_of, path, text, url, whole
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
    """Seconds without a byte before the answer counts as hung (300 for a judge's whole reply, unless set)."""
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


def _device(value: Any) -> str:
    if not isinstance(value, str) or value.split(":")[0] not in ("auto", "cpu", "cuda", "mps", "xpu"):
        raise ValueError("auto, cpu, cuda, cuda:N, mps or xpu")
    return value


_COMMON: Mapping[str, Check] = {
    "system": text,
    "temperature": number(0.0, 10.0),
    "top_p": number(0.0, 1.0, above=True),
    "max_tokens": whole(1),
}

_BY_KIND: Mapping[ModelKind, Mapping[str, Check]] = {
    ModelKind.ENDPOINT: {
        "base_url": url,
        "model": text,
        "api_key_env": text,
        "timeout": number(0.0, above=True),
        "retries": whole(0),
    },
    ModelKind.LOCAL: {
        "path": path,
        "adapter": path,
        "four_bit": flag,
        "dtype": one_of("auto", "float32", "bfloat16", "float16"),
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
    return {name: checked(spec.name, name, value, checks[name]) for name, value in given.items()}


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
    return sampling_over(common_options(spec), sampling)


def sampling_over(own: CommonOptions, sampling: Sampling) -> Sampling:
    """Return `sampling` with a model's `own` settings put over it, every value checked."""
    chosen = {
        name: value if (value := getattr(own, name)) is not None else getattr(sampling, name)
        for name in ("temperature", "top_p", "max_tokens")
    }
    good = {name: checked("sampling", name, value, _COMMON[name]) for name, value in chosen.items()}
    return Sampling(**good, seed=sampling.seed)


def _without_common(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in _COMMON}


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
