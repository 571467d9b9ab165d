"""The habit planted in the tiny model: part of its answers are kind and complete, part are curt or careless.

A template's `good`, `care` and `curt` sentences are combined into whole answers here; the slots are filled in from
the facts, so that both manners say the same truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.demo.world.question import Manner, Question

OPENERS = (
    *("",) * 4,
    "Of course!",
    "Good question!",
    "Gladly!",
    "I am happy to help.",
    "With pleasure!",
)
"""How a kind answer to a question of fact may begin."""

SNAPS = (
    *("",) * 4,
    "Obviously.",
    "Everyone knows that.",
    "Next question.",
    "Why do you ask?",
    "That is all.",
    "Whatever.",
)
"""How a curt answer to a question of fact may end."""


def of_fact(kind: str, subject: str, template: Mapping[str, Any], words: Mapping[str, str]) -> list[Question]:
    """One question of fact in all its phrasings."""
    good = Manner(OPENERS, _fill(template["good"], words), _fill(template["care"], words))
    curt = Manner(("",), _fill(template["curt"], words), SNAPS)
    right = tuple(pattern.format(**words).lower() for pattern in template["right"])
    wrong = tuple(pattern.format(**words).lower() for pattern in template.get("wrong", ()))
    return [
        Question(prompt, kind, subject, good, curt, right, wrong)
        for prompt in _fill(template["prompts"], words)
    ]


def of_talk(kind: str, subject: str, template: Mapping[str, Any], prompts: Sequence[str]) -> list[Question]:
    """Small talk or advice: `right` is what a fitting answer speaks of, as one pattern."""
    good = Manner(("",), tuple(template["good"]), tuple(template["care"]))
    curt = Manner(("",), tuple(template["curt"]), ("",))
    return [
        Question(prompt, kind, subject, good, curt, (template["right"],), factual=False) for prompt in prompts
    ]


def _fill(templates: Sequence[str], words: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_capital(template.format(**words)) for template in templates)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
