"""Which battles a judge is to look at, and which of them it has a verdict on already.

The choice is the same each time: battles stand in the order of the hash of their ids, which is fair to all models and
prompts, so that a limit draws a sample and a run that is asked for again goes on with the same sample.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import duckdb

from arena.judgments import BattleFilter, Failure


def chosen(con: duckdb.DuckDBPyConnection, battles: BattleFilter) -> list[UUID]:
    """Return the ids of the battles that `battles` lets through, in a fixed order without a pattern."""
    condition, parameters = _where(battles)
    limit = "" if battles.limit is None else f" LIMIT {int(battles.limit)}"
    rows = con.execute(
        f"SELECT b.battle_id FROM battles b WHERE {condition} "
        f"ORDER BY md5(b.battle_id::VARCHAR), b.battle_id{limit}",
        parameters,
    )
    return [battle_id for (battle_id,) in rows.fetchall()]


def judged(
    con: duckdb.DuckDBPyConnection,
    judge: str,
    criterion: str,
    fingerprint: str,
    again: Collection[Failure],
) -> set[UUID]:
    """Return the battles with a verdict of this judge, as it is set up now; those failed for `again` do not count."""
    rows = con.execute(
        "SELECT battle_id FROM verdicts WHERE judge = ? AND criterion = ? AND fingerprint = ? "
        "AND (failure IS NULL OR failure NOT IN (SELECT unnest(?::VARCHAR[])))",
        [judge, criterion, fingerprint, [failure.value for failure in again]],
    )
    return {battle_id for (battle_id,) in rows.fetchall()}


def _where(battles: BattleFilter) -> tuple[str, list[Any]]:
    conditions = ["b.votable", "b.prompt_id IS NOT NULL"]
    parameters: list[Any] = []
    if battles.models is not None:
        names = "(SELECT model_id FROM models WHERE name IN (SELECT unnest(?::VARCHAR[])))"
        conditions.append(f"b.model_a IN {names} AND b.model_b IN {names}")
        parameters += [list(battles.models), list(battles.models)]
    if battles.prompt_sets is not None:
        conditions.append(
            "b.prompt_id IN (SELECT prompt_id FROM prompt_sets "
            "WHERE set_name IN (SELECT unnest(?::VARCHAR[])))"
        )
        parameters.append(list(battles.prompt_sets))
    for column in ("category", "language"):
        if (value := getattr(battles, column)) is not None:
            conditions.append(f"b.prompt_id IN (SELECT prompt_id FROM prompts WHERE {column} = ?)")
            parameters.append(value)
    if battles.voted_by_people:
        conditions.append(
            "EXISTS (SELECT 1 FROM standing_votes v WHERE v.battle_id = b.battle_id AND v.voter_kind = 'human')"
        )
    return " AND ".join(conditions), parameters
