"""Standing votes on their way out, written by DuckDB itself in Chatbot Arena's columns."""

from pathlib import Path
from typing import Literal

import duckdb

from arena.store.counts import where
from arena.store.recount import ALL_STANDING
from arena.types import VoteFilter

Layout = Literal["csv", "jsonl", "parquet"]

_MESSAGE = 'STRUCT("role" VARCHAR, "content" VARCHAR)'
_PROMPT = 'from_json(p.messages, \'[{"role": "VARCHAR", "content": "VARCHAR"}]\')'

_TURNS = f"""
SELECT t.battle_id,
       flatten(list(asked || [{{'role': 'assistant', 'content': a.text}}::{_MESSAGE}] ORDER BY t.turn)) AS said_a,
       flatten(list(asked || [{{'role': 'assistant', 'content': b.text}}::{_MESSAGE}] ORDER BY t.turn)) AS said_b
FROM (SELECT *, CASE WHEN user_text IS NULL THEN []::{_MESSAGE}[]
             ELSE [{{'role': 'user', 'content': user_text}}::{_MESSAGE}] END AS asked FROM turns) t
JOIN answers a ON a.answer_id = t.answer_a JOIN answers b ON b.answer_id = t.answer_b
GROUP BY t.battle_id
"""

_VOTES = f"""
WITH said AS ({_TURNS})
SELECT v.battle_id::VARCHAR AS battle_id, b.prompt_id AS question_id, ma.name AS model_a, mb.name AS model_b,
       v.winner::VARCHAR AS winner, v.voter AS judge, v.voter_kind::VARCHAR AS voter_kind, v.criterion,
       {_PROMPT} || said_a AS conversation_a, {_PROMPT} || said_b AS conversation_b,
       len(list_filter(conversation_a, lambda m: m.role = 'assistant')) AS turn,
       p.language, p.category, epoch_us(v.created_at) / 1e6 AS tstamp, v.seq AS place
FROM {ALL_STANDING} v JOIN battles b USING (battle_id)
JOIN models ma ON ma.model_id = v.model_a JOIN models mb ON mb.model_id = v.model_b
LEFT JOIN prompts p USING (prompt_id) LEFT JOIN said USING (battle_id)
WHERE """

_COLUMNS = (
    "battle_id, question_id, model_a, model_b, winner, judge, voter_kind, criterion, turn, "
    "language, category, tstamp"
)


def copy_votes(
    con: duckdb.DuckDBPyConnection, path: Path, layout: Layout, votes: VoteFilter | None, *, packed: bool
) -> int:
    """Write the standing votes that `votes` lets through to `path`, in the order they were cast; return how many.

    A conversation is a list of messages, in CSV as JSON; both are empty where the texts are not known.
    """
    condition, parameters = where(votes)
    sides = ("conversation_a", "conversation_b")
    texts = ", ".join(f"to_json({side}) AS {side}" if layout == "csv" else side for side in sides)
    options = {"csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json", "parquet": "FORMAT parquet"}[layout]
    if packed and layout != "parquet":
        options += ", COMPRESSION gzip"
    target = str(path).replace("'", "''")
    query = f"SELECT {_COLUMNS}, {texts} FROM ({_VOTES + condition}) ORDER BY place"
    written = con.execute(f"COPY ({query}) TO '{target}' ({options})", parameters).fetchall()
    return int(written[0][0])
