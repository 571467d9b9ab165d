"""Soft verdicts, summed: the votes that stand, each as sure and as strong as the verdict behind it."""

from typing import Any

import duckdb

from arena.ratings.soft import SoftCount
from arena.store.counts import model_names, where
from arena.store.recount import ALL_STANDING
from arena.types import VoteFilter

_SUMS = f"""
WITH latest AS (
    SELECT battle_id, judge, criterion, winner, probability_a, strength FROM verdicts WHERE winner IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY battle_id, judge, criterion ORDER BY created_at DESC, rowid DESC) = 1
), soft AS (
    SELECT v.model_a, v.model_b, coalesce(l.strength, 1)::DOUBLE AS w,
        coalesce(l.probability_a, CASE v.winner WHEN 'model_a' THEN 1.0 WHEN 'model_b' THEN 0.0 ELSE 0.5 END) AS y
    FROM {ALL_STANDING} v LEFT JOIN latest l
        ON v.voter_kind = 'judge' AND l.battle_id = v.battle_id AND l.judge = v.voter
        AND l.criterion = v.criterion AND l.winner = v.winner
    WHERE {{condition}}
)
SELECT model_a, model_b, count(*), sum(w), least(sum(w * y), sum(w)), sum(w * w), sum(w * w * y), sum(w * w * y * y)
FROM soft GROUP BY ALL ORDER BY model_a, model_b
"""


def soft_counts(con: duckdb.DuckDBPyConnection, votes: VoteFilter) -> list[SoftCount]:
    """Return the sums of every pair in the order shown; a vote without a verdict counts as what it says."""
    condition, parameters = where(votes)
    rows: list[tuple[Any, ...]] = con.execute(_SUMS.format(condition=condition), parameters).fetchall()
    names = model_names(con)
    return [SoftCount(names[a], names[b], *sums) for a, b, *sums in rows]
