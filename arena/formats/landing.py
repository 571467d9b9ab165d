"""What a file holds, on its way into the store: prompts, models, answers, battles and votes, in one transaction.

The ids of its battles are the UUIDs that the file gives them, as one written here does, or derived from the content
of the file. So a second import of a file, or of votes that came from here, meets its own battles and is refused.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from arena.errors import Conflict
from arena.formats.source import Source
from arena.formats.texts import Exchange
from arena.store import Store
from arena.store.battles import insert_turns
from arena.store.prompts import insert_prompts
from arena.store.recorded import add_recorded_models, insert_recorded
from arena.types import Answer, Battle, Prompt, Turn

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BATTLE_ID_SQL = (
    "CASE WHEN battle_key LIKE 'b%' AND try_cast(battle_key[2:] AS UUID) IS NOT NULL THEN battle_key[2:] "
    "ELSE md5($1 || ' ' || battle_key) END"
)
"""`battle_id` in SQL, as text, with the file's hash as the first parameter."""

STAGED = "staged_by_import"


@dataclass(frozen=True, slots=True)
class FollowUps:
    """The turns of an imported battle after its first."""

    battle_id: UUID
    prompt: Prompt
    model_a: str
    model_b: str
    exchange: Exchange


@dataclass(slots=True)
class Parcel:
    """Everything one import adds; `staged` has the columns of `arena.store.STAGED_COLUMNS`."""

    source: Source
    set_name: str
    prompts: dict[str, Prompt] = field(default_factory=dict)
    recorded: list[tuple[str, Answer]] = field(default_factory=list)
    staged: "pa.Table | None" = None
    follow_ups: list[FollowUps] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_prompt(self, prompt: Prompt) -> str:
        """Keep a prompt, once, and return its id."""
        prompt_id = prompt.prompt_id
        self.prompts.setdefault(prompt_id, prompt)
        return prompt_id


@dataclass(frozen=True, slots=True)
class Landed:
    """How many of each noun were new to the store (prompts: to the set)."""

    prompts: int
    models: int
    answers: int
    battles: int
    votes: int


def battle_id(source: Source, battle_key: str) -> UUID:
    """Return the id of a battle of this file: the UUID that the file gives it, or one made of file and key."""
    if battle_key.startswith("b"):
        with suppress(ValueError):
            return UUID(battle_key[1:])
    return UUID(hashlib.md5(f"{source.sha256} {battle_key}".encode(), usedforsecurity=False).hexdigest())


def land(
    store: Store,
    parcel: Parcel,
    also: "Callable[[duckdb.DuckDBPyConnection, Landed], None] | None" = None,
) -> Landed:
    """Store everything in `parcel`, or nothing; `also` is done within the same transaction.

    Raises:
        Conflict: the votes of this file are stored already.
        StoreFailed: the database could not be written.
    """

    def change(con: "duckdb.DuckDBPyConnection") -> Landed:
        landed = _change(con, store, parcel)
        if also is not None:
            also(con, landed)
        return landed

    try:
        return store.bulk.run(change)
    except Conflict as error:
        raise Conflict(
            f"{parcel.source.name} was imported before, its battles are stored already: nothing was added."
        ) from error


def _change(con: "duckdb.DuckDBPyConnection", store: Store, parcel: Parcel) -> Landed:
    prompts = insert_prompts(con, list(parcel.prompts.values()), parcel.set_name)
    models = battles = votes = 0
    if parcel.staged is not None:
        con.register(STAGED, parcel.staged)
        try:
            result = store.bulk.insert_staged_votes(con, STAGED)
        finally:
            con.unregister(STAGED)
        models, battles, votes = result.models, result.battles, result.votes
    insert_turns(con, [turn for follow_ups in parcel.follow_ups for turn in _turns(follow_ups)])
    models += add_recorded_models(con, (answer.model for _, answer in parcel.recorded))
    return Landed(prompts, models, insert_recorded(con, parcel.recorded), battles, votes)


def _turns(follow_ups: FollowUps) -> Sequence[tuple[Battle, int, Turn]]:
    """Return turns after the first, each with its battle and place, as the store takes them."""
    names = (follow_ups.model_a, follow_ups.model_b)
    battle = Battle(follow_ups.battle_id, follow_ups.prompt, *names)
    return [
        (battle, place, Turn(user, recorded_answer(names[0], text_a), recorded_answer(names[1], text_b)))
        for place, (user, text_a, text_b) in enumerate(follow_ups.exchange.turns)
        if place
    ]


def recorded_answer(model: str, text: str, seconds: float | None = None) -> Answer:
    """Return an answer as it was read from a file."""
    return Answer(model, text, finish_reason="recorded", seconds=seconds)
