"""Judging battles: from a filter to stored verdicts and the votes they are, with what can be stopped and resumed."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from arena.judgments import BattleFilter, Failure, JudgeSpec, Verdict
from arena.store import Store
from arena.types import Battle
from judges.asking import AskingJudge
from judges.calls import CallGroup, CallRunner, GroupOutcome
from judges.direct import PORTION, DirectJudge
from judges.keeping import Keeper
from judges.opening import Jury, OpenJudge, Surroundings, open_judge
from judges.reading import Unreadable
from judges.reports import JudgeProgress, JudgeReport
from judges.tally import Tally

LOADED_FIRST = 16
LOADED_AT_ONCE = 200
"""So many battles are read from the store together; few at first, so that the first calls go out at once."""

ALWAYS_AGAIN = (Failure.NO_REPLY,)
"""Failures that say nothing about the battle, so that every run asks again."""

STOPPED = "Stopped: what was in flight is stored, the rest was not asked."


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a run: requests at once (the judge's own number if absent), money, tokens; and what it asks again."""

    slots: int | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    retry_failed: bool = False

    @property
    def again(self) -> tuple[Failure, ...]:
        """Failures that do not count as a verdict."""
        return tuple(Failure) if self.retry_failed else ALWAYS_AGAIN


@dataclass(frozen=True, slots=True)
class Errand:
    """Which battles one judge is to judge now, and how."""

    spec: JudgeSpec
    judge: OpenJudge
    battles: Sequence[UUID]
    criterion: str
    limits: Limits
    around: Surroundings
    stop: threading.Event
    tally: Tally

    @property
    def store(self) -> Store:
        """The store of the home."""
        return self.around.store


async def judge_battles(
    spec: JudgeSpec,
    battles: BattleFilter,
    criterion: str,
    around: Surroundings,
    limits: Limits,
    *,
    on_progress: Callable[[JudgeProgress], None] | None = None,
    stop: threading.Event | None = None,
) -> JudgeReport:
    """Let a judge judge those of `battles` it has no verdict on as it is now; every verdict is stored as it comes.

    Raises:
        NotFound: its model, template, metric or a member is gone.
        InvalidInput: an option or a ceiling is impossible.
        StoreFailed: verdicts could not be stored.
    """
    judge = await asyncio.to_thread(open_judge, spec, around)
    left, _, before = await asyncio.to_thread(
        around.store.battles.to_judge, battles, spec.name, criterion, judge.fingerprint, limits.again
    )
    begun = JudgeReport(spec.name, criterion, judge.fingerprint, len(left) + before, before)
    errand = Errand(
        spec, judge, left, criterion, limits, around, stop or threading.Event(), Tally(len(left), on_progress)
    )
    return await _report(errand, begun)


async def _report(errand: Errand, begun: JudgeReport) -> JudgeReport:
    if isinstance(errand.judge, Jury):
        from judges.jury_run import run_jury  # which runs its members by what stands here

        return await run_jury(errand, begun)
    async with Keeper(errand.store, errand.tally) as keeper:
        ended = await run(errand, keeper)
    errand.tally.tell(last=True)
    stopped = errand.stop.is_set() and errand.tally.done < errand.tally.total
    return errand.tally.report(begun, ended_early=ended or (STOPPED if stopped else None), stopped=stopped)


async def run(errand: Errand, keeper: Keeper) -> str | None:
    """Do the errand of a judge that is no jury; return in one sentence why it ended early, if it did."""
    if isinstance(errand.judge, AskingJudge):
        return await _ask(errand, errand.judge, keeper)
    await _look(errand, errand.judge, keeper)  # type: ignore[arg-type]
    return None


async def _ask(errand: Errand, judge: AskingJudge, keeper: Keeper) -> str | None:
    limits = errand.limits
    errand.tally.begin_calls()
    runner = CallRunner(
        judge.model,
        errand.spec.name,
        judge.call_fingerprint,
        errand.store.judgments,
        judge.settings(slots=limits.slots, max_cost=limits.max_cost, max_tokens=limits.max_tokens),
        stop=errand.stop,
        on_progress=errand.tally.heard,
    )
    groups = _groups(errand, judge, keeper)
    async with aclosing(runner.ask(groups)) as portions:
        async for portion in portions:
            _settle(errand, judge, keeper, portion)
    errand.tally.heard(runner.progress)
    return runner.ended


async def _groups(errand: Errand, judge: AskingJudge, keeper: Keeper) -> AsyncIterator[CallGroup[Battle]]:
    """Yield the calls of each battle; a battle this judge cannot judge gets its verdict here, and no call."""
    async for battles in _loaded(errand):
        groups, refused = await asyncio.to_thread(_requests, judge, battles, errand.criterion)
        keeper.add(refused)
        for group in groups:
            yield group


def _requests(
    judge: AskingJudge, battles: Sequence[Battle], criterion: str
) -> tuple[list[CallGroup[Battle]], list[Verdict]]:
    groups, refused = [], []
    for battle in battles:
        try:
            groups.append(CallGroup(battle, judge.requests(battle, criterion)))
        except Unreadable as reason:
            refused.append(
                Verdict(
                    battle.battle_id,
                    judge.spec.name,
                    judge.fingerprint,
                    None,
                    criterion,
                    reason.failure,
                    reason.detail,
                )
            )
    return groups, refused


def _settle(
    errand: Errand, judge: AskingJudge, keeper: Keeper, portion: Sequence[GroupOutcome[Battle]]
) -> None:
    criterion = errand.criterion
    verdicts = [judge.verdict(found.tag, criterion, found.outcomes) for found in portion]
    scores = [score for found in portion for score in judge.scores(found.tag, criterion, found.outcomes)]
    keeper.add(verdicts, (judge.scorer_info(criterion), scores) if scores else None)


async def _look(errand: Errand, judge: DirectJudge, keeper: Keeper) -> None:
    async for battles in _loaded(errand, PORTION):
        keeper.add(await asyncio.to_thread(judge.judge, battles, errand.criterion))


async def _loaded(errand: Errand, at_once: int = LOADED_AT_ONCE) -> AsyncIterator[list[Battle]]:
    """Yield the battles in portions, small ones first, until all are loaded or the run is to stop."""
    ids = iter(errand.battles)
    size = min(LOADED_FIRST, at_once)
    while (portion := list(islice(ids, size))) and not errand.stop.is_set():
        yield await asyncio.to_thread(errand.store.battles.load, portion)
        size = min(2 * size, at_once)
