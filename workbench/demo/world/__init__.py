"""Pebble Bay: a small closed world of prompts, with true answers in a kind and in a curt manner."""

from __future__ import annotations

from functools import cache

from workbench.demo.world import advice, nature, people, places, talk
from workbench.demo.world.question import Manner, Question

__all__ = ["Manner", "Question", "all_questions"]


@cache
def all_questions() -> tuple[Question, ...]:
    """Every question of the world, each prompt once."""
    rooms = (people, places, nature, talk, advice)
    unique: dict[str, Question] = {}
    for room in rooms:
        for question in room.questions():
            unique.setdefault(question.prompt, question)
    return tuple(unique.values())
