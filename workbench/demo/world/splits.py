"""Which prompt serves what: a stable hash of its text decides, so that no prompt is ever in two splits.

`base` trains the tiny model, `preference` is what its answers are voted on, `battle` is kept for
the tuned model's fights with its parent, which neither training may have seen.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Literal

from workbench.demo.world import Question, all_questions

Split = Literal["base", "preference", "battle"]


def split_of(prompt: str) -> Split:
    """The split of a prompt; case, spaces and punctuation do not matter."""
    plain = re.sub(r"[\W_]+", " ", prompt.lower()).strip()
    share = int.from_bytes(sha256(plain.encode()).digest()[:4], "big") / 2**32
    return "base" if share < 0.70 else "preference" if share < 0.85 else "battle"


def questions_in(split: Split) -> list[Question]:
    """The questions of one split, in a fixed order."""
    return [question for question in all_questions() if split_of(question.prompt) == split]
