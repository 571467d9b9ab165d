"""Everyday prompts with answers of five recorded models of honestly different quality, all written for this project.

heron answers best; willow is right but wordy; quill is terse; tern says little; magpie is sure of itself and sloppy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from arena.types import Message, Prompt

SOURCE = "embedded default"


def recorded_prompts() -> dict[str, Prompt]:
    """The prompts by their short names."""
    return {
        row["id"]: Prompt(
            tuple(Message(message["role"], message["content"]) for message in row["messages"]),
            reference=row.get("reference"),
            category=row["category"],
            language=row["language"],
            source=SOURCE,
        )
        for row in _rows("prompts")
    }


def recorded_answers() -> dict[str, dict[str, str]]:
    """For each recorded model its answers by the prompt's short name."""
    answers: dict[str, dict[str, str]] = {}
    for row in _rows("answers"):
        answers.setdefault(row["model"], {})[row["prompt"]] = row["text"]
    return answers


def _rows(name: str) -> Iterator[dict[str, Any]]:
    text = (files(__package__) / "recorded" / f"{name}.jsonl").read_text(encoding="utf-8")
    return map(json.loads, text.splitlines())
