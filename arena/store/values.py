"""How many standing votes there are of each category, language, criterion or kind of voter."""

from dataclasses import replace

import duckdb

from arena.boards import Sorting
from arena.store.counts import where
from arena.store.recount import ALL_STANDING
from arena.types import VoteFilter

_VALUES: dict[Sorting, str] = {
    "category": "p.category",
    "language": "p.language",
    "criterion": "v.criterion",
    "voter_kind": "v.voter_kind::VARCHAR",
}


def values(con: duckdb.DuckDBPyConnection, votes: VoteFilter, by: Sorting) -> dict[str | None, int]:
    """Return the votes of each value, `None` for votes without one; what `votes` says of `by` itself is passed over."""
    if by == "criterion":
        return _criteria(con, votes)
    condition, parameters = where(_free(votes, by))
    joined = (
        "" if by == "voter_kind" else "JOIN battles b USING (battle_id) LEFT JOIN prompts p USING (prompt_id)"
    )
    rows = con.execute(
        f"SELECT {_VALUES[by]} AS value, count(*) FROM {ALL_STANDING} v {joined} WHERE {condition} "
        "GROUP BY value ORDER BY value",
        parameters,
    ).fetchall()
    counted: dict[str | None, int] = dict(rows)
    return counted


def _free(votes: VoteFilter, by: Sorting) -> VoteFilter:
    if by == "voter_kind":
        return replace(votes, voter_kinds=None)
    return replace(votes, category=None) if by == "category" else replace(votes, language=None)


def _criteria(con: duckdb.DuckDBPyConnection, votes: VoteFilter) -> dict[str | None, int]:
    known = con.execute(f"SELECT DISTINCT criterion FROM {ALL_STANDING} ORDER BY criterion").fetchall()
    counted: dict[str | None, int] = {}
    for (criterion,) in known:
        condition, parameters = where(replace(votes, criterion=criterion))
        count = con.execute(f"SELECT count(*) FROM {ALL_STANDING} v WHERE {condition}", parameters)
        counted[criterion] = int(count.fetchall()[0][0])
    return counted
