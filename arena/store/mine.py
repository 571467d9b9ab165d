"""What one voter's own votes say: the list, the days, and how others voted on the same battles.

Every query names the voter, so that nothing of anybody else's comes out but sums over battles that the voter has
voted on themselves.
"""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import duckdb
import numpy as np
import numpy.typing as npt

from arena.store.prompts import load_messages
from arena.store.rows import VOTE_COLUMNS, VoteRow
from arena.types import OwnVote, Voter


class OwnVotes:
    """`store.mine`; every method may be called from any thread."""

    def __init__(self, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._read = read

    def page(self, voter: Voter, limit: int, before: int | None = None) -> list[OwnVote]:
        """Return a voter's standing votes from the newest on, at most `limit`, those written before number `before`."""
        con = self._read()
        rows = con.execute(
            f"SELECT {VOTE_COLUMNS} FROM standing_votes WHERE voter_kind = ? AND voter = ? AND seq < ? "
            "ORDER BY seq DESC LIMIT ?",
            [voter.kind.value, voter.name, 2**62 if before is None else before, limit],
        )
        votes = [VoteRow(*row) for row in rows.fetchall()]
        about = con.execute(
            "SELECT battle_id::VARCHAR, messages, ma.name, mb.name FROM battles b "
            "LEFT JOIN prompts USING (prompt_id) JOIN models ma ON ma.model_id = b.model_a "
            "JOIN models mb ON mb.model_id = b.model_b WHERE battle_id IN (SELECT unnest(?::UUID[]))",
            [[vote.battle_id for vote in votes]],
        )
        known = {battle_id: rest for battle_id, *rest in about.fetchall()}
        return [_own(vote, *known[vote.battle_id]) for vote in votes]

    def has_voted(self, voter: Voter, battle_id: UUID) -> bool:
        """Return whether a vote of this voter stands on a battle, on any criterion."""
        rows = self._read().execute(
            "SELECT 1 FROM standing_votes WHERE battle_id = ? AND voter_kind = ? AND voter = ? LIMIT 1",
            [str(battle_id), voter.kind.value, voter.name],
        )
        return bool(rows.fetchall())

    def days(self, voter: Voter, since: datetime) -> dict[date, int]:
        """Return on how many battles a voter's standing votes were cast, by day (UTC), days without any left out."""
        rows = self._read().execute(
            "SELECT (created_at AT TIME ZONE 'UTC')::DATE AS day, count(DISTINCT battle_id) FROM standing_votes "
            "WHERE voter_kind = ? AND voter = ? AND created_at >= ?::TIMESTAMPTZ GROUP BY day ORDER BY day",
            [voter.kind.value, voter.name, since.isoformat()],
        )
        return dict(rows.fetchall())

    def beside_others(
        self, voter: Voter, criterion: str
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the voter's outcomes on the battles that other people voted on too, and those people's.

        Outcomes (n,) are 0 for A, 1 for B, 2 for neither; of the others (n, 3) counts each. Battles set aside are
        left out.
        """
        rows = self._read().execute(
            "WITH mine AS (SELECT battle_id, winner, seq FROM standing_votes v WHERE voter_kind = $kind "
            "AND voter = $voter AND criterion = $criterion "
            "AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.battle_id = v.battle_id)) "
            "SELECT least(enum_code(any_value(mine.winner)), 2), count(*) FILTER (o.winner = 'model_a'), "
            "count(*) FILTER (o.winner = 'model_b'), count(*) FILTER (o.winner IN ('tie', 'both_bad')) "
            "FROM mine JOIN standing_votes o USING (battle_id) WHERE o.criterion = $criterion "
            "AND o.voter_kind = 'human' AND NOT (o.voter_kind = $kind AND o.voter = $voter) "
            "GROUP BY mine.battle_id, mine.seq ORDER BY mine.seq",
            {"kind": voter.kind.value, "voter": voter.name, "criterion": criterion},
        )
        table = np.array(rows.fetchall(), dtype=np.int64).reshape(-1, 4)
        return table[:, 0], table[:, 1:].astype(np.float64)


def _own(vote: VoteRow, messages: str | None, model_a: str, model_b: str) -> OwnVote:
    text = load_messages(messages)[-1].content if messages else None
    return OwnVote(vote.seq, vote.as_vote(), text, model_a, model_b)
