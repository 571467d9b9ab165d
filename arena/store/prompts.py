"""Prompts, and the named sets they are drawn from; a prompt is stored once, whatever sets it is in."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from arena.errors import InvalidInput, NotFound
from arena.store.writer import Writer
from arena.types import Message, Prompt

PROMPT_COLUMNS = "messages, reference, category, language, source"


class Prompts:
    """`store.prompts`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add(self, set_name: str, prompts: Sequence[Prompt]) -> int:
        """Put `prompts` at the end of a set, made if missing; return how many were not in it before.

        Raises:
            InvalidInput: the set has no name.
        """
        return self._writer.run(lambda con: insert_prompts(con, prompts, set_name))

    def sets(self) -> dict[str, int]:
        """Return the number of prompts of every set, by name."""
        rows = self._read().execute(
            "SELECT set_name, count(*) FROM prompt_sets GROUP BY set_name ORDER BY set_name"
        )
        return dict(rows.fetchall())

    def sets_of(self, prompt_id: str) -> list[str]:
        """Return the names of the sets a prompt is in."""
        rows = self._read().execute(
            "SELECT set_name FROM prompt_sets WHERE prompt_id = ? ORDER BY set_name", [prompt_id]
        )
        return [name for (name,) in rows.fetchall()]

    def categories(self) -> "list[str]":
        """Return the categories of the prompts stored, sorted."""
        rows = self._read().execute(
            "SELECT DISTINCT category FROM prompts WHERE category IS NOT NULL ORDER BY category"
        )
        return [category for (category,) in rows.fetchall()]

    def languages(self) -> "list[str]":
        """Return the languages of the prompts stored, sorted."""
        rows = self._read().execute(
            "SELECT DISTINCT language FROM prompts WHERE language IS NOT NULL ORDER BY language"
        )
        return [language for (language,) in rows.fetchall()]

    def list(self, set_name: str) -> "list[Prompt]":
        """Return the prompts of a set in order; none when there is no such set."""
        rows = self._read().execute(
            f"SELECT {PROMPT_COLUMNS} FROM prompt_sets JOIN prompts USING (prompt_id) "
            "WHERE set_name = ? ORDER BY position",
            [set_name],
        )
        return [as_prompt(row) for row in rows.fetchall()]

    def get(self, prompt_id: str) -> Prompt:
        """Return the prompt with this id.

        Raises:
            NotFound: there is none.
        """
        rows = self._read().execute(f"SELECT {PROMPT_COLUMNS} FROM prompts WHERE prompt_id = ?", [prompt_id])
        if not (found := rows.fetchall()):
            raise NotFound(f"There is no prompt {prompt_id!r}.")
        return as_prompt(found[0])


def insert_prompts(
    con: duckdb.DuckDBPyConnection, prompts: Sequence[Prompt], set_name: str | None = None
) -> int:
    """Store `prompts` within a change and put them into a set, if named; return how many were new to it.

    What is known of a prompt stored before (reference, category, ...) is kept, and filled where it was missing.
    Without a set, returns how many prompts were new.
    """
    if set_name is not None and not set_name.strip():
        raise InvalidInput("A prompt set needs a name: give one.")
    unique = {prompt.prompt_id: prompt for prompt in prompts}
    if not unique:
        return 0
    before = _count(con, set_name)
    rows = [
        [i, dump_messages(p.messages), p.reference, p.category, p.language, p.source]
        for i, p in unique.items()
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    con.execute(
        "INSERT INTO prompts SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[]), "
        "unnest($4::VARCHAR[]), unnest($5::VARCHAR[]), unnest($6::VARCHAR[]) "
        "ON CONFLICT DO UPDATE SET reference = coalesce(reference, excluded.reference), "
        "category = coalesce(category, excluded.category), language = coalesce(language, excluded.language), "
        "source = coalesce(source, excluded.source)",
        columns,
    )
    if set_name is not None:
        con.execute(
            "INSERT INTO prompt_sets SELECT $1, last + place, prompt_id "
            "FROM (SELECT coalesce(max(position), 0) AS last FROM prompt_sets WHERE set_name = $1), "
            "(SELECT unnest($2::VARCHAR[]) AS prompt_id, generate_subscripts($2::VARCHAR[], 1) AS place) "
            "ON CONFLICT DO NOTHING",
            [set_name, columns[0]],
        )
    return _count(con, set_name) - before


def dump_messages(messages: Sequence[Message]) -> str:
    """Return messages as the JSON that is stored."""
    return json.dumps([message.as_dict() for message in messages], ensure_ascii=False)


def load_messages(text: str) -> tuple[Message, ...]:
    """Return the inverse of `dump_messages`."""
    return tuple(Message(entry["role"], entry["content"]) for entry in json.loads(text))


def as_prompt(row: tuple[Any, ...]) -> Prompt:
    """Return the prompt in a row of `PROMPT_COLUMNS`."""
    messages, reference, category, language, source = row
    return Prompt(load_messages(messages), reference, category, language, source)


def _count(con: duckdb.DuckDBPyConnection, set_name: str | None) -> int:
    if set_name is None:
        rows = con.execute("SELECT count(*) FROM prompts")
    else:
        rows = con.execute("SELECT count(*) FROM prompt_sets WHERE set_name = ?", [set_name])
    return int(rows.fetchall()[0][0])
