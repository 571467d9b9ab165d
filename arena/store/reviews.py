"""Review queues, their battles and who skipped what; who voted on them stands among all votes.

An annotator's whole state in a queue is one query over the queue's battles. Which comes next is decided from it, and
from who looks at which just now (`arena.desk`).
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import duckdb

from arena.attention import Check
from arena.errors import InvalidInput, NotFound, NotVotable
from arena.reviews import ItemState, Queue, QueueItem, QueueSummary, ReviewVote, queue_name, refuse_known
from arena.store.battles import insert_battles
from arena.store.ledger import Ledger
from arena.store.names import unknown
from arena.store.rows import moment
from arena.store.standings import BattleFacts
from arena.store.writer import Writer
from arena.types import Aside, Voter, VoterKind, Winner

_QUEUE = "name, overlap, instructions, criterion, epoch_us(created_at), epoch_us(closed_at)"
_STANDING = (
    "standing AS (SELECT v.battle_id, v.voter_kind, v.voter, v.winner FROM standing_votes v "
    "WHERE v.battle_id IN (SELECT battle_id FROM items) AND v.criterion = $criterion)"
)
"""The standing votes on the battles in `items`, a named subquery."""


class Reviews:
    """`store.reviews`; every method may be called from any thread."""

    def __init__(self, writer: Writer, ledger: Ledger, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._ledger = ledger
        self._read = read

    def add(self, queue: Queue, items: Sequence[QueueItem], checks: Sequence[Check] = ()) -> None:
        """Store a queue with its battles, which keep their order, and behind them new attention pairs, set aside.

        Raises:
            InvalidInput: a name that no queue can have, no battle, or an overlap below 1.
            Conflict: there is a queue of that name.
            NotFound: a battle is not stored.
            NotVotable: a battle takes no vote.
        """
        queue_name(queue.name)
        if queue.overlap < 1:
            raise InvalidInput(f"The overlap is {queue.overlap}, but each battle needs at least 1 person.")
        if not any(item.expected is None for item in items):
            raise InvalidInput(f"The review queue {queue.name!r} has no battle: choose some that take votes.")

        def change(con: duckdb.DuckDBPyConnection) -> list[BattleFacts]:
            made = insert_battles(con, [check.battle for check in checks], Aside.ATTENTION) if checks else []
            hidden = [QueueItem(check.battle.battle_id, check.expected) for check in checks]
            _put(con, queue, [*items, *hidden])
            return made

        self._ledger.learn(self._writer.run(change), new=True)

    def get(self, name: str) -> Queue:
        """Return the queue called `name`.

        Raises:
            NotFound: there is none; the message lists the nearest names.
        """
        rows = self._read().execute(f"SELECT {_QUEUE} FROM review_queues WHERE name = ?", [name]).fetchall()
        if not rows:
            known = [queue.name for queue in self.list()]
            nothing = "none was made yet: `workbench review create` makes one."
            raise NotFound(unknown("review queue", name, known, none=nothing))
        return _queue(rows[0])

    def set_closed(self, name: str, closed: bool) -> Queue:
        """Close a queue, or open it again, and return it.

        Raises:
            NotFound: there is no such queue.
        """
        self.get(name)
        at = "coalesce(closed_at, now())" if closed else "NULL"
        self._writer.run(
            lambda con: con.execute(f"UPDATE review_queues SET closed_at = {at} WHERE name = ?", [name])
        )
        return self.get(name)

    def remove(self, name: str) -> None:
        """Delete a queue and what was skipped in it; its battles and the votes on them stay.

        Raises:
            NotFound: there is no such queue.
        """
        self.get(name)

        def change(con: duckdb.DuckDBPyConnection) -> None:
            for table, column in (("items", "queue"), ("skips", "queue"), ("queues", "name")):
                con.execute(f"DELETE FROM review_{table} WHERE {column} = ?", [name])

        self._writer.run(change)

    def items(self, name: str) -> "list[QueueItem]":
        """Return the battles of a queue in order, attention pairs among them."""
        rows = self._read().execute(
            "SELECT battle_id, expected::VARCHAR FROM review_items WHERE queue = ? ORDER BY position", [name]
        )
        return [QueueItem(battle_id, _winner(expected)) for battle_id, expected in rows.fetchall()]

    def takes_votes(self, battle_id: UUID) -> bool:
        """Return whether a battle is in a queue that is not closed, so that anybody may vote on it."""
        rows = self._read().execute(
            "SELECT 1 FROM review_items i JOIN review_queues q ON q.name = i.queue "
            "WHERE i.battle_id = ? AND q.closed_at IS NULL LIMIT 1",
            [str(battle_id)],
        )
        return bool(rows.fetchall())

    def summary(self, queue: Queue) -> QueueSummary:
        """Return a queue with its figures."""
        row = (
            self._read()
            .execute(
                "WITH items AS (SELECT battle_id, expected FROM review_items WHERE queue = $queue), "
                f"{_STANDING}, per AS (SELECT battle_id, count(*) AS votes FROM standing "
                "WHERE voter_kind = 'human' GROUP BY battle_id), "
                "known AS (SELECT coalesce(votes, 0) AS votes FROM items LEFT JOIN per USING (battle_id) "
                "WHERE expected IS NULL) "
                "SELECT count(*), count(*) FILTER (votes >= $overlap), coalesce(sum(votes), 0), "
                "coalesce(sum(greatest($overlap - votes, 0)), 0), "
                "(SELECT count(DISTINCT voter) FROM standing JOIN items USING (battle_id) "
                "WHERE voter_kind = 'human' AND expected IS NULL), "
                "(SELECT count(*) FROM review_skips JOIN items USING (battle_id) "
                "ANTI JOIN standing USING (battle_id, voter_kind, voter) "
                "WHERE queue = $queue AND expected IS NULL), "
                "(SELECT count(*) FROM items WHERE expected IS NOT NULL) FROM known",
                {"queue": queue.name, "criterion": queue.criterion, "overlap": queue.overlap},
            )
            .fetchall()[0]
        )
        return QueueSummary(queue, *(int(number) for number in row))

    def state(self, queue: Queue, voter: Voter) -> "list[ItemState]":
        """Return every battle of a queue as it stands for a voter, in the queue's order."""
        rows = self._read().execute(
            "WITH items AS (SELECT battle_id, position, expected FROM review_items WHERE queue = $queue), "
            "newest AS (SELECT battle_id, voter_kind, voter, arg_max_null(winner, revision) AS winner, "
            "min(created_at) FILTER (winner IS NOT NULL) AS met "
            "FROM votes WHERE battle_id IN (SELECT battle_id FROM items) AND criterion = $criterion "
            "AND (voter_kind = 'human' OR voter_kind = $kind AND voter = $voter) GROUP BY ALL), "
            "voted AS (SELECT battle_id, list(voter) FILTER (voter_kind = 'human') AS people, "
            "first(winner) FILTER (voter_kind = $kind AND voter = $voter) AS winner, "
            "first(met) FILTER (voter_kind = $kind AND voter = $voter) AS met "
            "FROM newest WHERE winner IS NOT NULL GROUP BY battle_id), "
            "skipped AS (SELECT battle_id, created_at AS left_at FROM review_skips "
            "WHERE queue = $queue AND voter_kind = $kind AND voter = $voter) "
            "SELECT battle_id, expected IS NOT NULL, people, winner::VARCHAR, left_at IS NOT NULL, "
            "epoch_us(least(met, left_at)) FROM items LEFT JOIN voted USING (battle_id) "
            "LEFT JOIN skipped USING (battle_id) ORDER BY position",
            {
                "queue": queue.name,
                "criterion": queue.criterion,
                "kind": voter.kind.value,
                "voter": voter.name,
            },
        )
        return [
            ItemState(
                battle_id,
                attention,
                tuple(people or ()),
                _winner(winner),
                skipped and winner is None,
                None if met is None else moment(met),
            )
            for battle_id, attention, people, winner, skipped, met in rows.fetchall()
        ]

    def skip(self, name: str, battle_id: UUID, voter: Voter) -> None:
        """Note that a voter leaves a battle of a queue to others; again changes nothing."""
        key = [name, str(battle_id), voter.kind.value, voter.name]
        self._writer.run(
            lambda con: con.execute(
                "INSERT INTO review_skips VALUES (?, ?, ?, ?, now()) ON CONFLICT DO NOTHING", key
            )
        )

    def unskip(self, name: str, battle_id: UUID, voter: Voter) -> None:
        """Forget that a voter skipped a battle of a queue."""
        key = [name, str(battle_id), voter.kind.value, voter.name]
        self._writer.run(
            lambda con: con.execute(
                "DELETE FROM review_skips WHERE queue = ? AND battle_id = ? AND voter_kind = ? AND voter = ?",
                key,
            )
        )

    def votes(self, queue: Queue) -> "list[ReviewVote]":
        """Return people's standing votes on the battles of a queue, attention pairs among them, as first cast."""
        rows = self._read().execute(
            "WITH items AS (SELECT battle_id, expected FROM review_items WHERE queue = $queue), "
            f"{_STANDING}, firsts AS (SELECT battle_id, voter, min(created_at) AS began, min(seq) AS seq FROM votes "
            "WHERE battle_id IN (SELECT battle_id FROM items) AND voter_kind = 'human' "
            "AND criterion = $criterion AND winner IS NOT NULL GROUP BY battle_id, voter) "
            "SELECT battle_id, voter, s.winner::VARCHAR, epoch_us(firsts.began), items.expected::VARCHAR "
            "FROM standing s JOIN items USING (battle_id) JOIN firsts USING (battle_id, voter) "
            "WHERE s.voter_kind = 'human' ORDER BY firsts.began, firsts.seq",
            {"queue": queue.name, "criterion": queue.criterion},
        )
        return [
            ReviewVote(battle_id, Voter(VoterKind.HUMAN, name), Winner(winner), moment(at), _winner(expected))
            for battle_id, name, winner, at, expected in rows.fetchall()
        ]

    def skips(self, name: str) -> dict[Voter, int]:
        """Return how many battles of a queue each voter skipped and has no vote on."""
        queue = self.get(name)
        rows = self._read().execute(
            "WITH items AS (SELECT battle_id FROM review_items WHERE queue = $queue), "
            f"{_STANDING} SELECT voter_kind::VARCHAR, voter, count(*) FROM review_skips "
            "ANTI JOIN standing USING (battle_id, voter_kind, voter) WHERE queue = $queue GROUP BY ALL ORDER BY ALL",
            {"queue": name, "criterion": queue.criterion},
        )
        return {Voter(VoterKind(kind), voter): count for kind, voter, count in rows.fetchall()}

    def list(self) -> "list[Queue]":
        """Return all queues, those that take votes first, each kind from the newest on."""
        rows = self._read().execute(
            f"SELECT {_QUEUE} FROM review_queues "
            "ORDER BY closed_at IS NOT NULL, review_queues.created_at DESC, rowid DESC"
        )
        return [_queue(row) for row in rows.fetchall()]


