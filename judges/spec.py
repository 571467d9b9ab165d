"""A judge's options, checked once, and the hash of everything its verdicts depend on.

Two hashes, because two things are kept: a call depends on how the model is asked (template, model, sampling), and a
verdict also on what is made of the replies (both orders, tie width, members). So a judge whose tie width changes gives
new verdicts from the replies it has paid for. Prices, slots and attempts change no verdict and stand in neither.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from arena.checks import Check, checked, flag, number, one_of, path, text, whole
from arena.errors import InvalidInput
from arena.judgments import JudgeKind, JudgeSpec
from arena.types import ModelSpec, Sampling

ASKED = (JudgeKind.PAIRWISE, JudgeKind.SINGLE)
"""Kinds that ask a model, and so may cost money."""

OWN_SAMPLING = ("temperature", "top_p", "max_tokens")
"""Options of a model that a judge's own take the place of."""

UNHEARD = (
    "api_key_env",
    "timeout",
    "retries",
    "sets",
    "promoted",
    "device",
    "path",
    "adapter",
    *OWN_SAMPLING,
)
"""Options of a model that change nothing of what it says to a judge's question; folders go by their content."""


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How a model is asked for a verdict or a score, and what is made of it."""

    model: str
    template: str
    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 1024
    """New tokens a reply may have; a reply cut before its verdict is a failure."""
    structured: bool = True
    """Ask for JSON by a schema where the template has one; a server that cannot do that is asked for marked text."""
    top_logprobs: int = 5
    """So many likely tokens are asked for at each place, for soft verdicts; 0 asks for none."""
    orders: str = "both"
    """`both` asks a pairwise judge with each side first; `one` as the battle was shown."""
    tie_width: float = 0.0
    """Scores at most this far apart are a tie (single)."""
    slots: int = 64
    """Requests in flight at once."""
    attempts: int = 5
    """Times a request is sent before its failure stands; of these, three may bring a reply that cannot be read."""
    price_in: float | None = None
    """Price of a million prompt tokens, in whatever currency."""
    price_out: float | None = None
    """Price of a million new tokens."""

    def sampling(self) -> Sampling:
        """Return how replies are drawn."""
        return Sampling(self.temperature, self.top_p, self.max_tokens)


@dataclass(frozen=True, slots=True)
class JuryOptions:
    """Which judges sit together, and how they decide."""

    members: tuple[str, ...]
    decide: Literal["majority", "mean"] = "majority"
    """`majority` of the outcomes, or the `mean` of the soft verdicts."""
    min_jurors: int | None = None
    """So many must have a verdict; more than half if absent."""

    @property
    def quorum(self) -> int:
        """Return how many jurors must have a verdict."""
        return self.min_jurors if self.min_jurors is not None else len(self.members) // 2 + 1


@dataclass(frozen=True, slots=True)
class RewardOptions:
    """A reward or sequence-classification model in a folder."""

    path: str
    """The folder of the model, of an adapter, or of a finished reward run."""
    adapter: str | None = None
    label: str | None = None
    """Of a classifier with several labels: the one whose probability makes an answer good."""
    tie_width: float = 0.0
    """Rewards (or log-odds) at most this far apart are a tie."""


@dataclass(frozen=True, slots=True)
class MetricOptions:
    """A metric against the prompt's reference; `settings` are the metric's own options."""

    metric: str
    tie_width: float = 0.0
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What an answer must be like to pass; every check that is given must hold."""

    pattern: str | None = None
    """A regular expression that must be found somewhere in the answer."""
    forbidden: str | None = None
    """A regular expression that must not be found."""
    ignore_case: bool = False
    json_schema: Mapping[str, Any] | None = None
    """The whole answer must be JSON that fits this schema."""
    min_words: int | None = None
    max_words: int | None = None
    min_characters: int | None = None
    max_characters: int | None = None


def _names(value: Any) -> tuple[str, ...]:
    names = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if (
        not isinstance(names, Sequence)
        or len(names) < 2
        or not all(isinstance(name, str) and name.strip() for name in names)
        or len(set(names)) < len(names)
    ):
        raise ValueError("a list of at least two different judges")
    return tuple(names)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("an object of names and values")
    return dict(value)


_PRICE = number(0.0)
_ASKING: Mapping[str, Check] = {
    "model": text,
    "template": text,
    "temperature": number(0.0, 10.0),
    "top_p": number(0.0, 1.0, above=True),
    "max_tokens": whole(1),
    "structured": flag,
    "top_logprobs": whole(0),
    "slots": whole(1),
    "attempts": whole(1),
    "price_in": _PRICE,
    "price_out": _PRICE,
}
_BY_KIND: Mapping[JudgeKind, Mapping[str, Check]] = {
    JudgeKind.PAIRWISE: {**_ASKING, "orders": one_of("both", "one")},
    JudgeKind.SINGLE: {**_ASKING, "tie_width": number(0.0)},
    JudgeKind.JURY: {"members": _names, "decide": one_of("majority", "mean"), "min_jurors": whole(1)},
    JudgeKind.REWARD: {"path": path, "adapter": path, "label": text, "tie_width": number(0.0)},
    JudgeKind.METRIC: {"metric": text, "tie_width": number(0.0), "settings": _mapping},
    JudgeKind.RULE: {
        "pattern": text,
        "forbidden": text,
        "ignore_case": flag,
        "json_schema": _mapping,
        "min_words": whole(0),
        "max_words": whole(0),
        "min_characters": whole(0),
        "max_characters": whole(0),
    },
}
_REQUIRED: Mapping[JudgeKind, tuple[str, ...]] = {
    JudgeKind.PAIRWISE: ("model",),
    JudgeKind.SINGLE: ("model",),
    JudgeKind.JURY: ("members",),
    JudgeKind.REWARD: ("path",),
    JudgeKind.METRIC: ("metric",),
    JudgeKind.RULE: (),
}


