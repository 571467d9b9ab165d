"""How verdicts are kept: the vote first, the verdict after it, many at a time.

Whatever interrupts a run between the two, the next run finds the battle without a verdict, has its calls in the store
already, and comes to the same vote again, which then needs no writing. So a verdict is never without its vote. For the
same reason verdicts may wait a moment for others to be stored with: what they cost is safe before they are reached.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from arena.errors import NotVotable
from arena.judgments import Failure, Score, ScorerInfo, Verdict
from arena.store import Store
from arena.types import Vote, Voter, VoterKind
from judges.tally import Tally

KEEP_SECONDS = 1.0
"""Verdicts are stored so often."""


class Keeper:
    """Stores verdicts and scores in the background, and counts verdicts once they are stored.

    A context manager; what is left is stored at its end, also when the block ends by an error or is cancelled. What
    could not be stored is raised there (`StoreFailed`), or before by `add`.
    """

    def __init__(self, store: Store, tally: Tally) -> None:
        self._store = store
        self._tally = tally
        self._verdicts: list[Verdict] = []
        self._scores: list[tuple[ScorerInfo, Sequence[Score]]] = []
        self._lock = asyncio.Lock()
        self._work: asyncio.Task[None] | None = None

    def add(
        self, verdicts: Sequence[Verdict], scores: tuple[ScorerInfo, Sequence[Score]] | None = None
    ) -> None:
        """Take verdicts, and the scores they rest on.

        Raises:
            StoreFailed: earlier ones could not be stored.
        """
        if self._work is not None and self._work.done():
            self._work.result()
        self._verdicts += verdicts
        if scores is not None and scores[1]:
            self._scores.append(scores)

    async def __aenter__(self) -> Self:
        self._work = asyncio.create_task(self._keep_on())
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._work is not None
        self._work.cancel()
        await asyncio.wait([self._work])
        await self._keep()
        if not self._work.cancelled():
            self._work.result()

    async def _keep_on(self) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            await asyncio.shield(self._keep())

    async def _keep(self) -> None:
        async with self._lock:
            verdicts, self._verdicts = self._verdicts, []
            scores, self._scores = self._scores, []
            if verdicts or scores:
                self._tally.add(await asyncio.to_thread(self._store_all, verdicts, scores))

    def _store_all(
        self, verdicts: Sequence[Verdict], scores: Sequence[tuple[ScorerInfo, Sequence[Score]]]
    ) -> list[Verdict]:
        by_scorer: dict[str, tuple[ScorerInfo, list[Score]]] = {}
        for info, found in scores:
            by_scorer.setdefault(info.fingerprint, (info, []))[1].extend(found)
        for info, together in by_scorer.values():
            self._store.scores.add(info, together)
        return keep(self._store, verdicts)


def keep(store: Store, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Settle the votes that verdicts are, store the verdicts, and return them as they are stored.

    A judge without a verdict has no vote standing, not even an older one.

    Raises:
        StoreFailed: they could not be stored.
    """
    stored = _voted(store, verdicts)
    store.verdicts.add(stored)
    return stored


def _voted(store: Store, verdicts: Sequence[Verdict]) -> list[Verdict]:
    votes = [Vote(v.battle_id, v.winner, Voter(VoterKind.JUDGE, v.judge), v.criterion) for v in verdicts]
    voted = []
    for verdict, refused in zip(verdicts, store.votes.settle_all(votes), strict=True):
        if isinstance(refused, NotVotable):
            verdict = replace(verdict, winner=None, failure=Failure.NOT_APPLICABLE, detail=str(refused))
        elif refused is not None:
            raise refused
        voted.append(verdict)
    return voted
