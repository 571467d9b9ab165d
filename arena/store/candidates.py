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
    wanted, parameters = _wanted(battles)
    rows = con.execute(f"SELECT battle_id FROM ({wanted}) ORDER BY {_ORDER}", parameters)
    return [battle_id for (battle_id,) in rows.fetchall()]


def left_to_judge(
    con: duckdb.DuckDBPyConnection,
    battles: BattleFilter,
    judge: str,
    criterion: str,
    fingerprint: str,
    again: Collection[Failure],
    limit: int | None,
) -> tuple[list[UUID], int, int]:
    """Return the first `limit` (or all) of the chosen battles without a verdict of this judge as it is set up now.

    Then how many there are of these, and how many chosen battles have a verdict. One that failed for one of the reasons
    `again` does not count, nor does one that the judge has given before it was changed and changed back: its vote is
    that of the verdict since.
    """
    few = "" if limit is None else f" LIMIT {limit:d}"
    query, parameters = _left(battles, judge, criterion, fingerprint, again)
    rows = con.execute(f"SELECT battle_id FROM ({query}) ORDER BY {_ORDER}{few}", parameters)
    first = [battle_id for (battle_id,) in rows.fetchall()]
    left = int(con.execute(f"SELECT count(*) FROM ({query})", parameters).fetchall()[0][0])
    return first, left, _all(con, battles) - left


def _all(con: duckdb.DuckDBPyConnection, battles: BattleFilter) -> int:
    wanted, parameters = _wanted(battles)
    return int(con.execute(f"SELECT count(*) FROM ({wanted})", parameters).fetchall()[0][0])


def _left(
    battles: BattleFilter, judge: str, criterion: str, fingerprint: str, again: Collection[Failure]
) -> tuple[str, list[Any]]:
    """Return the query of the ids of the chosen battles that are left to judge, and its parameters."""
    wanted, parameters = _wanted(battles)
    query = (
        f"SELECT battle_id FROM ({wanted}) ANTI JOIN ("
        "SELECT battle_id FROM verdicts v WHERE judge = ? AND criterion = ? AND fingerprint = ? "
        "AND (failure IS NULL OR failure NOT IN (SELECT unnest(?::VARCHAR[]))) AND NOT EXISTS ("
        "SELECT 1 FROM verdicts later WHERE later.battle_id = v.battle_id AND later.judge = v.judge "
        "AND later.criterion = v.criterion AND later.created_at > v.created_at)"
        ") USING (battle_id)"
    )
    return query, [*parameters, judge, criterion, fingerprint, [failure.value for failure in again]]


_ORDER = "md5(battle_id::VARCHAR), battle_id"


def _wanted(battles: BattleFilter) -> tuple[str, list[Any]]:
    """Return the query of the ids of the battles a filter lets through, and its parameters."""
    condition, parameters = _where(battles)
    limited = "" if battles.limit is None else f" ORDER BY {_ORDER} LIMIT {int(battles.limit)}"
    return f"SELECT b.battle_id FROM battles b WHERE {condition}{limited}", parameters


def _where(battles: BattleFilter) -> tuple[str, list[Any]]:
    conditions = [
        "b.votable",
        "b.prompt_id IS NOT NULL",
        "NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.battle_id = b.battle_id)",
    ]
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
