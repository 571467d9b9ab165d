"""Recorded answers and their models, as whole files bring them in; for use within a change of `store.bulk`."""

from collections.abc import Iterable, Sequence

import duckdb

from arena.store.answers import insert_answers
from arena.store.models import put_model
from arena.types import Answer, ModelKind, ModelSpec


def add_recorded_models(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> int:
    """Register those of `names` that are not known, in their order, as recorded models; return how many."""
    known = {name for (name,) in con.execute("SELECT name FROM models").fetchall()}
    new = [name for name in dict.fromkeys(names) if name not in known]
    for name in new:
        put_model(con, ModelSpec(name, ModelKind.RECORDED), replace=False)
    return len(new)


def recorded_texts(con: duckdb.DuckDBPyConnection, prompt_ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the newest recorded answer's text for each (model, prompt id) of these prompts that has one."""
    rows = con.execute(
        "SELECT m.name, a.prompt_id, a.text FROM answers a JOIN models m USING (model_id) "
        "WHERE a.recorded AND a.error IS NULL AND a.prompt_id IN (SELECT unnest($1::VARCHAR[])) "
        "ORDER BY a.created_at, a.rowid",
        [list(set(prompt_ids))],
    )
    return {(name, prompt_id): text for name, prompt_id, text in rows.fetchall()}


def insert_recorded(con: duckdb.DuckDBPyConnection, answers: Sequence[tuple[str, Answer]]) -> int:
    """Store the answers, each with its prompt's id, of models that have no recorded answer to that prompt yet.

    Of several in `answers` the first is taken. Returns how many were stored.
    """
    known = set(recorded_texts(con, {prompt_id for prompt_id, _ in answers}))
    new: dict[tuple[str, str], Answer] = {}
    for prompt_id, answer in answers:
        if (answer.model, prompt_id) not in known:
            new.setdefault((answer.model, prompt_id), answer)
    insert_answers(con, [(prompt_id, answer) for (_, prompt_id), answer in new.items()], recorded=True)
    return len(new)
