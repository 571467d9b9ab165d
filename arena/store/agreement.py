"""A judge's standing votes beside people's on the same battles: what agreement and bias are measured on.

One row a battle, summed up in the database, so that the figures cost no more where many people voted.
"""

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np

from arena.judgments import Failure, JointVotes, JudgedBattles, JudgeVotes
from arena.store.counts import COUNTING, model_names
from arena.store.recount import ALL_STANDING
from arena.types import Voter, VoterKind

_JUDGED = f"""
WITH judged AS (
    SELECT battle_id, seq, model_a, model_b, winner FROM {ALL_STANDING} v
    WHERE voter_kind = $1 AND voter = $2 AND criterion = $3 AND {COUNTING}
), people AS (
    SELECT battle_id, count(*) FILTER (winner = 'model_a') AS for_a, count(*) FILTER (winner = 'model_b') AS for_b,
           count(*) FILTER (winner IN ('tie', 'both_bad')) AS for_none
    FROM {ALL_STANDING} WHERE voter_kind = 'human' AND criterion = $3 AND NOT (voter_kind = $1 AND voter = $2)
      AND battle_id IN (SELECT battle_id FROM judged)
    GROUP BY battle_id
), said AS (
    SELECT t.battle_id, sum(length(a.text)) AS length_a, sum(length(b.text)) AS length_b
    FROM turns t JOIN answers a ON a.answer_id = t.answer_a JOIN answers b ON b.answer_id = t.answer_b
    WHERE t.battle_id IN (SELECT battle_id FROM judged)
    GROUP BY t.battle_id
), asked AS (
    SELECT battle_id, forward, backward FROM verdicts
    WHERE $1 = 'judge' AND judge = $2 AND criterion = $3 AND winner IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY battle_id ORDER BY created_at DESC, rowid DESC) = 1
)
SELECT j.model_a, j.model_b, least(enum_code(j.winner), 2)::TINYINT AS winner,
       coalesce(p.for_a, 0)::INTEGER AS for_a, coalesce(p.for_b, 0)::INTEGER AS for_b,
       coalesce(p.for_none, 0)::INTEGER AS for_none,
       coalesce(s.length_a, -1)::BIGINT AS length_a, coalesce(s.length_b, -1)::BIGINT AS length_b,
       (CASE WHEN v.forward IS NULL THEN -1 ELSE least(enum_code(v.forward), 2) END)::TINYINT AS forward,
       (CASE WHEN v.backward IS NULL THEN -1 ELSE least(enum_code(v.backward), 2) END)::TINYINT AS backward,
       coalesce(q.category, '') AS category, coalesce(q.language, '') AS language
FROM judged j JOIN battles b USING (battle_id) LEFT JOIN prompts q USING (prompt_id)
LEFT JOIN people p USING (battle_id) LEFT JOIN said s USING (battle_id) LEFT JOIN asked v USING (battle_id)
ORDER BY j.seq
"""

_JOINT = f"""
WITH rated AS (
    SELECT battle_id, voter_kind, voter, least(enum_code(winner), 2)::TINYINT AS said
    FROM {ALL_STANDING} v WHERE voter_kind <> 'human' AND criterion = $1 AND {COUNTING}
)
SELECT a.voter_kind::VARCHAR, a.voter, b.voter_kind::VARCHAR, b.voter, a.said, b.said, count(*)::BIGINT
FROM rated a JOIN rated b ON a.battle_id = b.battle_id AND (a.voter_kind, a.voter) < (b.voter_kind, b.voter)
GROUP BY ALL ORDER BY 1, 2, 3, 4
"""


