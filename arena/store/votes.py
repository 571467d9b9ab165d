"""Votes: cast, take back, correct, and count what stands.

Whoever calls gets an answer only when the vote is on the disk; see `arena.store.ledger` for how.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb

from arena.boards import Sorting
from arena.errors import AlreadyVoted, InvalidInput, NotFound, StoreFailed, WorkbenchError
from arena.ratings.grouped import By, GroupedCounts
from arena.ratings.pair_table import PairTable
from arena.ratings.soft import SoftCount
from arena.store import counts, grouped, history, soft, values
from arena.store.check import CountsCheck, compare, plainly
from arena.store.ledger import Ledger
from arena.store.models import ModelNames
from arena.store.rows import VOTE_COLUMNS, VoteRow
from arena.store.standings import Key
from arena.store.tallies import Tallies, is_coarse
from arena.store.waiting import Change, Check, Draft
from arena.types import (
    DEFAULT_CRITERION,
    Vote,
    VoteColumns,
    VoteFilter,
    Voter,
    VoterKind,
    Winner,
)
from arena.until import TimedVotes

Read = Callable[[], duckdb.DuckDBPyConnection]


@dataclass(frozen=True, slots=True)
class Sent:
    """A vote that was cast, and the names of the models it reveals."""

    vote: Vote
    model_a: str
    model_b: str


class Votes:
    """`store.votes`; every method may be called from any thread."""

    def __init__(self, ledger: Ledger, read: Read, tallies: Tallies) -> None:
        self._ledger = ledger
        self._read = read
        self._tallies = tallies
        self._names = ModelNames(read)

    def cast(self, vote: Vote) -> Vote:
        """Store a vote and return it with its revision and time; it is durable and counted when this returns.

        Raises:
            InvalidInput: no winner, voter or criterion, or text that is not Unicode.
            NotFound: there is no such battle.
            NotVotable: the battle was never finished, or an answer failed.
            AlreadyVoted: a vote of this voter on this battle and criterion stands.
            StoreFailed: the vote could not be saved, so it does not count.
        """
        return self._write(vote, _casting(vote))

    async def send(self, vote: Vote, check: Check | None = None) -> Sent:
        """Do what `cast` does for a coroutine, without a thread that waits; return who answered as well.

        `check` may refuse the vote once it is known who started the battle: it raises what the caller shall get. A
        vote whose coroutine is cancelled may still be stored.

        Raises:
            WorkbenchError: as `cast` does, or whatever `check` raised.
        """
        _check(vote)
        row, at = await self._ledger.send(vote.battle_id, _key(vote), _casting(vote), check)
        names = self._names.of((row.model_a, row.model_b))
        return Sent(_as_cast(vote, row, at), names[row.model_a], names[row.model_b])

    def undo(self, battle_id: UUID, voter: Voter, criterion: str = DEFAULT_CRITERION) -> Vote:
        """Take a standing vote back and return the revision that says so; the voter may then vote again.

        Raises:
            NotFound: no vote of this voter stands there.
            StoreFailed: it could not be saved, so the vote still stands.
        """
        blank = Vote(battle_id, None, voter, criterion)
        return self._write(blank, lambda newest: Draft(None, _standing(newest, voter).revision + 1, (), None))

    def correct(
        self,
        battle_id: UUID,
        voter: Voter,
        criterion: str = DEFAULT_CRITERION,
        *,
        winner: Winner | None = None,
        reasons: tuple[str, ...] | None = None,
        comment: str | None = None,
    ) -> Vote:
        """Change what is given of a standing vote by a new revision, and return that; the rest stays.

        Raises:
            NotFound: no vote of this voter stands there.
            InvalidInput: text that is not Unicode.
            StoreFailed: it could not be saved, so the vote stands as it was.
        """
        given = Vote(battle_id, winner, voter, criterion, 0, reasons or (), comment)

        def change(newest: VoteRow | None) -> Draft:
            old = _standing(newest, voter)
            return Draft(
                old.winner if winner is None else winner.value,
                old.revision + 1,
                tuple(old.reasons) if reasons is None else reasons,
                old.comment if comment is None else comment,
            )

        return self._write(given, change)

    def settle(self, vote: Vote) -> bool:
        """Make `vote` what stands for its voter on its battle and criterion, by a new revision where it is not.

        Without a winner nothing shall stand. Returns whether anything had to be written.

        Raises:
            InvalidInput: no voter or criterion, or text that is not Unicode.
            NotFound: there is no such battle.
            NotVotable: the battle was never finished, or an answer failed.
            StoreFailed: it could not be saved, so what stood before stands.
        """
        try:
            self._write(vote, _settling(vote))
        except _StandsAlreadyError:
            return False
        return True

    def settle_all(self, votes: Sequence[Vote]) -> list[WorkbenchError | None]:
        """Settle many votes with one flush; return for each the error that refused it, as `settle` would raise it.

        Raises:
            StoreFailed: they could not be saved, so what stood before stands.
        """
        for vote in votes:
            _check(vote)
        refused: list[WorkbenchError | None] = []
        for error in self._ledger.write_all([(v.battle_id, _key(v), _settling(v)) for v in votes]):
            if error is None or isinstance(error, _StandsAlreadyError):
                refused.append(None)
            elif isinstance(error, WorkbenchError) and not isinstance(error, StoreFailed):
                refused.append(error)
            else:
                raise error
        return refused

    def state(self) -> int:
        """Return a number that is another after any change to votes, or to which of them count, while this is open."""
        return self._tallies.changes

    def standing(self, battle_id: UUID) -> list[Vote]:
        """Return the votes that stand on a battle, in the order they were cast."""
        return self._rows("standing_votes", battle_id)

    def history(self, battle_id: UUID) -> list[Vote]:
        """Return every revision of every vote on a battle, undone ones included, in the order they were written."""
        return self._rows("votes", battle_id)

    def count(self, votes: VoteFilter | None = None) -> int:
        """Return the number of standing votes that `votes` lets through; `None` lets every criterion through."""
        return counts.count(self._read(), votes)

    def count_by_voter(self, voter: Voter, since: datetime | None = None) -> int:
        """Return the number of battles a voter has a standing vote on, optionally only those voted on `since`."""
        return counts.count_by_voter(self._read(), voter, since)

    def pair_counts(self, votes: VoteFilter) -> PairTable:
        """Return the outcomes of every pair of models that met, one row a pair, `model_a` < `model_b` by name."""
        if is_coarse(votes):
            self._tallies.ensure(self._ledger.mark, self._read)
            if (kept := self._tallies.pair_counts(votes, self._names.of)) is not None:
                return kept
        return counts.pair_counts(self._read(), votes)

    def grouped(self, votes: VoteFilter, by: By) -> GroupedCounts:
        """Return the votes summed by pair, outcome and voter, prompt or battle."""
        return grouped.grouped(self._read(), votes, by)

    def soft_counts(self, votes: VoteFilter) -> list[SoftCount]:
        """Return the votes of every pair of models that met, each as sure as the verdict behind it, in both orders."""
        return soft.soft_counts(self._read(), votes)

    def outcomes(self, votes: VoteFilter) -> VoteColumns:
        """Return the standing votes as columns in the order they were cast, for ratings that depend on order."""
        return counts.outcomes(self._read(), votes)

    def timed(self, votes: VoteFilter, by: Sequence[By] = ()) -> TimedVotes:
        """Return the standing votes with their times, in the order of those, and with the keys `by`."""
        return history.timed(self._read(), votes, by)

    def values(self, votes: VoteFilter, by: Sorting) -> dict[str | None, int]:
        """Return the votes of each category, language, criterion or kind of voter; see `arena.store.values`."""
        return values.values(self._read(), votes, by)

    def voters(self, votes: VoteFilter | None = None) -> int:
        """Return the number of voters behind the standing votes that `votes` lets through."""
        return counts.voters(self._read(), votes)

    def voter_kinds(self) -> dict[VoterKind, int]:
        """Return the number of standing votes of each kind of voter that has any, without battles set aside."""
        self._tallies.ensure(self._ledger.mark, self._read)
        kept = self._tallies.voter_kinds()
        return counts.voter_kinds(self._read()) if kept is None else kept

    def check(self) -> CountsCheck:
        """Hold the counts kept against the votes table; counts that are not right are forgotten, to be counted anew.

        Votes may land meanwhile. An import or a battle set aside meanwhile begins the check again.
        """
        while True:
            self._tallies.ensure(self._ledger.mark, self._read)
            before, version, kept = self._ledger.snapshot()
            counted = plainly(self._read(), before)
            if self._tallies.version == version:
                break
        found = compare(kept, counted, counts.model_names(self._read()))
        if not found.sound:
            self._tallies.invalidate()
        return found

    def judged(self) -> bool:
        """Return whether any vote of a judge stands, also on a battle set aside."""
        self._tallies.ensure(self._ledger.mark, self._read)
        kept = self._tallies.judged()
        return counts.judged(self._read()) if kept is None else kept

    def tallies(
        self, battle_ids: Sequence[UUID], kind: VoterKind, criterion: str = DEFAULT_CRITERION
    ) -> dict[UUID, dict[Winner, int]]:
        """Return how voters of one kind voted on each of these battles; battles without such a vote are left out."""
        rows = self._read().execute(
            "SELECT battle_id, winner::VARCHAR, count(*) FROM standing_votes "
            "WHERE battle_id IN (SELECT unnest(?::UUID[])) AND voter_kind = ? AND criterion = ? GROUP BY ALL",
            [[str(battle_id) for battle_id in battle_ids], kind.value, criterion],
        )
        tallies: defaultdict[UUID, dict[Winner, int]] = defaultdict(dict)
        for battle_id, winner, votes in rows.fetchall():
            tallies[battle_id][Winner(winner)] = votes
        return dict(tallies)

    def _write(self, vote: Vote, change: Change) -> Vote:
        _check(vote)
        return _as_cast(vote, *self._ledger.write(vote.battle_id, _key(vote), change))

    def _rows(self, table: str, battle_id: UUID) -> list[Vote]:
        rows = self._read().execute(
            f"SELECT {VOTE_COLUMNS} FROM {table} WHERE battle_id = ? ORDER BY seq", [str(battle_id)]
        )
        return [VoteRow(*row).as_vote() for row in rows.fetchall()]


def _as_cast(vote: Vote, row: VoteRow, at: datetime) -> Vote:
    winner = None if row.winner is None else Winner(row.winner)
    return Vote(
        vote.battle_id, winner, vote.voter, vote.criterion, row.revision, row.reasons, row.comment, at
    )


def _casting(vote: Vote) -> Change:
    """Return the change that casts `vote` where none of its voter stands."""
    if vote.winner is None:
        raise InvalidInput(f"A vote needs a winner: choose one of {', '.join(Winner)}.")
    winner = vote.winner.value

    def change(newest: VoteRow | None) -> Draft:
        if newest is not None and newest.winner is not None:
            raise AlreadyVoted(
                f"{vote.voter.name} has voted on this battle already ({newest.winner}): "
                "take that vote back first, or start another battle."
            )
        revision = 0 if newest is None else newest.revision + 1
        return Draft(winner, revision, vote.reasons, vote.comment, vote.created_at)

    return change


class _StandsAlreadyError(Exception):
    """Nothing is to be written, because it is as it should be."""


def _settling(vote: Vote) -> Change:
    """Return the change after which `vote` stands, or nothing where it has no winner."""
    winner = None if vote.winner is None else vote.winner.value

    def change(newest: VoteRow | None) -> Draft:
        standing = (newest.winner, tuple(newest.reasons), newest.comment) if newest else (None, (), None)
        if standing == (winner, vote.reasons, vote.comment) or (standing[0] is None and winner is None):
            raise _StandsAlreadyError
        revision = 0 if newest is None else newest.revision + 1
        return Draft(winner, revision, vote.reasons, vote.comment, vote.created_at)

    return change


def _key(vote: Vote) -> Key:
    return (vote.voter.kind.value, vote.voter.name, vote.criterion)


def _standing(newest: VoteRow | None, voter: Voter) -> VoteRow:
    if newest is None or newest.winner is None:
        raise NotFound(f"{voter.name} has no vote on this battle to change: vote first.")
    return newest


def _check(vote: Vote) -> None:
    """Refuse what the database would refuse, before the vote is acknowledged."""
    if not vote.voter.name.strip():
        raise InvalidInput("A vote needs a voter: give a name.")
    if not vote.criterion.strip():
        raise InvalidInput(f"A vote needs a criterion: give one, usually {DEFAULT_CRITERION!r}.")
    if vote.created_at is not None and vote.created_at.tzinfo is None:
        raise InvalidInput(f"The time of a vote needs a time zone: {vote.created_at.isoformat()} has none.")
    try:
        for text in (vote.voter.name, vote.criterion, vote.comment or "", *vote.reasons):
            text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"A text of the vote cannot be stored, it is not Unicode: {error.object!r}."
        ) from error
