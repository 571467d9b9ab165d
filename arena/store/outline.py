"""Standing votes gathered by the texts they compared, counted in the database without handing a text out."""

from typing import Any

import duckdb
import numpy as np

from arena.outline import Compared
from arena.store.counts import where
from arena.store.recount import ALL_STANDING
from arena.types import VoteFilter

_BLANK = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What Python takes for white space, and `strip` takes off."""

_GATHERED = f"""
WITH judged AS (
    SELECT battle_id, count(*) AS votes,
           count(*) FILTER (winner = 'model_a') AS wins_a, count(*) FILTER (winner = 'model_b') AS wins_b,
           count(*) FILTER (winner = 'tie') AS ties, count(*) FILTER (winner = 'both_bad') AS both_bad,
           bit_or((1 << enum_code(voter_kind))::BIGINT) AS kinds
    FROM {ALL_STANDING} v WHERE {{condition}} GROUP BY battle_id
), placed AS (
    SELECT j.*, b.rowid AS place, p.prompt_id
    FROM judged j JOIN battles b USING (battle_id) LEFT JOIN prompts p USING (prompt_id)
    WHERE b.prompt_id IS NULL OR b.prompt_id NOT IN (SELECT unnest(?::VARCHAR[]))
), texts AS (
    SELECT t.battle_id,
           bool_or(x.error IS NOT NULL OR y.error IS NOT NULL) AS failed,
           bool_or(trim(x.text, '{_BLANK}') = '' OR trim(y.text, '{_BLANK}') = '') AS blank,
           bool_and(trim(x.text, '{_BLANK}') = trim(y.text, '{_BLANK}')) AS same,
           md5(to_json(list((t.user_text, x.text) ORDER BY t.turn))::VARCHAR) AS key_a,
           md5(to_json(list((t.user_text, y.text) ORDER BY t.turn))::VARCHAR) AS key_b,
           sum(length(x.text))::BIGINT AS length_a, sum(length(y.text))::BIGINT AS length_b
    FROM turns t SEMI JOIN placed USING (battle_id)
    JOIN answers x ON x.answer_id = t.answer_a JOIN answers y ON y.answer_id = t.answer_b
    GROUP BY t.battle_id
), sorted AS (
    SELECT p.*, t.* EXCLUDE (battle_id), key_b < key_a AS turned,
           CASE WHEN t.failed THEN 'failed' WHEN p.prompt_id IS NULL OR t.battle_id IS NULL THEN 'no text'
                WHEN t.blank THEN 'empty' WHEN t.same THEN 'same text' END AS reason
    FROM placed p LEFT JOIN texts t USING (battle_id)
)
SELECT reason, sum(votes)::BIGINT AS votes, count(*) AS battles,
       CASE WHEN reason IS NULL THEN prompt_id END AS prompt,
       CASE WHEN reason IS NULL THEN least(key_a, key_b) END AS first,
       CASE WHEN reason IS NULL THEN greatest(key_a, key_b) END AS second,
       arg_min(place, battle_id) AS battle, arg_min(turned, battle_id) AS turned,
       sum(CASE WHEN turned THEN wins_b ELSE wins_a END)::BIGINT AS wins_first,
       sum(CASE WHEN turned THEN wins_a ELSE wins_b END)::BIGINT AS wins_second,
       sum(ties)::BIGINT AS ties, sum(both_bad)::BIGINT AS both_bad,
       any_value(CASE WHEN turned THEN length_b ELSE length_a END) AS length_first,
       any_value(CASE WHEN turned THEN length_a ELSE length_b END) AS length_second,
       bit_or(kinds) AS kinds
FROM sorted GROUP BY ALL
"""
_COLUMNS = (
    "battle", "turned", "wins_first", "wins_second", "ties", "both_bad", "length_first", "length_second", "kinds",
)  # fmt: skip


def gather(
    con: duckdb.DuckDBPyConnection, votes: VoteFilter, without: list[str]
) -> tuple[Compared, dict[str, int], int]:
    """Return what was compared how, votes by why their battle gives no pair, and the battles of both.

    Battles on the prompts `without` are left out.
    """
    condition, parameters = where(votes)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE gathered AS {_GATHERED.format(condition=condition)}",
        [*parameters, without],
    )
    try:
        lost = con.execute(
            "SELECT reason, votes::BIGINT FROM gathered WHERE reason IS NOT NULL ORDER BY reason"
        ).fetchall()
        battles = con.execute("SELECT coalesce(sum(battles), 0)::BIGINT FROM gathered").fetchall()[0][0]
        found = con.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM gathered WHERE reason IS NULL ORDER BY prompt, first, second"
        ).fetchnumpy()
    finally:
        con.execute("DROP TABLE gathered")
    columns: dict[str, Any] = {name: np.asarray(found[name]).astype(np.int64) for name in _COLUMNS}
    columns["turned"] = columns["turned"].astype(np.bool_)
    return Compared(**columns), dict(lost), int(battles)
