"""Pebble Bay: a small closed world of prompts, with true answers in a kind and in a curt manner."""

from __future__ import annotations

from functools import cache

from workbench.demo.world import nature, people, places, talk
from workbench.demo.world.question import Manner, Question

__all__ = ["Manner", "Question", "all_questions", "question_of"]


@cache
def all_questions() -> tuple[Question, ...]:
    """Every question of the world, each prompt once."""
    return tuple(_by_prompt().values())


def question_of(prompt: str) -> Question | None:
    """The question with exactly this prompt, if it is one of the world's own."""
    return _by_prompt().get(prompt)


@cache
def _by_prompt() -> dict[str, Question]:
    unique: dict[str, Question] = {}
    for room in (people, places, nature, talk):
        for question in room.questions():
            unique.setdefault(question.prompt, question)
    return unique
