"""Verdicts: what a judge, as it was set up then, made of a battle.

One row for each battle, judge, criterion and fingerprint: a judge that was changed gives a row of its own, and the
latest row of a judge on a battle is what its standing vote says. A failed verdict that is asked for again is replaced.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import duckdb

from arena.errors import NotFound
from arena.judgments import Failure, Verdict
from arena.store.recount import ALL_STANDING
from arena.store.rows import microseconds, moment
from arena.store.writer import Writer
from arena.types import DEFAULT_CRITERION, Winner

VerdictKey = tuple[int, str, str, str]
"""What places a verdict in a list: microseconds since 1970, battle, judge and criterion."""

_COLUMNS = (
    "battle_id::VARCHAR, judge, fingerprint, winner::VARCHAR, criterion, failure, detail, inconsistent, "
    "probability_a, strength, forward::VARCHAR, backward::VARCHAR, calls, epoch_us(created_at)"
)
_INSERT = """
INSERT OR REPLACE INTO verdicts
  (battle_id, judge, fingerprint, winner, criterion, failure, detail, inconsistent, probability_a, strength, forward,
   backward, calls, created_at)
SELECT unnest($1::UUID[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[]), unnest($4::outcome[]), unnest($5::VARCHAR[]),
       unnest($6::VARCHAR[]), unnest($7::VARCHAR[]), unnest($8::BOOLEAN[]), unnest($9::DOUBLE[]),
       unnest($10::INTEGER[]), unnest($11::outcome[]), unnest($12::outcome[]), unnest($13::VARCHAR[][]),
       make_timestamptz(unnest($14::BIGINT[]))
"""
_LATEST = (
    "(SELECT * FROM verdicts "
    "QUALIFY row_number() OVER (PARTITION BY battle_id, judge, criterion ORDER BY created_at DESC, rowid DESC) = 1)"
)

_AGAINST = f"""
winner IS NOT NULL AND (battle_id, criterion, least(enum_code(winner), 2)) IN (
    WITH people AS (
        SELECT battle_id, criterion, count(*) FILTER (winner = 'model_a') AS for_a,
               count(*) FILTER (winner = 'model_b') AS for_b,
               count(*) FILTER (winner IN ('tie', 'both_bad')) AS for_none
        FROM {ALL_STANDING} WHERE voter_kind = 'human' GROUP BY battle_id, criterion
    )
    SELECT (battle_id, criterion, 0) FROM people WHERE for_a < greatest(for_b, for_none)
    UNION ALL SELECT (battle_id, criterion, 1) FROM people WHERE for_b < greatest(for_a, for_none)
    UNION ALL SELECT (battle_id, criterion, 2) FROM people WHERE for_none < greatest(for_a, for_b)
)
"""
"""Outcomes are coded 0 for side A, 1 for side B, 2 for neither."""


@dataclass(frozen=True, slots=True)
class VerdictFilter:
    """Which of the latest verdicts are looked at; `None` means no restriction.

    `winner` keeps those with this outcome, `failure` those that failed for this reason; `failed` all failed ones
    (true) or none (false); `inconsistent` those whose two orders disagreed, or did not. `against_people` keeps those
    on battles where more people's standing votes, on the same criterion, name another outcome than the verdict's; a
    tie and both bad are one outcome here.
    """

    judge: str | None = None
    criterion: str | None = None
    winner: Winner | None = None
    failure: Failure | None = None
    failed: bool | None = None
    inconsistent: bool | None = None
    against_people: bool = False


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """How a judge's latest verdicts came out; `failures` counts by reason, most frequent first."""

    model_a: int = 0
    model_b: int = 0
    tie: int = 0
    both_bad: int = 0
    inconsistent: int = 0
    failures: tuple[tuple[Failure, int], ...] = ()

    @property
    def decided(self) -> int:
        """Return how many verdicts have an outcome."""
        return self.model_a + self.model_b + self.tie + self.both_bad

    @property
    def failed(self) -> int:
        """Return how many verdicts could not be had."""
        return sum(count for _, count in self.failures)


class Verdicts:
    """`store.verdicts`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Store verdicts in one transaction; of the same battle, judge, criterion and fingerprint the last stays."""
        unique = {(v.battle_id, v.judge, v.criterion, v.fingerprint): v for v in verdicts}
        if unique:
            now = datetime.now(UTC)
            columns = [list(column) for column in zip(*(_row(v, now) for v in unique.values()), strict=True)]
            self._writer.run(lambda con: con.execute(_INSERT, columns))

    def get(self, battle_id: UUID, judge: str, criterion: str = DEFAULT_CRITERION) -> Verdict:
        """Return a judge's latest verdict on a battle.

        Raises:
            NotFound: it has given none.
        """
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM verdicts WHERE battle_id = ? AND judge = ? AND criterion = ? "
            "ORDER BY created_at DESC, rowid DESC LIMIT 1",
            [str(battle_id), judge, criterion],
        )
        if not (found := rows.fetchall()):
            raise NotFound(f"{judge} has given no verdict on the battle {battle_id} ({criterion}).")
        return _verdict(found[0])

    def of_battles(
        self, battle_ids: Sequence[UUID], judge: str, criterion: str, fingerprint: str
    ) -> dict[UUID, Verdict]:
        """Return the verdicts that a judge with this fingerprint gave on these battles, by battle."""
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM verdicts WHERE battle_id IN (SELECT unnest(?::UUID[])) "
            "AND judge = ? AND criterion = ? AND fingerprint = ?",
            [[str(battle_id) for battle_id in battle_ids], judge, criterion, fingerprint],
        )
        return {verdict.battle_id: verdict for verdict in map(_verdict, rows.fetchall())}

    def latest(self, battle_ids: Sequence[UUID], judge: str, criterion: str) -> dict[UUID, Verdict]:
        """Return the latest verdict of a judge on each of these battles, however it was set up then, by battle."""
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM {_LATEST} WHERE battle_id IN (SELECT unnest(?::UUID[])) "
            "AND judge = ? AND criterion = ?",
            [[str(battle_id) for battle_id in battle_ids], judge, criterion],
        )
        return {verdict.battle_id: verdict for verdict in map(_verdict, rows.fetchall())}

    def on_battle(self, battle_id: UUID) -> list[Verdict]:
        """Return the latest verdict of every judge and criterion on a battle, by judge."""
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM {_LATEST} WHERE battle_id = ? ORDER BY judge, criterion",
            [str(battle_id)],
        )
        return [_verdict(row) for row in rows.fetchall()]

    def page(self, which: VerdictFilter, *, offset: int = 0, limit: int = 50) -> list[Verdict]:
        """Return `limit` of the latest verdicts from place `offset` (0 is the newest)."""
        condition, parameters = _where(which)
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM {_LATEST} WHERE {condition} ORDER BY created_at DESC, battle_id, judge, criterion "
            "LIMIT ? OFFSET ?",
            [*parameters, limit, offset],
        )
        return [_verdict(row) for row in rows.fetchall()]

    def after(self, which: VerdictFilter, limit: int, before: VerdictKey | None = None) -> list[Verdict]:
        """Return the latest verdicts from the newest on, at most `limit`, those that come after the one `before`."""
        condition, parameters = _where(which)
        if before is not None:
            at, *rest = before
            condition += (
                " AND (created_at < make_timestamptz(?::BIGINT) OR (created_at = make_timestamptz(?::BIGINT) "
                "AND (battle_id, judge, criterion) > (?::UUID, ?, ?)))"
            )
            parameters = [*parameters, at, at, *rest]
        rows = self._read().execute(
            f"SELECT {_COLUMNS} FROM {_LATEST} WHERE {condition} ORDER BY created_at DESC, battle_id, judge, criterion "
            "LIMIT ?",
            [*parameters, limit],
        )
        return [_verdict(row) for row in rows.fetchall()]

    def count(self, which: VerdictFilter) -> int:
        """Return how many of the latest verdicts `which` lets through."""
        condition, parameters = _where(which)
        rows = self._read().execute(f"SELECT count(*) FROM {_LATEST} WHERE {condition}", parameters)
        return int(rows.fetchall()[0][0])

    def counts(self, which: VerdictFilter) -> VerdictCounts:
        """Return how the latest verdicts that `which` lets through came out."""
        condition, parameters = _where(which)
        rows = (
            self._read()
            .execute(
                "SELECT winner::VARCHAR, failure, count(*), count(*) FILTER (inconsistent) "
                f"FROM {_LATEST} WHERE {condition} GROUP BY ALL ORDER BY 3 DESC, 2",
                parameters,
            )
            .fetchall()
        )
        outcomes = {winner: n for winner, _, n, _ in rows if winner is not None}
        failures = tuple((Failure(failure), n) for _, failure, n, _ in rows if failure is not None)
        return VerdictCounts(**outcomes, inconsistent=sum(row[3] for row in rows), failures=failures)