class AgreementRows:
    """`store.agreement`; every method may be called from any thread."""

    def __init__(self, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._read = read

    def battles(self, judge: Voter, criterion: str) -> JudgedBattles:
        """Return every battle with a standing vote of `judge` on `criterion`, in the order it was judged."""
        con = self._read()
        found = con.execute(_JUDGED, [judge.kind.value, judge.name, criterion]).fetchnumpy()
        columns = {name: np.asarray(column) for name, column in found.items()}
        names = model_names(con)
        ids = np.union1d(columns["model_a"], columns["model_b"]).tolist()
        return JudgedBattles(
            names=tuple(names[model_id] for model_id in ids),
            model_a=np.searchsorted(ids, columns["model_a"]).astype(np.int32),
            model_b=np.searchsorted(ids, columns["model_b"]).astype(np.int32),
            judge=columns["winner"],
            people=np.column_stack([columns["for_a"], columns["for_b"], columns["for_none"]]),
            forward=columns["forward"],
            backward=columns["backward"],
            length_a=columns["length_a"],
            length_b=columns["length_b"],
            category=columns["category"],
            language=columns["language"],
        )

    def joint(self, criterion: str) -> list[JointVotes]:
        """Return how each two voters that are no people voted on the battles they share, by kind and name."""
        rows = self._read().execute(_JOINT, [criterion]).fetchall()
        tables: dict[tuple[str, str, str, str], list[list[int]]] = {}
        for *pair, first, second, battles in rows:
            table = tables.setdefault((pair[0], pair[1], pair[2], pair[3]), [[0] * 3 for _ in range(3)])
            table[first][second] = battles
        return [
            JointVotes(
                Voter(VoterKind(kind), name),
                Voter(VoterKind(other_kind), other),
                ((*table[0],), (*table[1],), (*table[2],)),  # type: ignore[arg-type]
            )
            for (kind, name, other_kind, other), table in tables.items()
        ]

    def judges(self) -> list[JudgeVotes]:
        """Return who but people has standing votes, on which criterion and how many, by kind and name."""
        rows = self._read().execute(
            f"SELECT voter_kind::VARCHAR, voter, criterion, count(*) FROM {ALL_STANDING} v "
            f"WHERE voter_kind <> 'human' AND {COUNTING} GROUP BY ALL ORDER BY 1, 2, 3"
        )
        return [JudgeVotes(Voter(VoterKind(kind), name), on, n) for kind, name, on, n in rows.fetchall()]

    def failures(self, judge: str, criterion: str) -> dict[Failure, int]:
        """Return on how many battles the judge's latest verdict is a failure, by its reason."""
        rows = self._read().execute(
            "SELECT failure, count(*) FROM (SELECT failure FROM verdicts WHERE judge = ? AND criterion = ? "
            "QUALIFY row_number() OVER (PARTITION BY battle_id ORDER BY created_at DESC, rowid DESC) = 1) "
            "WHERE failure IS NOT NULL GROUP BY failure ORDER BY count(*) DESC, failure",
            [judge, criterion],
        )
        return {Failure(reason): n for reason, n in rows.fetchall()}

    def versions(self, judge: str, criterion: str) -> int:
        """Return how many different fingerprints stand behind the judge's latest verdicts with an outcome."""
        return self._number(
            "SELECT count(DISTINCT fingerprint) FROM (SELECT fingerprint FROM verdicts "
            "WHERE judge = ? AND criterion = ? AND winner IS NOT NULL "
            "QUALIFY row_number() OVER (PARTITION BY battle_id ORDER BY created_at DESC, rowid DESC) = 1)",
            [judge, criterion],
        )

    def state(self) -> tuple[int, int, int]:
        """Return numbers that change whenever votes or verdicts are written or battles set aside."""
        return (
            self._number("SELECT coalesce(max(seq), -1) FROM votes", []),
            self._number("SELECT coalesce(epoch_us(max(created_at)), 0) + count(*) FROM verdicts", []),
            self._number("SELECT count(*) FROM set_aside", []),
        )

    def _number(self, query: str, parameters: list[Any]) -> int:
        return int(self._read().execute(query, parameters).fetchall()[0][0])
