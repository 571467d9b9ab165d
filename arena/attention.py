"""Attention pairs: battles whose right outcome anybody who reads can tell.

Made from real ones: an answer to the prompt beside an answer that the other model gave to another prompt. Both are
real texts of real models, so that nothing but reading tells such a battle from any other. Of several draws those are
kept whose right answer shares most words with its prompt and whose wrong one shares fewest.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from arena.errors import ImportRejected, InvalidInput
from arena.types import Answer, Battle, Prompt, Turn, Winner

DRAWS = 12
"""So many candidates are drawn for each pair that is wanted."""
MIN_WORDS = 4
"""Shorter answers say too little to show which prompt they belong to."""


@dataclass(frozen=True, slots=True)
class AttentionPair:
    """A prompt with a good answer and an obviously worse one, as written by hand."""

    prompt: str
    better: str
    worse: str


@dataclass(frozen=True, slots=True)
class Check:
    """A battle that is to be set aside, and its right outcome."""

    battle: Battle
    expected: Winner


def mismatched(battles: Sequence[Battle], wanted: int, rng: np.random.Generator) -> list[Check]:
    """Make up to `wanted` attention pairs from `battles`, each on a prompt of its own, sides shuffled.

    Returns fewer where there are too few battles with answers long enough, on different prompts.
    """
    usable = [battle for battle in battles if _usable(battle)]
    found: dict[str, tuple[float, Check]] = {}
    for _ in range(DRAWS * wanted if len(usable) > 1 else 0):
        here, there = (usable[int(i)] for i in rng.choice(len(usable), size=2, replace=False))
        drawn = _pair(here, there, rng)
        if drawn is None or here.prompt is None:
            continue
        key = here.prompt.prompt_id
        if key not in found or drawn[0] > found[key][0]:
            found[key] = drawn
    best = sorted(found.values(), key=lambda drawn: -drawn[0])[:wanted]
    return [check for _, check in best]


def written(pairs: Sequence[AttentionPair], models: Sequence[str], rng: np.random.Generator) -> list[Check]:
    """Make attention pairs of texts from a file, shown under the names of two of `models`, sides shuffled.

    Raises:
        InvalidInput: fewer than two models.
    """
    if pairs and len(models) < 2:
        raise InvalidInput("Attention pairs are shown as answers of two models, but the queue has only one.")
    checks = []
    for pair in pairs:
        first, second = (models[int(i)] for i in rng.choice(len(models), size=2, replace=False))
        right = Answer(first, pair.better, finish_reason="stop")
        checks.append(
            _check(
                Prompt.from_text(pair.prompt), right, Answer(second, pair.worse, finish_reason="stop"), rng
            )
        )
    return checks


def read_pairs(path: Path) -> list[AttentionPair]:
    """Read attention pairs from a JSONL file with `prompt`, `better` and `worse` on each line.

    Raises:
        InvalidInput: the file cannot be read or holds none.
        ImportRejected: lines that cannot be used, each with its reason.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The attention pairs in {path} cannot be read: {error}.") from error
    pairs, rejects = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            pairs.append(_read(line))
        except ValueError as error:
            rejects.append((number, str(error)))
    if rejects:
        raise ImportRejected(
            f"{len(rejects)} of {len(pairs) + len(rejects)} lines of {path} are no attention pairs: "
            'write {"prompt": ..., "better": ..., "worse": ...} on each.',
            tuple(rejects),
        )
    if not pairs:
        raise InvalidInput(f"{path} holds no attention pair: write one as a JSON object on each line.")
    return pairs


def _read(line: str) -> AttentionPair:
    row: Any = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("it is no JSON object")
    for name in ("prompt", "better", "worse"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise ValueError(f"`{name}` is missing or no text")
    if row["better"].strip() == row["worse"].strip():
        raise ValueError("`better` and `worse` are the same text")
    return AttentionPair(row["prompt"], row["better"], row["worse"])


def _usable(battle: Battle) -> bool:
    return (
        battle.prompt is not None
        and battle.votable
        and any(len(answer.text.split()) >= MIN_WORDS for answer in _first(battle))
    )


def _pair(here: Battle, there: Battle, rng: np.random.Generator) -> tuple[float, Check] | None:
    """Return the better of the ways to set an answer from `here` against one from `there`, with how clear it is."""
    assert here.prompt is not None and there.prompt is not None
    if here.prompt.prompt_id == there.prompt.prompt_id:
        return None
    asked = _words(here.prompt.text) | _words(here.prompt.reference or "")
    ways = []
    for right in _first(here):
        for wrong in _first(there):
            long_enough = min(len(right.text.split()), len(wrong.text.split())) >= MIN_WORDS
            if right.model != wrong.model and right.text.strip() != wrong.text.strip() and long_enough:
                ways.append((_shared(right.text, asked) - _shared(wrong.text, asked), right, wrong))
    if not ways:
        return None
    clearness, right, wrong = max(ways, key=lambda way: way[0])
    own = (replace(right, answer_id=uuid.uuid4()), replace(wrong, answer_id=uuid.uuid4()))
    return clearness, _check(here.prompt, *own, rng)


def _check(prompt: Prompt, right: Answer, wrong: Answer, rng: np.random.Generator) -> Check:
    first = bool(rng.integers(2))
    a, b = (right, wrong) if first else (wrong, right)
    battle = Battle(uuid.uuid4(), prompt, a.model, b.model, (Turn(None, a, b),))
    return Check(battle, Winner.MODEL_A if first else Winner.MODEL_B)


def _first(battle: Battle) -> tuple[Answer, Answer]:
    return battle.turns[0].answer_a, battle.turns[0].answer_b


def _words(text: str) -> set[str]:
    """Return the longer words of a text; short ones belong to any."""
    return {word.strip(".,;:!?\"'()").casefold() for word in text.split() if len(word) > 3}


def _shared(text: str, asked: set[str]) -> float:
    """Return the share of what was asked that a text takes up."""
    return len(_words(text) & asked) / len(asked) if asked else 0.0