def option_names(kind: JudgeKind) -> tuple[str, ...]:
    """Return the names of the options a judge of this kind takes."""
    return tuple(_BY_KIND[kind])


def check_judge_options(spec: JudgeSpec) -> dict[str, Any]:
    """Return the options of `spec` with checked values; an option set to `None` counts as not given.

    Raises:
        InvalidInput: an option is unknown, missing or has an impossible value.
    """
    checks = _BY_KIND[spec.kind]
    given = {name: value for name, value in spec.options.items() if value is not None}
    if unknown := sorted(set(given) - set(checks)):
        raise InvalidInput(
            f"{spec.name}: a judge of kind {spec.kind.value} has no option {_quoted(unknown)}; "
            f"valid are {', '.join(checks)}."
        )
    if missing := [name for name in _REQUIRED[spec.kind] if name not in given]:
        raise InvalidInput(
            f"{spec.name}: a judge of kind {spec.kind.value} needs the option {_quoted(missing)}."
        )
    return {name: checked(spec.name, name, value, checks[name]) for name, value in given.items()}


def ask_options(spec: JudgeSpec) -> AskOptions:
    """Return the checked options of a pairwise or single judge; its template is named after its kind by default.

    Raises:
        InvalidInput: an option is unknown, missing or impossible, or only one price is given.
    """
    options = AskOptions(**{"template": spec.kind.value, **check_judge_options(spec)})
    if (options.price_in is None) != (options.price_out is None):
        missing = "price_in" if options.price_in is None else "price_out"
        raise InvalidInput(f"{spec.name}: prices come in pairs; give {missing} too (0 where it is free).")
    return options


def jury_options(spec: JudgeSpec) -> JuryOptions:
    """Return the checked options of a jury."""
    options = JuryOptions(**check_judge_options(spec))
    if options.quorum > len(options.members):
        raise InvalidInput(
            f"{spec.name}: min_jurors is {options.quorum}, but there are only {len(options.members)} members."
        )
    if spec.name in options.members:
        raise InvalidInput(f"{spec.name}: a jury cannot be a member of itself.")
    return options


def reward_options(spec: JudgeSpec) -> RewardOptions:
    """Return the checked options of a reward judge."""
    return RewardOptions(**check_judge_options(spec))


def metric_options(spec: JudgeSpec) -> MetricOptions:
    """Return the checked options of a metric judge."""
    return MetricOptions(**check_judge_options(spec))


def rule_options(spec: JudgeSpec) -> RuleOptions:
    """Return the checked options of a rule judge.

    Raises:
        InvalidInput: there is no check among them, or two contradict each other.
    """
    given = check_judge_options(spec)
    options = RuleOptions(**given)
    if not set(given) - {"ignore_case"}:
        raise InvalidInput(
            f"{spec.name}: a rule needs something to check: pattern, forbidden, json_schema or a length."
        )
    for unit in ("words", "characters"):
        low, high = given.get(f"min_{unit}"), given.get(f"max_{unit}")
        if low is not None and high is not None and low > high:
            raise InvalidInput(
                f"{spec.name}: min_{unit} is {low} and max_{unit} {high}, so nothing can pass."
            )
    return options


def call_fingerprint(
    spec: JudgeSpec, template_digest: str, model: ModelSpec, *, weights: str | None = None
) -> str:
    """Return the hash of what one reply depends on: template, model and how it is asked; not the judge's name.

    `weights` is a hash of the model's files where they stand here; without one its folders' names stand for them.
    """
    options = ask_options(spec)
    return hash_of(
        {
            "kind": spec.kind.value,
            "template": template_digest,
            "model": {
                "name": model.name if not model.live else None,
                "kind": model.kind.value,
                "options": {k: v for k, v in sorted(model.options.items()) if k not in UNHEARD},
                "weights": weights or [model.options.get("path"), model.options.get("adapter")],
            },
            "asked": [
                options.temperature, options.top_p, options.max_tokens, options.structured, options.top_logprobs,
            ],
        }
    )  # fmt: skip


def hash_of(depends: Mapping[str, Any]) -> str:
    """Return the first 32 hex digits of the SHA-256 of the canonical JSON of `depends`."""
    canonical = json.dumps(depends, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
