"""Standing votes, counted: every figure on a leaderboard comes from one of these queries."""

from datetime import datetime
from typing import Any

import duckdb
import numpy as np

from arena.ratings.pair_table import PairTable
from arena.store.recount import ALL_STANDING, histogram
from arena.types import VoteColumns, VoteFilter, Voter, VoterKind

COUNTING = "NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.battle_id = v.battle_id)"
"""The condition on `standing_votes AS v` that leaves out battles set aside, whatever for."""
_COUNTING_OR_NAMED = f"{COUNTING[:-1]} AND a.reason <> 'named')"


def where(votes: VoteFilter | None) -> tuple[str, list[Any]]:
    """Return `votes` as a condition on `standing_votes AS v` and its parameters; `None` is no restriction."""
    if votes is None:
        return COUNTING, []
    condition, parameters = _uncapped(votes)
    if votes.per_prompt is None:
        return condition, parameters
    earliest = (
        "SELECT v.seq, row_number() "
        "OVER (PARTITION BY coalesce(b.prompt_id, v.battle_id::VARCHAR) ORDER BY v.seq) AS nth "
        f"FROM {ALL_STANDING} v JOIN battles b USING (battle_id) WHERE {condition}"
    )
    return f"v.seq IN (SELECT seq FROM ({earliest}) WHERE nth <= ?)", [*parameters, votes.per_prompt]


def _uncapped(votes: VoteFilter) -> tuple[str, list[Any]]:
    conditions = [_COUNTING_OR_NAMED if votes.named else COUNTING, "v.criterion = ?"]
    parameters: list[Any] = [votes.criterion]
    if votes.voter_kinds is not None:
        conditions.append("v.voter_kind IN (SELECT unnest(?::voter_kind[]))")
        parameters.append([kind.value for kind in votes.voter_kinds])
    if votes.voters is not None:
        conditions.append("v.voter IN (SELECT unnest(?::VARCHAR[]))")
        parameters.append(list(votes.voters))
    if votes.models is not None:
        chosen = "(SELECT model_id FROM models WHERE name IN (SELECT unnest(?::VARCHAR[])))"
        conditions.append(f"v.model_a IN {chosen} AND v.model_b IN {chosen}")
        parameters += [list(votes.models), list(votes.models)]
    for column in ("category", "language"):
        if (value := getattr(votes, column)) is not None:
            conditions.append(
                "v.battle_id IN (SELECT b.battle_id FROM battles b JOIN prompts p USING (prompt_id) "
                f"WHERE p.{column} = ?)"
            )
            parameters.append(value)
    if votes.without_prompts:
        conditions.append(
            "v.battle_id NOT IN (SELECT battle_id FROM battles WHERE prompt_id IN (SELECT unnest(?::VARCHAR[])))"
        )
        parameters.append(sorted(votes.without_prompts))
    for voter in votes.without_voters:
        conditions.append("NOT (v.voter_kind = ? AND v.voter = ?)")
        parameters += [voter.kind.value, voter.name]
    for moment, sign in ((votes.since, ">="), (votes.until, "<")):
        if moment is not None:
            conditions.append(f"v.created_at {sign} ?::TIMESTAMPTZ")
            parameters.append(moment.isoformat())
    if votes.without_self_named:
        conditions.append(
            "v.battle_id NOT IN (SELECT t.battle_id FROM turns t "
            "JOIN self_named s ON s.answer_id IN (t.answer_a, t.answer_b))"
        )
    return " AND ".join(conditions), parameters


def count(con: duckdb.DuckDBPyConnection, votes: VoteFilter | None) -> int:
    """Return the number of standing votes."""
    condition, parameters = where(votes)
    return _number(con, f"SELECT count(*) FROM {ALL_STANDING} v WHERE {condition}", parameters)


def voters(con: duckdb.DuckDBPyConnection, votes: VoteFilter | None) -> int:
    """Return the number of voters (kind and name) with a standing vote."""
    condition, parameters = where(votes)
    return _number(
        con, f"SELECT count(DISTINCT (voter_kind, voter)) FROM {ALL_STANDING} v WHERE {condition}", parameters
    )


def count_by_voter(con: duckdb.DuckDBPyConnection, voter: Voter, since: datetime | None) -> int:
    """Return the number of battles on which `voter` has a standing vote."""
    condition, parameters = "voter_kind = ? AND voter = ?", [voter.kind.value, voter.name]
    if since is not None:
        condition, parameters = (
            condition + " AND created_at >= ?::TIMESTAMPTZ",
            [*parameters, since.isoformat()],
        )
    return _number(con, f"SELECT count(DISTINCT battle_id) FROM standing_votes WHERE {condition}", parameters)


def pair_counts(con: duckdb.DuckDBPyConnection, votes: VoteFilter) -> PairTable:
    """Return one row for each pair of models that met, sorted by name."""
    condition, parameters = where(votes)
    found = histogram(con, f"{ALL_STANDING} v", condition, parameters)
    names = model_names(con)
    ids = np.union1d(found.model_a, found.model_b)
    labels = [names[model_id] for model_id in ids.tolist()]
    return PairTable.of(
        labels, np.searchsorted(ids, found.model_a), np.searchsorted(ids, found.model_b), found.votes
    )


def outcomes(con: duckdb.DuckDBPyConnection, votes: VoteFilter) -> VoteColumns:
    """Return model codes and winner codes (places in `OUTCOMES`) of all votes, in vote order."""
    condition, parameters = where(votes)
    query = (
        "SELECT seq, model_a, model_b, enum_code(winner)::TINYINT AS winner "
        f"FROM {ALL_STANDING} v WHERE {condition}"
    )
    table = con.sql(query, params=parameters).to_arrow_table()
    seq, ids_a, ids_b, winner = (table[name].to_numpy() for name in ("seq", "model_a", "model_b", "winner"))
    if (seq[1:] < seq[:-1]).any():
        order = np.argsort(seq, kind="stable")
        ids_a, ids_b, winner = ids_a[order], ids_b[order], winner[order]
    names = model_names(con)
    most = max(names, default=0) + 1
    met = np.zeros(most, dtype=bool)
    met[ids_a] = met[ids_b] = True
    seen = sorted(np.flatnonzero(met).tolist(), key=names.__getitem__)
    code = np.zeros(most, dtype=np.int32)
    code[seen] = np.arange(len(seen), dtype=np.int32)
    return VoteColumns(
        names=tuple(names[model_id] for model_id in seen),
        model_a=code[ids_a],
        model_b=code[ids_b],
        winner=winner,
    )


def voter_kinds(con: duckdb.DuckDBPyConnection) -> dict[VoterKind, int]:
    """Return the number of standing votes by kind of voter, without those on battles set aside."""
    rows = con.execute(
        f"SELECT voter_kind::VARCHAR, count(*) FROM {ALL_STANDING} v WHERE {COUNTING} "
        "GROUP BY voter_kind ORDER BY voter_kind"
    ).fetchall()
    return {VoterKind(kind): votes_cast for kind, votes_cast in rows}


def judged(con: duckdb.DuckDBPyConnection) -> bool:
    """Return whether any vote of a judge stands, also on a battle set aside."""
    return bool(_number(con, "SELECT count(*) FROM standing_votes WHERE voter_kind = 'judge'", []))


def model_names(con: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """Return the name of every model by its id, removed ones included."""
    return dict(con.execute("SELECT model_id, name FROM models").fetchall())


def _number(con: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> int:
    return int(con.execute(query, parameters).fetchall()[0][0])
