"""Preference pairs of others: each becomes a battle of two recorded texts and one vote for the chosen one.

So imported pairs stand beside votes that were cast here, pass the same filters and can be exported again. The sides
compete under the names the rows give (`model_chosen`, `model_rejected`), else under two names for the whole file.
In which order the texts were shown nobody knows: a hash of the pair decides, so that no side wins by its place.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from arena.formats.landing import FollowUps, Parcel, battle_id
from arena.formats.options import Options
from arena.formats.records import records
from arena.formats.report import Reject, counted, refuse
from arena.formats.scan import staging
from arena.formats.source import Source
from arena.formats.texts import (
    Exchange,
    UnreadableError,
    from_conversations,
    message_of,
    messages_of,
    prompt_of,
)
from arena.store import STAGED_COLUMNS
from arena.types import DEFAULT_CRITERION, Message, Prompt, Winner

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any]
VOTER = "imported"
_STAGED = [tuple(column.split()) for column in STAGED_COLUMNS.split(",")]
_SPEAKER = re.compile(r"\n\n(Human|Assistant):")


def read_preferences(source: Source, options: Options, form: str) -> tuple[Parcel, int, tuple[Reject, ...]]:
    """Read a file of preference pairs; return what it adds, the number of its rows, and those that cannot be used.

    Raises:
        InvalidInput: the file as a whole is broken.
        ImportRejected: rows cannot be used, and `options.skip_bad` is false or none is left.
    """
    parcel, rejects, rows = Parcel(source, options.set_name), list[Reject](), 0
    staged: list[tuple[Any, ...]] = []
    blank = 0
    for record in records(source):
        rows += 1
        try:
            if record.problem is not None:
                raise UnreadableError(record.problem)
            exchange = _checked(_exchange(record.fields, form))
            staged.append(_stage(parcel, record.line, exchange, record.fields, options))
        except UnreadableError as error:
            rejects.append(Reject(record.line, str(error)))
            continue
        blank += any(not text.strip() for _, *texts in exchange.turns for text in texts)
    refuse(source.path, rows, tuple(rejects), skip_bad=options.skip_bad)
    parcel.staged = _table(staged)
    if blank:
        parcel.notes.append(
            f"{counted(blank, 'pairs')} with a blank answer: kept as votes, but no export will hold them."
        )
    return parcel, rows, tuple(rejects)


def dialogue_of(text: str) -> tuple[Message, ...]:
    r"""Return the messages of a dialogue in HH-RLHF's text form, `\n\nHuman: ...\n\nAssistant: ...`.

    What one speaker says twice in a row is one message, its parts separated by a blank line.

    Raises:
        UnreadableError: it does not begin with a speaker.
    """
    before, *parts = _SPEAKER.split(text if text.startswith("\n\n") else "\n\n" + text.lstrip())
    if before.strip() or not parts:
        raise UnreadableError("a dialogue does not begin with 'Human:' or 'Assistant:'")
    spoken = groupby(zip(parts[::2], parts[1::2], strict=True), key=lambda part: part[0])
    return tuple(
        Message("user" if speaker == "Human" else "assistant", "\n\n".join(text.strip() for _, text in said))
        for speaker, said in spoken
    )


def _exchange(row: Row, form: str) -> Exchange:
    """Return the pair with the chosen side as a."""
    for name in ("chosen", "rejected"):
        if row.get(name) is None:
            raise UnreadableError(f"has no {name}")
    chosen, rejected = row["chosen"], row["rejected"]
    if form == "hh-rlhf":
        return _pair(_dialogue(chosen, "chosen"), _dialogue(rejected, "rejected"))
    if form == "llama-factory":
        prompt = prompt_of(row.get("conversations"), "conversations")
        return _pair((*prompt, message_of(chosen, "chosen")), (*prompt, message_of(rejected, "rejected")))
    prompt = prompt_of(row.get("prompt"), "prompt")
    return _pair(_after(prompt, chosen, "chosen"), _after(prompt, rejected, "rejected"))


def _pair(chosen: tuple[Message, ...], rejected: tuple[Message, ...]) -> Exchange:
    return from_conversations(chosen, rejected, ("chosen", "rejected"))


def _dialogue(value: Any, name: str) -> tuple[Message, ...]:
    return dialogue_of(value) if isinstance(value, str) else messages_of(value, name)


def _after(prompt: tuple[Message, ...], value: Any, name: str) -> tuple[Message, ...]:
    """Return the prompt and what follows it: a text, a message, messages, or messages that repeat the prompt."""
    if isinstance(value, str):
        return (*prompt, Message("assistant", value))
    if isinstance(value, Mapping):
        return (*prompt, message_of(value, name))
    messages = messages_of(value, name)
    return messages if messages[: len(prompt)] == prompt else (*prompt, *messages)


def _checked(exchange: Exchange) -> Exchange:
    if all(chosen.strip() == rejected.strip() for _, chosen, rejected in exchange.turns):
        raise UnreadableError("chosen and rejected are the same")
    return exchange


def _stage(parcel: Parcel, line: int, exchange: Exchange, row: Row, options: Options) -> tuple[Any, ...]:
    """Keep the prompt and further turns in `parcel`; return the vote as a row of the staging table."""
    models, winner = _models(row, options), Winner.MODEL_A
    if _swap(exchange):
        exchange = Exchange(exchange.prompt, tuple((user, b, a) for user, a, b in exchange.turns))
        models, winner = models[::-1], winner.swapped()
    language, category = (row.get(name) for name in ("language", "category"))
    prompt = Prompt(
        exchange.prompt,
        category=category if isinstance(category, str) else None,
        language=language if isinstance(language, str) else None,
        source=options.set_name,
    )
    battle = battle_id(parcel.source, str(line))
    if len(exchange.turns) > 1:
        parcel.follow_ups.append(FollowUps(battle, prompt, *models, exchange))
    _, text_a, text_b = exchange.turns[0]
    return (
        line, str(battle), *models, winner.value, options.voter or VOTER, options.voter_kind.value,
        DEFAULT_CRITERION, None, parcel.add_prompt(prompt), text_a, text_b,
    )  # fmt: skip


def _models(row: Row, options: Options) -> tuple[str, str]:
    named = tuple(row.get(name) for name in ("model_chosen", "model_rejected"))
    if all(isinstance(name, str) and name.strip() for name in named):
        chosen, rejected = (str(name).strip() for name in named)
    else:
        chosen, rejected = options.models or (f"{options.set_name} chosen", f"{options.set_name} rejected")
    if chosen == rejected:
        raise UnreadableError(f"the model {chosen!r} cannot meet itself")
    return chosen, rejected


def _swap(exchange: Exchange) -> bool:
    texts = [m.content for m in exchange.prompt] + sorted(
        text for _, *sides in exchange.turns for text in sides
    )
    even = hashlib.sha256("\0".join(texts).encode()).digest()[0] % 2 == 0
    chosen, rejected = exchange.turns[-1][1:]
    return even == (chosen <= rejected)


def _table(rows: Sequence[tuple[Any, ...]]) -> "pa.Table":
    columns = [list(column) for column in zip(*rows, strict=True)]
    values = ", ".join(f"unnest(${i + 1}::{kind}[]) AS {name}" for i, (name, kind) in enumerate(_STAGED))
    with staging() as con:
        return con.sql(f"SELECT {values}", params=columns).to_arrow_table()
