"""The rule a simulated voter follows: right facts first, then manners; it reads nothing but the text.

The facts come from the world's own table of questions. An answer counts as right when it says what was asked for,
denies nothing of it, and names nobody and nothing that has no part in any true answer to this prompt.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import numpy as np

from workbench.demo.world import Question, all_questions
from workbench.demo.world.facts import COLOURS, EVENTS, MEALS, PEOPLE, PLACES

Choice = Literal["model_a", "model_b", "tie", "both_bad"]

RUDE = re.compile(
    r"\b(obviously|everyone knows|next question|why do you ask|that is all|whatever|so what|be quick|read the sign|use your eyes|"
    r"open your eyes|are you five|get over it|too bad|if you must|not my (problem|business)|listen better|do not be silly|"
    r"go if you must|bring money|not much else|your problem|ask and see|is that all|no idea|finally)\b"
)
KIND = re.compile(
    r"\b(please|welcome|glad|gladly|happy|hope|enjoy|sorry|pleasure|lovely|thank|wonderful|friendly|kind|nice|sweet|good luck|take care|of course|"
    r"i think|you can|you will|remember|do not worry|help|beautiful|fun|gentle|easy to find)\b"
)
DENIAL = re.compile(r"\b(not|never|isn't|doesn't|don't|no longer|cannot)\b")
REFUSAL = re.compile(r"\b(no idea|not know|how should i know|ask somebody else|not now)\b")


def sentences(text: str) -> list[str]:
    """The sentences of a text, in lower case."""
    return [part.strip().lower() for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part.strip()]


@cache
def question_of(prompt: str) -> Question | None:
    """The world's question with this prompt, if it is one of its own."""
    return {question.prompt: question for question in all_questions()}.get(prompt)


@cache
def _names() -> re.Pattern[str]:
    words = {
        value.lower()
        for person in PEOPLE
        for value in (
            person.name,
            person.job,
            person.place,
            person.pet_name,
            person.food,
            person.door,
            person.pet,
        )
    }
    words |= {
        value.lower()
        for place in PLACES
        for value in (
            place.opens,
            place.closes,
            place.closed_on,
            *(thing.removeprefix("a ").removeprefix("an ") for thing in place.sells),
        )
    }
    words |= {value.lower() for event in EVENTS for value in (event.day, event.name, event.hour)}
    words |= set(COLOURS.values()) | set(MEALS.values())
    return re.compile(r"\b(" + "|".join(sorted(words, key=len, reverse=True)) + r")s?\b")


@cache
def _known(question: Question) -> frozenset[str]:
    parts = [question.prompt]
    for manner in (question.good, question.curt):
        parts += [*manner.openers, *manner.cores, *manner.tails]
    return frozenset(_names().findall(" ".join(parts).lower()))


def rightness(question: Question, answer: str) -> float:
    """1 for a right answer, 0 for a wrong one, 0.3 for one that says nothing about it."""
    text = " ".join(sentences(answer))
    if not text:
        return 0.0
    if any(re.search(pattern, text) for pattern in question.wrong):
        return 0.0
    if question.factual and set(_names().findall(text)) - _known(question):
        return 0.0
    if all(re.search(pattern, text) for pattern in question.right):
        return 1.0
    return 0.3 if REFUSAL.search(text) else 0.0


def manners(answer: str) -> float:
    """From 0 (a grunt, rude, or endless) to 1 (whole, kind sentences of a bearable length)."""
    parts = sentences(answer)
    words = len(answer.split())
    if not parts:
        return 0.0
    text = " ".join(parts)
    score = 0.2
    if any(len(part.split()) >= 5 for part in parts):
        score += 0.3
    if words >= 9:
        score += 0.2
    score += 0.3 * min(1.0, len(KIND.findall(text)) + 0.5 * answer.count("!"))
    score -= 0.3 * len(RUDE.findall(text))
    score -= 0.3 * (len(parts) - len(set(parts)))
    score -= 0.01 * max(0, words - 45)
    if answer.rstrip()[-1:] not in ".!?":
        score -= 0.3
    return min(1.0, max(0.0, score))


def quality(prompt: str, answer: str) -> float:
    """How good an answer is, from 0 to 3: twice its rightness (when the prompt is the world's own) plus its manners."""
    question = question_of(prompt)
    right = 1.0 if question is None else rightness(question, answer)
    return 2.0 * right + (manners(answer) if right > 0 else 0.5 * manners(answer))


def choose(
    prompt: str, answer_a: str, answer_b: str, rng: np.random.Generator, flip: float = 0.1, near: float = 0.15
) -> Choice:
    """The vote: the better answer, a tie when they are near; with chance flip a decided vote goes the other way."""
    one, two = quality(prompt, answer_a), quality(prompt, answer_b)
    if abs(one - two) < near:
        return "both_bad" if max(one, two) < 1.0 else "tie"
    first = (one > two) != (rng.random() < flip)
    return "model_a" if first else "model_b"
