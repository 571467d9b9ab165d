"""Prompts that a person who presses "surprise me" is shown."""

from __future__ import annotations

from workbench.demo.world.splits import questions_in


def surprise_prompts(count: int = 56) -> tuple[str, ...]:
    """Prompts of every kind in turn, all of the preference split: votes on them may train, the battles stay unseen."""
    by_kind: dict[str, list[str]] = {}
    for question in questions_in("preference"):
        by_kind.setdefault(question.kind, []).append(question.prompt)
    rounds = range(max(map(len, by_kind.values())))
    in_turn = [prompts[i] for i in rounds for prompts in by_kind.values() if i < len(prompts)]
    return tuple(in_turn[:count])
