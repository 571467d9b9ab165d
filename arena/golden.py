"""Golden sets: frozen prompts with references and checks, and what a model came to on one.

The content hash is what freezes a set: results are compared only where it is the same, so that a changed prompt,
reference or rule never passes for a changed model.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from arena.types import Message, Prompt

PROMPT_RULES = "rules"
"""The check that holds each answer to its own prompt's rules: 1 where it keeps all of them, else 0."""


class CheckKind(StrEnum):
    """What gives a check its numbers."""

    METRIC = "metric"
    RULE = "rule"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Check:
    """One number for each answer, and what its mean has to come to.

    `name` is a metric (`rougeL`), a judge, `rules` (each prompt's own) or any name for a rule whose `options` say it.
    `at_least` and `at_most` bound the mean over the prompts. Against the accepted result a mean may fall by
    `tolerance` before it is a regression. `allow_missing` prompts may have no number.
    """

    name: str
    kind: CheckKind
    options: Mapping[str, Any] = field(default_factory=dict)
    at_least: float | None = None
    at_most: float | None = None
    tolerance: float = 0.0
    allow_missing: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the check as plain values, defaults left out."""
        values = {
            "options": dict(self.options) or None,
            "at_least": self.at_least,
            "at_most": self.at_most,
            "tolerance": self.tolerance or None,
            "allow_missing": self.allow_missing or None,
        }
        known = {key: value for key, value in values.items() if value is not None}
        return {"name": self.name, "kind": self.kind.value, **known}


@dataclass(frozen=True, slots=True)
class GoldenPrompt:
    """One prompt of a golden set with every answer that is right, and the rules its answer must keep."""

    prompt: Prompt
    references: tuple[str, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the prompt as plain values."""
        return {
            "messages": [message.as_dict() for message in self.prompt.messages],
            "references": list(self.references),
            "rules": [dict(rule) for rule in self.rules],
            "category": self.prompt.category,
            "language": self.prompt.language,
        }


@dataclass(frozen=True, slots=True)
class GoldenSet:
    """A frozen set of prompts with references and checks."""

    name: str
    prompts: tuple[GoldenPrompt, ...]
    checks: tuple[Check, ...]
    created_at: datetime | None = None

    @property
    def content(self) -> dict[str, Any]:
        """Return everything that a result depends on, as plain values."""
        return {
            "prompts": [prompt.as_dict() for prompt in self.prompts],
            "checks": [check.as_dict() for check in self.checks],
        }

    @property
    def content_hash(self) -> str:
        """Return 32 hex digits of the SHA-256 of `content`."""
        text = json.dumps(self.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @classmethod
    def from_content(
        cls, name: str, content: Mapping[str, Any], created_at: datetime | None = None
    ) -> "GoldenSet":
        """Return the inverse of `content`."""
        return cls(
            name,
            tuple(_prompt(row) for row in content["prompts"]),
            tuple(Check(**{**row, "kind": CheckKind(row["kind"])}) for row in content["checks"]),
            created_at,
        )


@dataclass(frozen=True, slots=True)
class GoldenScore:
    """One number of a result, or the reason why there is none; `scorer` is the name of its check."""

    prompt_id: str
    scorer: str
    fingerprint: str
    answer_id: UUID
    value: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GoldenResult:
    """What a model came to on a golden set; `summary` is what a reader was told of it.

    The last accepted result of a model is what its next one is compared with.
    """

    golden: str
    content_hash: str
    model: str
    summary: Mapping[str, Any]
    scores: tuple[GoldenScore, ...] = ()
    created_at: datetime | None = None
    accepted_at: datetime | None = None
    result_id: UUID = field(default_factory=uuid4)


def _prompt(row: Mapping[str, Any]) -> GoldenPrompt:
    references = tuple(row["references"])
    prompt = Prompt(
        tuple(Message(entry["role"], entry["content"]) for entry in row["messages"]),
        reference=references[0] if references else None,
        category=row["category"],
        language=row["language"],
    )
    return GoldenPrompt(prompt, references, tuple(row["rules"]))
