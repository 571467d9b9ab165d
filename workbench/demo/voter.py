"""The rule a simulated voter follows: right facts first, then manners; it reads nothing but the text.

The facts come from the world's own questions. An answer counts as right when one of its sentences says what was asked
for, does not deny it, hangs together, and when the answer names nobody and nothing that has no part in any true answer
to this prompt. Among answers that are equally right, whole and kind sentences of a bearable length win.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np

from workbench.demo.world import Question, question_of
from workbench.demo.world.facts import facts

Choice = Literal["model_a", "model_b", "tie", "both_bad"]

RIGHT, MUDDLED, SILENT, WRONG = 1.0, 0.4, 0.3, 0.0
"""Rightness of an answer; muddled: the right words in a broken sentence; silent: it admits to tell nothing."""

NEAR = 0.15
"""Qualities closer than this are a tie."""

ACCEPTABLE = 1.0
"""Two near answers below this quality are both bad."""

LONG = 45
"""Words above this number cost manners."""

RUDE = re.compile(
    r"\b(obviously|everyone knows|next question|why do you ask|that is all|whatever|so what|be quick|easy|what else"
    r"|(read|use|open) (the|your) (sign|eyes)|are you five|get over it|too bad|if you must|not my (problem|business)"
    r"|listen better|silly|bring money|not much else|your problem|ask and see|is that all|finally|stupid|shut up"
    r"|how should i know|who cares|do not ask twice|not me|go away)\b"
)
KIND = re.compile(
    r"\b(please|welcome|glad|gladly|happy|hope|enjoy|sorry|pleasure|lovely|thank|wonderful|friendly|kind|nice|sweet"
    r"|good luck|take care|of course|i think|you can|you will|remember|worry|help|beautiful|fun|gentle|easy to find)\b"
)
DENIAL = re.compile(r"\b(not|never|no longer|cannot)\b|n't\b")
REFUSAL = re.compile(r"\b(no idea|not know|how should i know|ask somebody else|not now)\b")
ARTICLES = frozenset({"a", "an", "the"})


def sentences(text: str) -> list[str]:
    """The sentences of a text, in lower case."""
    return [part.lower() for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part]


def rightness(question: Question, answer: str) -> float:
    """RIGHT, MUDDLED, SILENT or WRONG."""
    text = answer.lower()
    if any(re.search(pattern, text) for pattern in question.wrong):
        return WRONG
    if question.factual and set(_names().findall(text)) - _related(question):
        return WRONG
    said = [sentence for sentence in sentences(answer) if _says(question, sentence)]
    if said:
        return RIGHT if any(_hangs_together(question, sentence) for sentence in said) else MUDDLED
    return SILENT if REFUSAL.search(text) else WRONG


def manners(answer: str) -> float:
    """From 0 (a grunt, rude, broken off or endless) to 1 (whole and kind sentences of a bearable length)."""
    parts = sentences(answer)
    words = answer.split()
    if not words:
        return 0.0
    text = " ".join(parts)
    score = 0.2
    score += 0.3 * any(len(part.split()) >= 5 for part in parts)
    score += 0.2 * (len(words) >= 9)
    score += 0.3 * min(1.0, len(KIND.findall(text)) + 0.5 * min(1, answer.count("!")))
    score -= 0.3 * len(RUDE.findall(text.replace("easy to find", "")))
    score -= 0.3 * (len(parts) - len(set(parts)))
    score -= 0.2 * sum(one.lower() == two.lower() for one, two in pairwise(words))
    score -= 0.02 * max(0, len(words) - LONG)
    score -= 0.3 * (not answer.rstrip().endswith((".", "!", "?")))
    return min(1.0, max(0.0, score))


def quality(prompt: str, answer: str) -> float:
    """How good an answer is, from 0 to 3: twice its rightness, plus its manners (half of them if it is not right).

    A prompt the world does not know is judged by manners alone.
    """
    if not answer.strip():
        return 0.0
    question = question_of(prompt)
    right = RIGHT if question is None else rightness(question, answer)
    return 2.0 * right + manners(answer) * (1.0 if right == RIGHT else 0.5)


def compare(prompt: str, answer_a: str, answer_b: str) -> Choice:
    """The verdict without noise: the better answer, or a tie (or both bad) when they are near."""
    first, second = quality(prompt, answer_a), quality(prompt, answer_b)
    if abs(first - second) < NEAR:
        return "tie" if max(first, second) >= ACCEPTABLE else "both_bad"
    return "model_a" if first > second else "model_b"


def choose(prompt: str, answer_a: str, answer_b: str, rng: np.random.Generator, flip: float = 0.1) -> Choice:
    """The vote: the verdict, but with chance `flip` a decision goes the other way."""
    verdict = compare(prompt, answer_a, answer_b)
    if verdict not in ("model_a", "model_b") or rng.random() >= flip:
        return verdict
    return "model_b" if verdict == "model_a" else "model_a"


def _says(question: Question, sentence: str) -> bool:
    if not all(re.search(pattern, sentence) for pattern in question.right):
        return False
    return not question.factual or not DENIAL.search(sentence) or sentence in _known_sentences(question)


def _hangs_together(question: Question, sentence: str) -> bool:
    """Whether at least half of the sentence's word pairs stand in true answers to this question, articles aside."""
    pairs = _word_pairs(sentence)
    return sum(pair in _known_pairs(question) for pair in pairs) >= 0.5 * len(pairs)


def _word_pairs(sentence: str) -> list[tuple[str, str]]:
    words = [word for word in re.findall(r"[\w']+", sentence.lower()) if word not in ARTICLES]
    return list(pairwise(["", *words, ""]))


def _parts(question: Question) -> list[str]:
    return [
        part
        for manner in (question.good, question.curt)
        for part in (*manner.openers, *manner.cores, *manner.tails)
    ]


@cache
def _known_sentences(question: Question) -> frozenset[str]:
    return frozenset(sentence for part in _parts(question) for sentence in sentences(part))


@cache
def _known_pairs(question: Question) -> frozenset[tuple[str, str]]:
    return frozenset(pair for sentence in _known_sentences(question) for pair in _word_pairs(sentence))


@cache
def _related(question: Question) -> frozenset[str]:
    """Names that a true answer may mention: those of the question's own answers, and all that belongs to its person."""
    texts = [question.prompt, *_parts(question)]
    for person in facts().people:
        if person.name == question.subject:
            texts += [
                person.name,
                person.job,
                person.place,
                person.pet,
                person.pet_name,
                person.food,
                person.door,
            ]
    return frozenset(_names().findall(" | ".join(texts).lower()))


@cache
def _names() -> re.Pattern[str]:
    """Every name and value of the world: what a wrong answer would say instead of the right one."""
    world = facts()
    names = [name for person in world.people for name in (person.name, person.pet_name, person.job)]
    names += [value for person in world.people for value in (person.pet, person.food, person.door)]
    names += [value for place in world.places for value in (place.name, place.opens, place.closes)]
    names += [value for place in world.places for value in (place.closed_on, *place.sells)]
    names += [value for event in world.events for value in (event.name, event.day, event.hour)]
    names += [*world.colours.values(), *world.meals.values(), *world.meals, *world.sounds, *world.sizes]
    bare = {re.sub(r"^an? ", "", name.lower()) for name in names}
    return re.compile(rf"\b({'|'.join(sorted(bare, key=lambda name: (-len(name), name)))})s?\b")
