"""What a question of the world is: its prompt, its two manners of answering, and what makes an answer right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Manner:
    """A way of answering, as parts to be combined: opener, core, tail."""

    openers: tuple[str, ...]
    cores: tuple[str, ...]
    tails: tuple[str, ...]

    def pick(self, rng: np.random.Generator) -> str:
        """One answer in this manner."""
        return join(*(parts[rng.integers(len(parts))] for parts in (self.openers, self.cores, self.tails)))

    def all(self) -> Iterator[str]:
        """Every answer in this manner."""
        return (join(*parts) for parts in product(self.openers, self.cores, self.tails))


@dataclass(frozen=True)
class Question:
    """A prompt with the answers that are true of it."""

    prompt: str
    kind: str
    subject: str
    """What the question is about: a person's name, a place, an animal, or the intent in small talk."""
    good: Manner
    curt: Manner
    right: tuple[str, ...]
    """Patterns that a right answer shows, each of them (regular expressions over lower case)."""
    wrong: tuple[str, ...] = ()
    """Patterns that make an answer wrong."""
    factual: bool = True
    """Whether naming somebody or something else makes an answer wrong (not so in small talk)."""


def join(*parts: str) -> str:
    """The parts that are not empty, with one space between them."""
    return " ".join(part for part in parts if part)
