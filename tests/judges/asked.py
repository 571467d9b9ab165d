"""Questions and replies for tests of judges."""

from pathlib import Path
from uuid import UUID

from arena.models.complete import Completion, TokenChoices
from arena.types import Answer, Battle, Message, Prompt, Turn
from judges.templates import Template, load_template

TEMPLATES = Path(__file__).parent / "templates"
"""Templates of other benchmarks: their marks, in our words."""


def template(name: str) -> Template:
    return load_template(name, (TEMPLATES,))


def battle(*turns: tuple[str, str], prompt: str = "What is 2 + 2?", reference: str | None = "4") -> Battle:
    """A finished battle with these answers of side a and side b, one pair a turn."""
    return Battle(
        UUID(int=1),
        Prompt((Message("user", prompt),), reference=reference),
        "one",
        "two",
        tuple(
            Turn(f"And now {i}?" if i else None, Answer("one", a), Answer("two", b))
            for i, (a, b) in enumerate(turns)
        ),
    )


def reply(
    text: str, finish_reason: str = "stop", logprobs: tuple[TokenChoices, ...] | None = None
) -> Completion:
    return Completion(text, finish_reason, logprobs=logprobs)
