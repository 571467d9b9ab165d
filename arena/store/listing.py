"""Long lists for scripts: votes, battles and verdicts from the newest on, page by page.

A page begins after the last item of the one before, named by its key and not by its place, so that what is stored
meanwhile shifts nothing: no item comes twice and none is passed over.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import duckdb

from arena.errors import NotFound
from arena.store import counts
from arena.store.prompts import load_messages
from arena.store.rows import VOTE_COLUMNS, VoteRow, moment
from arena.types import ListedBattle, OwnVote, VoteFilter

_BATTLES = (
    "SELECT b.battle_id::VARCHAR, p.messages, ma.name, mb.name, b.votable, b.started_by, a.reason, "
    "epoch_us(b.created_at), "
    "(SELECT count(*) FROM standing_votes v WHERE v.battle_id = b.battle_id) "
    "FROM (SELECT * FROM battles WHERE {condition} ORDER BY created_at DESC, battle_id LIMIT ?) b "
    "LEFT JOIN prompts p USING (prompt_id) JOIN models ma ON ma.model_id = b.model_a "
    "JOIN models mb ON mb.model_id = b.model_b LEFT JOIN set_aside a ON a.battle_id = b.battle_id "
    "ORDER BY b.created_at DESC, b.battle_id"
)


class Listing:
    """`store.listing`; every method may be called from any thread."""

    def __init__(self, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._read = read

    def votes(self, votes: VoteFilter | None, limit: int, before: int | None = None) -> list[OwnVote]:
        """Return standing votes from the newest on, at most `limit`, those written before number `before`."""
        con = self._read()
        condition, parameters = counts.where(votes)
        rows = con.execute(
            f"SELECT {VOTE_COLUMNS} FROM standing_votes v WHERE {condition} AND seq < ? ORDER BY seq DESC LIMIT ?",
            [*parameters, 2**62 if before is None else before, limit],
        )
        found = [VoteRow(*row) for row in rows.fetchall()]
        about = con.execute(
            "SELECT battle_id::VARCHAR, messages, ma.name, mb.name FROM battles b "
            "LEFT JOIN prompts USING (prompt_id) JOIN models ma ON ma.model_id = b.model_a "
            "JOIN models mb ON mb.model_id = b.model_b WHERE battle_id IN (SELECT unnest(?::UUID[]))",
            [[vote.battle_id for vote in found]],
        )
        known = {battle_id: (_asked(messages), a, b) for battle_id, messages, a, b in about.fetchall()}
        return [OwnVote(vote.seq, vote.as_vote(), *known[vote.battle_id]) for vote in found]

    def battles(self, limit: int, before: UUID | None = None) -> list[ListedBattle]:
        """Return stored battles from the newest on, at most `limit`, those that come after `before`.

        Raises:
            NotFound: there is no battle `before`.
        """
        condition, parameters = "true", list[Any]()
        if before is not None:
            at = self._stored_at(before)
            condition = (
                "(created_at < make_timestamptz(?::BIGINT) OR (created_at = make_timestamptz(?::BIGINT) "
            )
            condition += "AND battle_id > ?::UUID))"
            parameters = [at, at, str(before)]
        rows = self._read().execute(_BATTLES.format(condition=condition), [*parameters, limit])
        return [
            ListedBattle(UUID(key), _asked(messages), a, b, votable, started_by, reason, votes, moment(at))
            for key, messages, a, b, votable, started_by, reason, at, votes in rows.fetchall()
        ]

    def _stored_at(self, battle_id: UUID) -> int:
        rows = self._read().execute(
            "SELECT epoch_us(created_at) FROM battles WHERE battle_id = ?", [str(battle_id)]
        )
        if not (found := rows.fetchall()):
            raise NotFound(f"There is no battle {battle_id} to go on from: begin with the first page.")
        return int(found[0][0])


def _asked(messages: str | None) -> str | None:
    """Return what the user said last, `None` without a prompt."""
    return load_messages(messages)[-1].content if messages else None
