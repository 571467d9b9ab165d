"""A judge template as a value: what the judge is told, how its verdict is marked, and what the marks mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from arena.types import Winner
from judges.marks import Mark, Scale

Role = Literal["system", "user", "assistant"]

BUILTIN_FOLDER = Path(__file__).parent / "prompts"
"""The templates that come with the workbench."""

PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}|\{([a-z_]+)\}")
"""Group 1: a name that stands for itself; group 2: a placeholder."""

OUTCOMES: Mapping[str, tuple[Winner, int]] = {
    "a_much": (Winner.MODEL_A, 3),
    "a": (Winner.MODEL_A, 1),
    "tie": (Winner.TIE, 1),
    "both_bad": (Winner.BOTH_BAD, 1),
    "b": (Winner.MODEL_B, 1),
    "b_much": (Winner.MODEL_B, 3),
}
"""What a label of a pairwise template can mean: the winner in the order shown, and the verdict's strength."""


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template.

    `labels` maps the written label to its outcome (a key of `OUTCOMES`) where a judge names one; with `scale` it
    gives a number, or in a pairwise template one number for each answer. `digest` is the SHA-256 of the file.
    """

    name: str
    kind: Literal["pairwise", "single"]
    title: str
    description: str
    messages: tuple[tuple[Role, str], ...]
    text_reply: str
    json_reply: str | None
    marks: tuple[Mark, ...]
    labels: Mapping[str, str]
    scale: Scale | None
    fence: bool
    criteria: Mapping[str, str]
    digest: str
    path: Path

    @property
    def needs_reference(self) -> bool:
        """Whether the judge is shown a reference answer, and so cannot judge without one."""
        return any("reference" in placeholders_in(text) for _, text in self.messages)

    @property
    def structured(self) -> bool:
        """Whether the template can ask for one JSON object instead of marked text."""
        return self.json_reply is not None

    @property
    def coded(self) -> bool:
        """Whether a verdict must repeat the code of its question, which no answer can know."""
        return all(mark.coded for mark in self.marks)

    @property
    def builtin(self) -> bool:
        """Whether the template came with the workbench."""
        return self.path.parent == BUILTIN_FOLDER

    def criterion_text(self, criterion: str) -> str:
        """Return what the judge is told of a criterion: its own text, or the text for `other` with its name put in."""
        other = self.criteria.get("other", "{criterion}")
        return self.criteria.get(criterion, other.replace("{criterion}", criterion))


def placeholders_in(text: str) -> set[str]:
    """Return the names of the placeholders in a template's text."""
    return {match[2] for match in PLACEHOLDER.finditer(text) if match[2]}
