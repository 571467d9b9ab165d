"""Dialogues of one or two turns; a second turn may lean on the first ("And where does she work?")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from workbench.demo.world import all_questions
from workbench.demo.world.facts import facts
from workbench.demo.world.question import Manner, Question

if TYPE_CHECKING:
    import numpy as np

Dialogue = list[tuple[str, str]]
"""Turns of (prompt, answer)."""

ABOUT_PERSON = {
    "job": ("What is {their} job?", "And what does {they} do?", "What does {they} do for a living?"),
    "workplace": ("Where does {they} work?", "And where can I find {them}?", "Where can I meet {them}?"),
    "pet": ("Does {they} have a pet?", "What pet does {they} have?", "And which animal lives with {them}?"),
    "food": (
        "What does {they} like to eat?",
        "What is {their} favourite food?",
        "And what food does {they} like?",
    ),
    "door": ("Where does {they} live?", "Which house is {their} home?", "And what colour is {their} door?"),
    "gift": ("What could I give {them}?", "What should I bring when I visit {them}?"),
}
ABOUT_PLACE = {
    "opens": ("When does it open?", "And when does it open?", "From what time is it open?"),
    "closes": ("When does it close?", "And when does it close?", "How long is it open?"),
    "day off": ("On which day is it closed?", "Is it open every day?", "And when is it closed?"),
    "where": ("Where is it?", "And how do I get there?", "How do I find it?"),
    "use": ("What can I do there?", "And what can people do there?"),
}
ABOUT_EVENT = {
    "event place": ("Where is it?", "And where is that?", "Where does it take place?"),
    "event hour": ("When does it start?", "And at what time?", "At what time does it begin?"),
}
HELLOS = ("Hello,", "Hi!", "Hello Pip,", "Excuse me,", "Hey,", "Good morning!")
CLOSING = ("thanks", "goodbye", "praise", "again")
"""Small talk that fits after any answer."""

SURE = ("Are you sure?", "Really?", "Is that true?", "Are you sure about that?")


def sample_dialogue(
    question: Question,
    others: Sequence[Question],
    rng: np.random.Generator,
    good_share: float = 0.5,
    two_turns: float = 0.35,
) -> Dialogue:
    """The question in words as people type them, answered in either manner; sometimes a second turn follows.

    Args:
        question: what is asked first.
        others: where a second, unrelated question is drawn from.
        rng: the source of every choice.
        good_share: chance that an answer is given in the kind manner.
        two_turns: chance of a second turn.
    """
    turns = [question]
    if rng.random() < two_turns:
        turns.append(_second(question, others, rng))
    return [
        (
            as_typed(turn, rng),
            (turn.good if rng.random() < good_share else turn.curt).pick(rng),
        )
        for turn in turns
    ]


def _second(question: Question, others: Sequence[Question], rng: np.random.Generator) -> Question:
    leaning = follow_ups(question)
    draw = rng.random()
    if draw < 0.5 and leaning:
        choices: Sequence[Question] = leaning
    elif draw < 0.7:
        choices = others
    else:
        choices = [other for other in others if other.subject in CLOSING]
    return choices[int(rng.integers(len(choices)))]


def as_typed(question: Question, rng: np.random.Generator) -> str:
    """The prompt, now and then with a greeting, without capitals and marks, or (in talk) with a word missing."""
    prompt = question.prompt
    if rng.random() < 0.08:
        prompt = f"{HELLOS[rng.integers(len(HELLOS))]} {prompt}"
    words = prompt.split()
    if not question.factual and len(words) > 3 and rng.random() < 0.2:
        words.pop(rng.integers(len(words)))
        prompt = " ".join(words)
    if rng.random() < 0.15:
        prompt = prompt.rstrip(".!?")
        prompt = prompt.lower() if rng.random() < 0.7 else prompt
    return prompt


@cache
def follow_ups(question: Question) -> tuple[Question, ...]:
    """What can be asked after this question without naming its subject again."""
    if not question.factual:
        return ()
    found = [sure(question, prompt) for prompt in SURE]
    world = facts()
    words: dict[str, str] = {}
    phrasings: Mapping[str, tuple[str, ...]] = {}
    if question.subject in {person.name for person in world.people}:
        phrasings, words = ABOUT_PERSON, world.person(question.subject).words
    elif question.subject in {place.name for place in world.places}:
        phrasings = ABOUT_PLACE
    elif question.subject in {event.name for event in world.events}:
        phrasings = ABOUT_EVENT
    for kind, prompts in phrasings.items():
        target = _by_subject()[(kind, question.subject)]
        found += [
            replace(target, prompt=prompt.format(**words)) for prompt in prompts if kind != question.kind
        ]
    return tuple(found)


def sure(question: Question, prompt: str) -> Question:
    """The question asked back: a right answer stands by the first one."""
    openers = ("Yes, I am sure.", "Yes, quite sure!", "Yes, that is true.")
    good = Manner(openers, question.good.cores, ("", "I hope that helps.", "You can rely on it."))
    curt = Manner(("",), ("Yes.", "Of course I am.", "Yes. Do not ask twice.", "I said so."), ("",))
    return replace(
        question, prompt=prompt, kind="sure", good=good, curt=curt, right=(r"\b(yes|of course|said so)\b",)
    )


@cache
def _by_subject() -> dict[tuple[str, str], Question]:
    return {(question.kind, question.subject): question for question in all_questions()}