def _where(which: VerdictFilter) -> tuple[str, list[Any]]:
    conditions: list[str] = ["TRUE"]
    parameters: list[Any] = []
    for column in ("judge", "criterion", "winner", "failure", "inconsistent"):
        if (value := getattr(which, column)) is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if which.failed is not None:
        conditions.append("failure IS NOT NULL" if which.failed else "failure IS NULL")
    if which.against_people:
        conditions.append(_AGAINST)
    return " AND ".join(conditions), parameters


def _row(verdict: Verdict, now: datetime) -> list[Any]:
    return [
        str(verdict.battle_id),
        verdict.judge,
        verdict.fingerprint,
        verdict.winner,
        verdict.criterion,
        verdict.failure,
        verdict.detail,
        verdict.inconsistent,
        verdict.probability_a,
        verdict.strength,
        verdict.forward,
        verdict.backward,
        list(verdict.calls),
        microseconds(verdict.created_at or now),
    ]


def _verdict(row: tuple[Any, ...]) -> Verdict:
    battle_id, judge, fingerprint, winner, criterion, failure, detail, inconsistent, *rest = row
    probability_a, strength, forward, backward, calls, created = rest
    return Verdict(
        battle_id=UUID(battle_id),
        judge=judge,
        fingerprint=fingerprint,
        winner=_winner(winner),
        criterion=criterion,
        failure=None if failure is None else Failure(failure),
        detail=detail,
        inconsistent=inconsistent,
        probability_a=probability_a,
        strength=strength,
        forward=_winner(forward),
        backward=_winner(backward),
        calls=tuple(calls),
        created_at=moment(created),
    )


def _winner(name: str | None) -> Winner | None:
    return None if name is None else Winner(name)
