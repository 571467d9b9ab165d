"""What a metric is here: it takes texts and gives each a number, or the reason why there is none.

A result must not depend on which other texts were scored in the same call, nor on their order. A text that cannot be
scored (blank, no reference, no word that the tokenizer knows) gets a reason and no number: a zero would say that the
text was scored and found bad.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from arena.judgments import ScorerInfo

BLANK_TEXT = "The text is blank."
NO_REFERENCE = "There is no reference to compare with."


@dataclass(frozen=True, slots=True)
class Item:
    """One text to score, with what it is scored against; `prompt` is the request the text answers, where known."""

    text: str
    references: tuple[str, ...] = ()
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A number, or in `reason` one sentence on why there is none; exactly one of the two is set.

    `detail` holds what else is known, for example precision and recall, as values that fit into JSON.
    """

    value: float | None
    reason: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold the one rule."""
        if (self.value is None) == (self.reason is None):
            raise ValueError(
                f"a result has a value or a reason, not value={self.value} reason={self.reason!r}"
            )

    @classmethod
    def missing(cls, reason: str) -> "Result":
        """Return the result of a text that cannot be scored."""
        return cls(None, reason)


class Scorer(Protocol):
    """Gives one number a text. Safe to share between threads."""

    @property
    def name(self) -> str:
        """The scorer's own name, for example `rougeL`."""

    @property
    def info(self) -> ScorerInfo:
        """What the numbers depend on, with the hash of it."""

    @property
    def needs_reference(self) -> bool:
        """Whether texts without a reference get no number."""

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return a result for each item, in their order; each is independent of the other items."""


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """A metric as it is offered to a person: one name, which may make several scorers.

    `scorers` are the names of those scorers; `options` the keyword arguments of `make`, each with one line on what
    it does; `needs_model` says that one of them names a model's folder.
    """

    name: str
    title: str
    description: str
    scorers: tuple[str, ...]
    needs_reference: bool = True
    needs_model: bool = False
    higher_is_better: bool = True
    options: Mapping[str, str] = field(default_factory=dict)
    bounds: tuple[float, float] | None = None
    """The least and the greatest number there can be, where both are known; intervals stay within them."""


def scorer_info(scorer: str, depends: Mapping[str, Any], *, higher_is_better: bool = True) -> ScorerInfo:
    """Return the info of a scorer, its fingerprint the first 32 hex digits of a hash of `scorer` and `depends`.

    The hash (SHA-256) is over their canonical JSON, so `depends` holds only values that fit into JSON and never a
    path: the same model in another folder gives the same numbers.
    """
    canonical = json.dumps(
        {"scorer": scorer, "depends": depends}, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    fingerprint = hashlib.sha256(canonical.encode()).hexdigest()[:32]
    return ScorerInfo(scorer, fingerprint, depends, higher_is_better)


def why_not(item: Item, *, needs_reference: bool) -> str | None:
    """Return why an item cannot be scored by any metric of that need, or `None` where it can.

    Blank references do not count as references.
    """
    if not item.text.strip():
        return BLANK_TEXT
    if needs_reference and not any(reference.strip() for reference in item.references):
        return NO_REFERENCE
    return None


def score_computable(
    items: Sequence[Item], score: Callable[[list[Item]], list[Result]], *, needs_reference: bool
) -> list[Result]:
    """Score the items that can be scored with `score`, give the others their reason, and keep the order.

    `score` sees items with a text that is not blank and, where references are needed, only the references that are
    not blank; it returns one result for each.
    """
    results: dict[int, Result] = {}
    fit: list[Item] = []
    places: list[int] = []
    for place, item in enumerate(items):
        reason = why_not(item, needs_reference=needs_reference)
        if reason is not None:
            results[place] = Result.missing(reason)
            continue
        places.append(place)
        references = tuple(reference for reference in item.references if reference.strip())
        fit.append(
            item if len(references) == len(item.references) else Item(item.text, references, item.prompt)
        )
    results.update(zip(places, score(fit) if fit else [], strict=True))
    return [results[place] for place in range(len(items))]
