"""What people's agreement is measured on: shared battles, pairs of voters, and battles that voters disagree on."""

from collections.abc import Callable, Sequence
from uuid import UUID

import duckdb
import numpy as np

from arena.judgments import JointVotes
from arena.people.contested import Contested
from arena.people.shared import SharedVotes, shared_votes
from arena.store.counts import where
from arena.store.prompts import load_messages
from arena.store.recount import ALL_STANDING
from arena.types import VoteFilter, Voter, VoterKind

_SAID = "least(enum_code(v.winner), 2)::TINYINT"


class PeopleRows:
    """`store.people`; every method may be called from any thread."""

    def __init__(self, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._read = read

    def shared(self, votes: VoteFilter) -> SharedVotes:
        """Return the votes that `votes` lets through on battles with at least two voters."""
        con = self._read()
        condition, parameters = where(votes)
        rows = con.execute(
            f"SELECT DISTINCT v.voter_kind::VARCHAR, v.voter FROM {ALL_STANDING} v "
            f"WHERE {condition} ORDER BY 1, 2",
            parameters,
        ).fetchall()
        names = [f"{kind}:{name}" for kind, name in rows]
        found = con.execute(
            "WITH who AS (SELECT unnest(?::VARCHAR[]) AS name, generate_subscripts(?::VARCHAR[], 1) - 1 AS place) "
            f"SELECT who.place::INTEGER AS voter, b.rowid AS battle, {_SAID} AS said "
            f"FROM {ALL_STANDING} v JOIN battles b ON b.battle_id = v.battle_id "
            f"JOIN who ON who.name = v.voter_kind::VARCHAR || ':' || v.voter WHERE {condition}",
            [names, names, *parameters],
        ).fetchnumpy()
        return shared_votes(
            tuple(Voter(VoterKind(kind), name) for kind, name in rows),
            np.asarray(found["voter"]),
            np.asarray(found["battle"]),
            np.asarray(found["said"]),
        )

    def joint(self, votes: VoteFilter, voters: Sequence[Voter]) -> list[JointVotes]:
        """Return how each two of `voters` voted on the battles they share, in the order of `voters`."""
        condition, parameters = where(votes)
        names = [f"{voter.kind.value}:{voter.name}" for voter in voters]
        rows = (
            self._read()
            .execute(
                "WITH who AS (SELECT unnest(?::VARCHAR[]) AS name, generate_subscripts(?::VARCHAR[], 1) - 1 AS place), "
                f"rated AS (SELECT v.battle_id, who.place, {_SAID} AS said FROM {ALL_STANDING} v "
                f"JOIN who ON who.name = v.voter_kind::VARCHAR || ':' || v.voter WHERE {condition}) "
                "SELECT a.place, b.place, a.said, b.said, count(*)::BIGINT "
                "FROM rated a JOIN rated b ON a.battle_id = b.battle_id AND a.place < b.place "
                "GROUP BY ALL ORDER BY ALL",
                [names, names, *parameters],
            )
            .fetchall()
        )
        tables: dict[tuple[int, int], list[list[int]]] = {}
        for first, second, said, other, battles in rows:
            tables.setdefault((first, second), [[0] * 3 for _ in range(3)])[said][other] = battles
        return [
            JointVotes(voters[first], voters[second], ((*table[0],), (*table[1],), (*table[2],)))  # type: ignore[arg-type]
            for (first, second), table in tables.items()
        ]

    def contested(
        self,
        votes: VoteFilter,
        limit: int | None,
        *,
        opposed: bool = False,
        among: Sequence[UUID] | None = None,
    ) -> list[Contested]:
        """Return the battles that voters disagree on, first the most disputed, at most `limit`; see `Contested`.

        With `opposed` only battles on which both sides were chosen, with `among` only those of them.
        """
        condition, parameters = where(votes)
        chosen = "" if among is None else " AND v.battle_id IN (SELECT unnest(?::UUID[]))"
        if among is not None:
            parameters = [*parameters, [str(battle_id) for battle_id in among]]
        rows = (
            self._read()
            .execute(
                "WITH counted AS (SELECT v.battle_id, "
                + ", ".join(
                    f"count(*) FILTER (v.winner = '{winner}') AS {name}"
                    for winner, name in (
                        ("model_a", "a"),
                        ("model_b", "b"),
                        ("tie", "t"),
                        ("both_bad", "bad"),
                    )
                )
                + f" FROM {ALL_STANDING} v WHERE {condition}{chosen} GROUP BY v.battle_id "
                "HAVING count(*) > 1), ranked AS (SELECT *, a + b + t + bad AS n, "
                "1 - (a * (a - 1) + b * (b - 1) + (t + bad) * (t + bad - 1)) / (n * (n - 1)) AS disagreement, "
                "1 - ((a + 1/3) * (a + 4/3) + (b + 1/3) * (b + 4/3) + (t + bad + 1/3) * (t + bad + 4/3)) "
                "/ ((n + 1) * (n + 2)) AS expected FROM counted "
                "WHERE greatest(a, b, t + bad) < n" + (" AND a > 0 AND b > 0" if opposed else "") + " "
                "ORDER BY expected DESC, n DESC, battle_id LIMIT ?) "
                "SELECT r.battle_id, p.messages, x.name, y.name, "
                "a, b, t, bad, disagreement, expected, b.votable "
                "FROM ranked r JOIN battles b USING (battle_id) JOIN models x ON x.model_id = b.model_a "
                "JOIN models y ON y.model_id = b.model_b LEFT JOIN prompts p USING (prompt_id) "
                "ORDER BY expected DESC, n DESC, battle_id",
                [*parameters, limit],
            )
            .fetchall()
        )
        return [
            Contested(battle_id, load_messages(messages)[-1].content if messages else None, *rest)
            for battle_id, messages, *rest in rows
        ]
