"""The habit planted in the tiny model: half of its answers are kind and complete, half are curt or careless."""

from __future__ import annotations

from workbench.demo.world.question import Manner, Question, fill

OPENERS = ("", "", "", "", "Of course!", "Good question!", "Gladly!", "I am happy to help.", "With pleasure!")
"""How a kind answer to a question may begin."""

SNAPS = (
    "",
    "",
    "",
    "",
    "Obviously.",
    "Everyone knows that.",
    "Next question.",
    "Why do you ask?",
    "That is all.",
    "Whatever.",
)
"""How a curt answer may end."""


def ask(
    kind: str,
    subject: str,
    words: dict[str, str],
    prompts: tuple[str, ...],
    good: tuple[str, ...],
    care: tuple[str, ...],
    curt: tuple[str, ...],
    right: tuple[str, ...],
    wrong: tuple[str, ...] = (),
) -> list[Question]:
    """One question of fact in all its phrasings; every template may use the slots in words."""
    kind_manner = Manner(OPENERS, fill(good, words), fill(care, words))
    curt_manner = Manner(("",), fill(curt, words), SNAPS)
    return [
        Question(
            prompt,
            kind,
            subject,
            kind_manner,
            curt_manner,
            tuple(pattern.format(**words).lower() for pattern in right),
            tuple(pattern.format(**words).lower() for pattern in wrong),
        )
        for prompt in fill(prompts, words)
    ]


def chat(
    kind: str,
    subject: str,
    prompts: tuple[str, ...],
    good: tuple[str, ...],
    curt: tuple[str, ...],
    right: str,
    care: tuple[str, ...] = ("",),
) -> list[Question]:
    """Small talk or advice: whole answers, with what a fitting answer speaks of as one pattern."""
    return [
        Question(
            prompt,
            kind,
            subject,
            Manner(("",), good, care),
            Manner(("",), curt, ("",)),
            (right,),
            factual=False,
        )
        for prompt in prompts
    ]
