"""An export as train and test sets: read, split by prompt, and measured against the longest length.

A prompt falls on its side by the hash of its id and the seed alone, not by what else is in the export. So a prompt
held out once stays held out when the export grows and when a second run continues from the first, and two answers to
one prompt never stand on both sides.

TRL drops or cuts what is too long without a word. Here lengths are measured first, with the same tokenizer and chat
template, and what goes is counted by its reason; the trainer then finds nothing left to drop.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arena.errors import InvalidInput
from arena.types import Message, prompt_id_of

FILE = "preferences.parquet"
MANIFEST = "manifest.json"

Messages = list[dict[str, str]]
"""Messages as TRL reads them: `[{"role": ..., "content": ...}, ...]`."""

Length = Callable[[Sequence[Messages], bool], list[list[int]]]
"""Conversations, and whether the sign for an answer to begin follows, to their tokens."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of an export: what was asked, what was preferred, what was not."""

    prompt: Messages
    chosen: Messages
    rejected: Messages
    prompt_id: str

    def as_row(self) -> dict[str, Messages | str]:
        """Return the three columns a trainer reads and the prompt's id; TRL gives some other names a meaning."""
        return {
            "prompt": self.prompt,
            "chosen": self.chosen,
            "rejected": self.rejected,
            "prompt_id": self.prompt_id,
        }


@dataclass(frozen=True, slots=True)
class Split:
    """Pairs to train on and pairs held out.

    `read` pairs were in the export; `dropped` counts those left out, by reason; `truncated` pairs lost `cut_tokens`
    tokens at their answers' ends and train all the same.
    """

    train: tuple[Pair, ...]
    test: tuple[Pair, ...]
    read: int
    dropped: Mapping[str, int]
    truncated: int = 0
    cut_tokens: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as stored and shown."""
        return {
            "read": self.read,
            "train": len(self.train),
            "test": len(self.test),
            "train_prompts": len({pair.prompt_id for pair in self.train}),
            "test_prompts": len({pair.prompt_id for pair in self.test}),
            "dropped": dict(self.dropped),
            "truncated": self.truncated,
            "cut_tokens": self.cut_tokens,
        }


def load_export(
    folder: Path,
    *,
    method: str,
    tokens: Length,
    max_length: int,
    test_share: float = 0.1,
    seed: int = 42,
) -> Split:
    """Read an export and split it by prompt.

    Args:
        folder: the export, with `preferences.parquet`: `prompt`, `chosen`, `rejected` as lists of messages, and
            `prompt_id` (computed from the prompt where the column is missing).
        method: `reward` or `dpo`, which differ in what becomes of long pairs.
        tokens: conversations to token ids, see `Length`.
        max_length: longest conversation in tokens.
        test_share: share of the prompts held out.
        seed: decides together with a prompt's id on which side it falls.

    Raises:
        InvalidInput: the export cannot be read, or too little of it is left to split.
    """
    pairs = read_pairs(folder)
    usable, dropped = _without_empty(pairs)
    fitting, too_long, truncated, cut = _fitting(usable, method, tokens, max_length)
    dropped.update(too_long)
    check_splittable(fitting, folder, dropped)
    test_ids = held_out(sorted({pair.prompt_id for pair in fitting}), test_share, seed)
    train = tuple(pair for pair in fitting if pair.prompt_id not in test_ids)
    test = tuple(pair for pair in fitting if pair.prompt_id in test_ids)
    return Split(train, test, len(pairs), dict(dropped), truncated, cut)


def read_pairs(folder: Path) -> list[Pair]:
    """Return the rows of an export in their order.

    Raises:
        InvalidInput: there is no such export, or its columns are not those of a preference set.
    """
    import pyarrow.parquet as parquet
    from pyarrow.lib import ArrowException

    path = folder / FILE
    if not path.is_file():
        raise InvalidInput(f"There is no export in {folder}: it has no {FILE}.")
    try:
        table = parquet.read_table(path)
    except (ArrowException, OSError) as error:
        raise InvalidInput(
            f"The export {path} cannot be read as Parquet: {str(error).splitlines()[0]}"
        ) from error
    missing = [name for name in ("prompt", "chosen", "rejected") if name not in table.column_names]
    if missing:
        raise InvalidInput(
            f"The export {path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}."
        )
    rows = table.to_pylist()
    return [_pair(row, path, number) for number, row in enumerate(rows, start=1)]


def sha256_of(folder: Path) -> str:
    """Return the SHA-256 of an export's preference file, in hexadecimal."""
    with (folder / FILE).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def held_out(prompt_ids: Sequence[str], share: float, seed: int) -> frozenset[str]:
    """Return the prompts to hold out: those whose hash with the seed falls below `share`; at least one, never all."""
    positions = sorted((_position(prompt_id, seed), prompt_id) for prompt_id in set(prompt_ids))
    below = sum(position < share for position, _ in positions)
    count = min(max(below, 1), len(positions) - 1)
    return frozenset(prompt_id for _, prompt_id in positions[:count])


