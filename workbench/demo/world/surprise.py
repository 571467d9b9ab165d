"""Prompts that a person who presses "surprise me" is shown."""

from __future__ import annotations

from hashlib import sha256
from itertools import zip_longest

from workbench.demo.world.splits import questions_in


def surprise_prompts(count: int = 56) -> tuple[str, ...]:
    """Prompts of every kind in turn, all of the preference split: votes on them may train, the battles stay unseen."""
    by_kind: dict[str, list[str]] = {}
    for question in sorted(questions_in("preference"), key=lambda question: _shuffled(question.prompt)):
        by_kind.setdefault(question.kind, []).append(question.prompt)
    in_turn = [prompt for row in zip_longest(*by_kind.values()) for prompt in row if prompt]
    return tuple(in_turn[:count])


def _shuffled(prompt: str) -> str:
    return sha256(f"surprise {prompt}".encode()).hexdigest()