def _put(con: duckdb.DuckDBPyConnection, queue: Queue, items: Sequence[QueueItem]) -> None:
    known = con.execute(f"SELECT {_QUEUE} FROM review_queues WHERE name = ?", [queue.name]).fetchall()
    refuse_known(queue.name, map(_queue, known))
    ids = [str(item.battle_id) for item in items]
    unusable = con.execute(
        "SELECT id::VARCHAR, votable FROM (SELECT unnest(?::UUID[]) AS id) LEFT JOIN battles ON battle_id = id "
        "WHERE votable IS NULL OR NOT votable LIMIT 1",
        [ids],
    ).fetchall()
    if unusable:
        battle_id, votable = unusable[0]
        if votable is None:
            raise NotFound(f"There is no battle {battle_id}: it was never stored, so no queue can hold it.")
        raise NotVotable(f"The battle {battle_id} takes no vote, so no queue can hold it: leave it out.")
    con.execute(
        "INSERT INTO review_queues (name, instructions, criterion, overlap, created_at) VALUES (?, ?, ?, ?, now())",
        [queue.name, queue.instructions, queue.criterion, queue.overlap],
    )
    con.execute(
        "INSERT INTO review_items SELECT $1, generate_subscripts($2::UUID[], 1), unnest($2::UUID[]), "
        "unnest($3::outcome[])",
        [queue.name, ids, [item.expected.value if item.expected else None for item in items]],
    )


def _queue(row: tuple[Any, ...]) -> Queue:
    name, overlap, instructions, criterion, created, closed = row
    return Queue(
        name, overlap, instructions, criterion, moment(created), None if closed is None else moment(closed)
    )


def _winner(value: str | None) -> Winner | None:
    return None if value is None else Winner(value)