def check_splittable(pairs: Sequence[Pair], folder: Path, dropped: Mapping[str, int]) -> None:
    """Check that a train and a test set can be made.

    Raises:
        InvalidInput: fewer than two prompts are left; the message has the numbers.
    """
    prompts = len({pair.prompt_id for pair in pairs})
    if prompts >= 2:
        return
    lost = "".join(f", {count} dropped as {reason}" for reason, count in dropped.items())
    raise InvalidInput(
        f"The export {folder.name} has {len(pairs)} usable preference pair{'s' * (len(pairs) != 1)} on {prompts} "
        f"prompt{'s' * (prompts != 1)}{lost}; training needs pairs on at least 2 prompts, so that one can be held out: "
        "collect more votes and export again."
    )


def _position(prompt_id: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}:{prompt_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _pair(row: Mapping[str, Any], path: Path, number: int) -> Pair:
    prompt, chosen, rejected = (
        _messages(row[name], f"row {number} of {path}, {name}") for name in ("prompt", "chosen", "rejected")
    )
    prompt_id = row.get("prompt_id") or prompt_id_of([Message(**m) for m in prompt])  # type: ignore[arg-type]
    return Pair(prompt, chosen, rejected, prompt_id)


def _messages(value: Any, where: str) -> Messages:
    try:
        messages = [{"role": m["role"], "content": m["content"]} for m in value]
    except (TypeError, KeyError) as error:
        raise InvalidInput(
            f"The export's {where}, is not a list of messages with role and content."
        ) from error
    if not all(isinstance(text, str) for message in messages for text in message.values()):
        raise InvalidInput(f"The export's {where}, has a message without role or content.")
    return messages


def _without_empty(pairs: Sequence[Pair]) -> tuple[list[Pair], Counter[str]]:
    dropped: Counter[str] = Counter()
    kept = []
    for pair in pairs:
        if not pair.prompt:
            dropped["empty prompt"] += 1
        elif not _says_something(pair.chosen) or not _says_something(pair.rejected):
            dropped["empty answer"] += 1
        elif pair.chosen == pair.rejected:
            dropped["same answers"] += 1
        else:
            kept.append(pair)
    return kept, dropped


def _says_something(messages: Messages) -> bool:
    return bool(messages) and all(m["content"].strip() for m in messages)


def _fitting(
    pairs: Sequence[Pair], method: str, tokens: Length, max_length: int
) -> tuple[list[Pair], Counter[str], int, int]:
    """Return the pairs that fit, the others by reason, and how many pairs and tokens the trainer will cut.

    A reward is read off the end of a conversation, so a pair with an end missing is dropped; DPO learns from every
    token of an answer, so one that begins within the length is cut at its end.
    """
    chosen = tokens([pair.prompt + pair.chosen for pair in pairs], False)
    rejected = tokens([pair.prompt + pair.rejected for pair in pairs], False)
    prompts = tokens([pair.prompt for pair in pairs], True) if method == "dpo" else None
    kept, dropped, truncated, cut = [], Counter[str](), 0, 0
    for i, pair in enumerate(pairs):
        over = max(0, len(chosen[i]) - max_length) + max(0, len(rejected[i]) - max_length)
        if method == "reward" and over:
            dropped[f"longer than {max_length} tokens"] += 1
        elif prompts is not None and _common(prompts[i], chosen[i], rejected[i]) >= max_length:
            dropped[f"prompt fills {max_length} tokens"] += 1
        elif over and chosen[i][:max_length] == rejected[i][:max_length]:
            dropped[f"same within {max_length} tokens"] += 1
        else:
            kept.append(pair)
            truncated += over > 0
            cut += over
    return kept, dropped, truncated, cut


def _common(prompt: Sequence[int], *conversations: Sequence[int]) -> int:
    """Return how many tokens of the prompt both conversations begin with, which is what TRL counts as the prompt."""
    shared = len(prompt)
    for ids in conversations:
        different = (i for i, (a, b) in enumerate(zip(prompt, ids, strict=False)) if a != b)
        shared = min(shared, next(different, min(len(prompt), len(ids))))
    return shared


def without(split: Split, reason: str, count: int) -> Split:
    """Return the split with `count` more pairs dropped for `reason`, if any."""
    return replace(split, dropped={**split.dropped, reason: count}) if count else split
