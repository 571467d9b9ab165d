"""A vote as the row that is stored, and the one statement that puts rows of votes into the database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import duckdb

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

_INSERT = """
INSERT INTO votes
SELECT seq, battle_id, model_a, model_b, winner, voter_kind, voter, criterion, revision, reasons, comment,
       make_timestamptz(created)
FROM (SELECT
    unnest($1::BIGINT[]) AS seq, unnest($2::UUID[]) AS battle_id,
    unnest($3::INTEGER[]) AS model_a, unnest($4::INTEGER[]) AS model_b,
    unnest($5::outcome[]) AS winner, unnest($6::voter_kind[]) AS voter_kind,
    unnest($7::VARCHAR[]) AS voter, unnest($8::VARCHAR[]) AS criterion,
    unnest($9::INTEGER[]) AS revision, unnest($10::VARCHAR[][]) AS reasons,
    unnest($11::VARCHAR[]) AS comment, unnest($12::BIGINT[]) AS created)
"""


def insert_votes(con: duckdb.DuckDBPyConnection, rows: Sequence[VoteRow], *, again: bool = False) -> None:
    """Insert `rows` by one statement; with `again`, rows that already stand there are left out."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        con.execute(_INSERT + (" ON CONFLICT DO NOTHING" if again else ""), columns)


def microseconds(moment_: datetime) -> int:
    """Return the microseconds from 1970 (UTC) to an aware datetime, exactly."""
    return (moment_ - _EPOCH) // _MICROSECOND


def moment(created: int) -> datetime:
    """Return the inverse of `microseconds`, in UTC."""
    return _EPOCH + timedelta(microseconds=created)
