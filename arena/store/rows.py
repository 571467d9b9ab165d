"""A vote as the row that is stored, and the one statement that puts rows of votes into the database."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import duckdb

from arena.errors import StoreDamaged
from arena.types import Vote, Voter, VoterKind, Winner

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class VoteRow(NamedTuple):
    """One row of `votes` in plain values, fit for JSON; `created` counts microseconds since 1970 (UTC)."""

    seq: int
    battle_id: str
    model_a: int
    model_b: int
    winner: str | None
    voter_kind: str
    voter: str
    criterion: str
    revision: int
    reasons: tuple[str, ...]
    comment: str | None
    created: int

    def as_vote(self) -> Vote:
        """Return the row as the value that the rest of the workbench speaks in."""
        return Vote(
            battle_id=UUID(self.battle_id),
            winner=None if self.winner is None else Winner(self.winner),
            voter=Voter(VoterKind(self.voter_kind), self.voter),
            criterion=self.criterion,
            revision=self.revision,
            reasons=tuple(self.reasons),
            comment=self.comment,
            created_at=moment(self.created),
        )


VOTE_COLUMNS = (
    "seq, battle_id::VARCHAR, model_a, model_b, winner::VARCHAR, voter_kind::VARCHAR, voter, criterion, revision, "
    "reasons, comment, epoch_us(created_at)"
)
"""The columns of `votes` in the order and form of `VoteRow`."""

_COLUMN_TYPES = {
    "seq": "BIGINT",
    "battle_id": "VARCHAR",
    "model_a": "INTEGER",
    "model_b": "INTEGER",
    "winner": "VARCHAR",
    "voter_kind": "VARCHAR",
    "voter": "VARCHAR",
    "criterion": "VARCHAR",
    "revision": "INTEGER",
    "reasons": ["VARCHAR"],
    "comment": "VARCHAR",
    "created": "BIGINT",
}
_UNNESTED = ", ".join(f"unnest(g.{name}) AS {name}" for name in _COLUMN_TYPES)
_ROWS = f"""
SELECT seq, battle_id::UUID AS battle_id, model_a, model_b, winner::outcome AS winner,
       voter_kind::voter_kind AS voter_kind, voter, criterion, revision, reasons, comment,
       make_timestamptz(created) AS created_at
FROM (SELECT {_UNNESTED} FROM (
    SELECT from_json(line, '{json.dumps({name: [kind] for name, kind in _COLUMN_TYPES.items()})}') AS g
    FROM (SELECT unnest($1::VARCHAR[]) AS line)))
"""


def dump_rows(rows: Sequence[VoteRow]) -> str:
    """Return rows as one JSON object of columns: what the log holds, and what DuckDB itself reads back."""
    return json.dumps(dict(zip(VoteRow._fields, zip(*rows, strict=True), strict=True)), separators=(",", ":"))


def load_rows(text: str) -> list[VoteRow]:
    """Return the inverse of `dump_rows`."""
    columns = json.loads(text)
    return [VoteRow(*row) for row in zip(*(columns[name] for name in VoteRow._fields), strict=True)]


def insert_votes(con: duckdb.DuckDBPyConnection, groups: Sequence[str]) -> None:
    """Insert groups of rows, as `dump_rows` made them, by one statement."""
    if groups:
        con.execute(f"INSERT INTO votes {_ROWS}", [list(groups)])


def insert_votes_again(con: duckdb.DuckDBPyConnection, groups: Sequence[str]) -> None:
    """Insert those rows of `groups` that are not there yet.

    Raises:
        StoreDamaged: another row stands where one of them belongs.
    """
    if not groups:
        return
    con.execute(f"CREATE OR REPLACE TEMP TABLE logged AS {_ROWS}", [list(groups)])
    con.execute("INSERT INTO votes SELECT * FROM logged ON CONFLICT DO NOTHING")
    contradicted, first = con.execute(
        "SELECT count(*), min(battle_id)::VARCHAR FROM logged ANTI JOIN votes "
        "USING (seq, battle_id, model_a, model_b, voter_kind, voter, criterion, revision, created_at)"
    ).fetchall()[0]
    if contradicted:
        raise StoreDamaged(
            f"{contradicted} votes of the vote log contradict the database, the first on battle {first}: "
            "the log and the database are not of one state, restore both from one copy."
        )
    con.execute("DROP TABLE logged")


def microseconds(moment_: datetime) -> int:
    """Return the microseconds from 1970 (UTC) to an aware datetime, exactly."""
    return (moment_ - _EPOCH) // _MICROSECOND


def moment(created: int) -> datetime:
    """Return the inverse of `microseconds`, in UTC."""
    return _EPOCH + timedelta(microseconds=created)
