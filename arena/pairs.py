"""Preference pairs as rows: plain values, Parquet columns, JSON lines, and one content hash for all of them.

The hash is taken over the values, not the file, so compression, library versions and row order do not change it.
No column is called `margin`: TRL's reward trainer would read it as a training signal.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from arena.errors import InvalidInput
from arena.types import Message, Preference, VoterKind, prompt_id_of

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["dpo", "reward"]
"""What an export is for. Its table is the same; as JSON lines, `reward` repeats the prompt within both sides."""

KINDS: tuple[Kind, ...] = ("dpo", "reward")

COLUMNS: Mapping[str, str] = {
    "prompt": "what was asked, as messages with role and content",
    "chosen": "what followed on the preferred side: an assistant message, and follow-ups if there were any",
    "rejected": "the same of the other side",
    "prompt_id": "hash of the prompt; split by it, so that one prompt never stands in both train and test",
    "battle_id": "the battle that showed these texts (the one with the smallest id if several did)",
    "model_chosen": "the model that wrote the chosen side, or `written by a person` where a voter wrote a better one",
    "model_rejected": "the model that wrote the rejected side",
    "votes": "number of votes on this pair of texts",
    "agreement": "share of those votes that prefer the chosen side",
    "voter_kinds": "who voted: human, judge, simulated",
}
"""The columns of an export and what they hold."""

_MESSAGES = ("prompt", "chosen", "rejected")


def row_of(pair: Preference) -> dict[str, Any]:
    """Return a pair as plain values under the names of `COLUMNS`."""
    return {
        "prompt": [m.as_dict() for m in pair.prompt],
        "chosen": [m.as_dict() for m in pair.chosen],
        "rejected": [m.as_dict() for m in pair.rejected],
        "prompt_id": pair.prompt_id,
        "battle_id": str(pair.battle_id),
        "model_chosen": pair.model_chosen,
        "model_rejected": pair.model_rejected,
        "votes": pair.votes,
        "agreement": pair.agreement,
        "voter_kinds": [str(kind) for kind in pair.voter_kinds],
    }


def preference_of(row: Mapping[str, Any]) -> Preference:
    """Return the pair of a row as `row_of` writes it.

    Raises:
        InvalidInput: a column is missing or holds a value of another form.
    """
    try:
        prompt, chosen, rejected = (
            tuple(Message(m["role"], m["content"]) for m in row[name]) for name in _MESSAGES
        )
        return Preference(
            prompt=prompt,
            chosen=chosen,
            rejected=rejected,
            prompt_id=row["prompt_id"],
            battle_id=UUID(row["battle_id"]),
            model_chosen=row["model_chosen"],
            model_rejected=row["model_rejected"],
            votes=int(row["votes"]),
            agreement=float(row["agreement"]),
            voter_kinds=tuple(VoterKind(kind) for kind in row["voter_kinds"]),
        )
    except KeyError as error:
        raise InvalidInput(f"A preference pair lacks the column {error.args[0]!r}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"A preference pair cannot be read: {error}.") from error


def content_hash(pairs: Iterable[Preference]) -> str:
    """Return the SHA-256, in hexadecimal, of all columns of the pairs, whatever their order and file format."""
    digest = hashlib.sha256()
    for line in sorted(_canonical(pair) for pair in pairs):
        digest.update(line + b"\n")
    return digest.hexdigest()


def _canonical(pair: Preference) -> bytes:
    return json.dumps(row_of(pair), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def table_of(pairs: Sequence[Preference]) -> "pa.Table":
    """Return the pairs as an Arrow table: messages as `list<struct<role, content>>`, TRL's conversational form."""
    import pyarrow as pa

    messages = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    types: dict[str, pa.DataType] = dict.fromkeys(COLUMNS, pa.string())
    types |= dict.fromkeys(_MESSAGES, messages)
    types |= {"votes": pa.int64(), "agreement": pa.float64(), "voter_kinds": pa.list_(pa.string())}
    return pa.Table.from_pylist([row_of(pair) for pair in pairs], schema=pa.schema(types.items()))


def write_jsonl(path: Path, pairs: Iterable[Preference], kind: Kind = "dpo") -> int:
    """Write one JSON object a line and return their number.

    `dpo` keeps `prompt`, `chosen` and `rejected` apart; `reward` has no `prompt`, and both sides are whole
    conversations that begin with it, as reward models are usually given them.
    """
    check_kind(kind)
    rows = [row_of(pair) for pair in pairs]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            if kind == "reward":
                prompt = row.pop("prompt")
                row["chosen"], row["rejected"] = prompt + row["chosen"], prompt + row["rejected"]
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return len(rows)


def read_jsonl(path: Path) -> Iterator[Preference]:
    """Read the pairs of a file that `write_jsonl` wrote, of either kind.

    Raises:
        InvalidInput: the file cannot be opened, or a line is not such a pair (the message names the line).
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            lines = list(enumerate(file, start=1))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as text: {error}.") from error
    for number, line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise InvalidInput("it is not a JSON object.")
            yield preference_of(row if "prompt" in row else _with_prompt(row))
        except (ValueError, TypeError, LookupError, InvalidInput) as error:
            raise InvalidInput(f"Line {number} of {path.name} is not a preference pair: {error}") from error


def _with_prompt(row: Mapping[str, Any]) -> dict[str, Any]:
    """Part the prompt from two conversations that begin with it: the beginning whose hash is `prompt_id`."""
    chosen, rejected = row.get("chosen", []), row.get("rejected", [])
    for end in range(1, min(len(chosen), len(rejected))):
        prompt = chosen[:end]
        if prompt_id_of([Message(m["role"], m["content"]) for m in prompt]) == row.get("prompt_id"):
            return {**row, "prompt": prompt, "chosen": chosen[end:], "rejected": rejected[end:]}
    raise InvalidInput("no beginning of its conversations is the prompt of its prompt_id.")


def check_kind(kind: str) -> None:
    """Raise `InvalidInput` for a kind of export that is not known."""
    if kind not in KINDS:
        raise InvalidInput(f"The kind of export {kind!r} is not known: choose {' or '.join(KINDS)}.")
