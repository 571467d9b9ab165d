"""Answers: what models said. Those marked recorded are what a recorded model answers with."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import duckdb

from arena.errors import NotFound
from arena.store.models import model_ids
from arena.store.prompts import insert_prompts
from arena.store.writer import Writer
from arena.types import Answer, Prompt

ANSWER_COLUMNS = (
    "m.name, a.text, a.finish_reason, a.tokens, a.seconds, a.sampling, a.error, a.answer_id::VARCHAR"
)
"""What `as_answer` reads, of `answers AS a JOIN models AS m`."""


class Answers:
    """`store.answers`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add(self, prompt: Prompt | str, answers: Sequence[Answer], *, recorded: bool) -> None:
        """Store answers to one prompt (the prompt too, unless its id is given).

        Raises:
            NotFound: a model is not registered, or there is no prompt of that id.
        """
        self.add_many([(prompt, answers)], recorded=recorded)

    def add_many(self, answered: Sequence[tuple[Prompt | str, Sequence[Answer]]], *, recorded: bool) -> None:
        """Store the answers to many prompts in one transaction; see `add`."""

        def change(con: duckdb.DuckDBPyConnection) -> None:
            insert_prompts(con, [prompt for prompt, _ in answered if isinstance(prompt, Prompt)])
            pairs = [(_prompt_id(con, prompt), answer) for prompt, answers in answered for answer in answers]
            insert_answers(con, pairs, recorded=recorded)

        self._writer.run(change)

    def recorded(self, model: str, prompt_id: str) -> Answer | None:
        """Return the newest recorded answer of a model to a prompt, if there is one."""
        rows = self._read().execute(
            f"SELECT {ANSWER_COLUMNS} FROM answers a JOIN models m USING (model_id) "
            "WHERE a.prompt_id = ? AND m.name = ? AND a.recorded AND a.error IS NULL "
            "ORDER BY a.created_at DESC, a.rowid DESC LIMIT 1",
            [prompt_id, model],
        )
        found = rows.fetchall()
        return as_answer(found[0]) if found else None

    def count_recorded(self) -> int:
        """Return the number of recorded answers."""
        return int(self._read().execute("SELECT count(*) FROM answers WHERE recorded").fetchall()[0][0])

    def prompts_answered_by(self, model: str) -> set[str]:
        """Return the ids of the prompts a model has recorded answers to."""
        rows = self._read().execute(
            "SELECT DISTINCT prompt_id FROM answers JOIN models USING (model_id) "
            "WHERE name = ? AND recorded AND error IS NULL",
            [model],
        )
        return {prompt_id for (prompt_id,) in rows.fetchall()}

    def recorded_for_set(self, set_name: str) -> dict[str, list[str]]:
        """Return, for each prompt id of a set, the models (not removed) with a recorded answer to it."""
        rows = self._read().execute(
            "SELECT DISTINCT s.position, s.prompt_id, m.name FROM prompt_sets s JOIN answers a USING (prompt_id) "
            "JOIN models m USING (model_id) WHERE s.set_name = ? AND a.recorded AND a.error IS NULL "
            "AND m.removed_at IS NULL ORDER BY s.position, m.name",
            [set_name],
        )
        models: defaultdict[str, list[str]] = defaultdict(list)
        for _, prompt_id, name in rows.fetchall():
            models[prompt_id].append(name)
        return dict(models)


def insert_answers(
    con: duckdb.DuckDBPyConnection, answers: Sequence[tuple[str, Answer]], *, recorded: bool
) -> None:
    """Store answers, each with its prompt's id, within a change.

    Raises:
        NotFound: a model is not registered.
    """
    if not answers:
        return
    ids = model_ids(con, {answer.model for _, answer in answers})
    rows = [
        [
            str(a.answer_id), prompt_id, ids[a.model], a.text, a.finish_reason, a.tokens, a.seconds,
            json.dumps(dict(a.sampling)) if a.sampling else None, a.error,
        ]
        for prompt_id, a in answers
    ]  # fmt: skip
    columns = [list(column) for column in zip(*rows, strict=True)]
    con.execute(
        "INSERT INTO answers (recorded, answer_id, prompt_id, model_id, text, finish_reason, tokens, seconds, "
        "sampling, error) SELECT $10, unnest($1::UUID[]), unnest($2::VARCHAR[]), unnest($3::INTEGER[]), "
        "unnest($4::VARCHAR[]), unnest($5::VARCHAR[]), unnest($6::INTEGER[]), unnest($7::DOUBLE[]), "
        "unnest($8::VARCHAR[]), unnest($9::VARCHAR[])",
        [*columns, recorded],
    )


def as_answer(row: tuple[Any, ...]) -> Answer:
    """Return the answer in a row of `ANSWER_COLUMNS`."""
    model, text, finish_reason, tokens, seconds, sampling, error, answer_id = row
    known = json.loads(sampling) if sampling else {}
    return Answer(model, text, finish_reason, tokens, seconds, known, error, UUID(answer_id))


def _prompt_id(con: duckdb.DuckDBPyConnection, prompt: Prompt | str) -> str:
    if isinstance(prompt, Prompt):
        return prompt.prompt_id
    if not con.execute("SELECT 1 FROM prompts WHERE prompt_id = ?", [prompt]).fetchall():
        raise NotFound(f"There is no prompt {prompt!r}: store the prompt before its answers.")
    return prompt
