"""One run of `judges.calls`: what is in flight, what waits, what has arrived and is not stored yet.

A call moves from `ready` into a slot, and from there to `arrived` and out, or back to `ready` after a pause. A slot is
free from the moment its reply is here: neither a pause nor the store holds one. Retries go before calls never asked,
because what is asked late is what a run waits for at its end. Many times a second everything that has arrived is
stored in one transaction, on another thread, and only then counts.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from arena.judgments import Failure, JudgeCall
from arena.store.judgments import Known
from judges.call_attempt import Attempt, Tries, attempt
from judges.call_progress import CallProgress, Pace
from judges.calls import CallGroup, CallOutcome, CallRequest, GroupOutcome
from judges.slots import Slots
from judges.spending import Estimate

if TYPE_CHECKING:
    from judges.calls import CallRunner

TAKEN_FIRST = 16
TAKEN_AT_ONCE = 64
"""Groups whose keys are looked up together; few at first, so that the first calls go out at once."""

PROGRESS_SECONDS = 0.2

Groups = Iterable[CallGroup[Any]] | AsyncIterable[CallGroup[Any]]
Portion = list[GroupOutcome[Any]]


@dataclass(slots=True, eq=False)
class _Group:
    """A group with the outcomes it has so far."""

    source: CallGroup[Any]
    outcomes: dict[str, CallOutcome] = field(default_factory=dict)
    dropped: bool = False
    """Whether one of its calls is not going to be asked, so that it never becomes whole."""

    @property
    def whole(self) -> bool:
        return all(request.key in self.outcomes for request in self.source.requests)

    def outcome(self) -> GroupOutcome[Any]:
        return GroupOutcome(
            self.source.tag, tuple(self.outcomes[request.key] for request in self.source.requests)
        )


@dataclass(slots=True, eq=False)
class _Call:
    """One call without an outcome yet; `groups` wait for it, `stored` counts its key's attempts so far."""

    request: CallRequest
    stored: int
    groups: list[_Group]
    tries: Tries = field(default_factory=Tries)


@dataclass(frozen=True, slots=True)
class _Arrived:
    """An attempt to be stored; `settles` is the call it gives its outcome, if it does."""

    row: JudgeCall
    settles: _Call | None


class CallRun:
    """The state of one run, all of it in one event loop."""

    def __init__(self, runner: "CallRunner", groups: Groups, total: int | None) -> None:
        self._runner = runner
        self._groups = groups
        self._total = total
        self._slots = Slots(runner.settings.slots)
        self._calls: dict[str, _Call] = {}
        self._lately: dict[str, CallOutcome] = {}
        """Outcomes since the last look into the store, which it may have missed."""
        self._ready: deque[_Call] = deque()
        self._waiting: dict[_Call, asyncio.TimerHandle] = {}
        self._arrived: list[_Arrived] = []
        self._in_flight = 0
        self._lost_in_a_row = 0
        self._halted = False
        self._deaf = False
        """Whether the rest of the groups is of no interest any more, not even what is stored of it."""
        self._fed = False
        self._ended = False
        self._open = 0
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        """Set once nothing is left to wait for, so that a run does not end with a pause."""
        self._out: asyncio.Queue[Portion | None] = asyncio.Queue()
        self._tally: Counter[str] = Counter()
        self._failures: Counter[Failure] = Counter()
        self._pace = Pace()
        self._told_at = 0.0

    async def portions(self) -> AsyncGenerator[Portion, None]:
        """Work, and give whole groups out as they are settled."""
        work = asyncio.create_task(self._work())
        try:
            while portion := await self._taken():
                self._open -= len(portion)
                self._room.set()
                yield portion
            await work
        finally:
            work.cancel()
            await asyncio.wait([work])
            self._runner.store.add_calls([arrived.row for arrived in self._arrived])
            self._arrived.clear()
            self._tell(ended=True)

    async def _taken(self) -> Portion:
        """Wait for groups to give out and return all there are, none at the end."""
        portion: Portion = []
        while not self._ended and (not portion or not self._out.empty()):
            more = await self._out.get()
            self._ended = more is None
            portion += more or ()
        return portion

    async def _work(self) -> None:
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._feeder = self._tasks.create_task(self._feed())
                await self._tick()
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        finally:
            self._out.put_nowait(None)

    # Groups come in

    async def _feed(self) -> None:
        most_open = max(4 * self._runner.settings.slots, 4 * TAKEN_AT_ONCE)
        async for taken in _in_portions(self._groups, TAKEN_FIRST, TAKEN_AT_ONCE):
            keys = [request.key for group in taken for request in group.requests]
            self._lately.clear()
            known = await asyncio.to_thread(self._runner.store.known, keys)
            self._open += len(taken)
            self._give([group for source in taken if (group := self._admit(source, known)) is not None])
            self._pump()
            while self._open >= most_open:
                self._room.clear()
                await self._room.wait()
        self._fed = True
        self._look_idle()

    def _admit(self, source: CallGroup[Any], known: dict[str, Known]) -> _Group | None:
        """Take a group in; return it when it is whole already."""
        group = _Group(source)
        for request in source.requests:
            key = request.key
            if key in self._calls:
                self._calls[key].groups.append(group)
                continue
            reading = known[key].reading if key in known else None
            earlier = self._lately.get(key)
            if reading is not None:
                group.outcomes[key] = CallOutcome(key, reading, cached=True)
                self._tally["cached"] += 1
            elif earlier is not None:
                self._count(earlier, again=True)
                group.outcomes[key] = earlier
            elif self._halted:
                group.dropped = True
                self._tally["not_asked"] += 1
            else:
                stored = known[key].attempt if key in known else 0
                self._calls[key] = call = _Call(request, stored, [group])
                self._ready.append(call)
        self._open -= group.dropped
        return group if group.whole else None

    # Calls go out and come back

    def _pump(self) -> None:
        """Start as many calls as there is room for."""
        while self._ready and not self._halted and self._slots.free(self._in_flight):
            estimate = self._runner.estimator.of(self._ready[0].request.messages)
            if not self._runner.meter.reserve(estimate):
                if not self._in_flight or self._runner.meter.exhausted(estimate):
                    self._halt(f"The ceiling was reached: {self._runner.meter.ceiling()}.", deaf=False)
                return
            self._in_flight += 1
            self._tasks.create_task(self._serve(self._ready.popleft(), estimate))

    async def _serve(self, call: _Call, estimate: Estimate) -> None:
        runner = self._runner
        tried = await attempt(runner.model, call.request, runner.sampling)
        self._in_flight -= 1
        pause = call.tries.pause_after(tried, runner.settings, runner.jitter)
        self._slots.answered(self._in_flight, busy=tried.busy, pause=pause)
        call.stored += 1
        row = self._row(call, tried, estimate)
        self._arrived.append(_Arrived(row, call if pause is None else None))
        if tried.replied:
            self._lost_in_a_row = 0
        elif pause is None:
            self._lost_in_a_row += 1
            if self._lost_in_a_row >= runner.settings.give_up_after:
                self._halt(
                    f"{self._lost_in_a_row} calls in a row brought no reply, the last because: {row.detail}"
                )
        if pause is not None:
            self._ask_again(call, pause)
        self._pump()
        self._look_idle()

    def _look_idle(self) -> None:
        if (self._fed or self._deaf) and not (self._in_flight or self._ready or self._waiting):
            self._idle.set()

    def _row(self, call: _Call, tried: Attempt, estimate: Estimate) -> JudgeCall:
        """Settle what the attempt took, and return it as it is stored."""
        runner, came = self._runner, tried.completion
        prompt_tokens = came.prompt_tokens if came else None
        completion_tokens = came.completion_tokens if came else None
        cost = runner.meter.settle(estimate, prompt_tokens, completion_tokens, charged=tried.charged)
        runner.estimator.learn(call.request.messages, prompt_tokens, completion_tokens)
        self._tally["requests"] += 1
        return JudgeCall(
            key=call.request.key,
            attempt=call.stored,
            judge=runner.judge,
            fingerprint=runner.fingerprint,
            messages=call.request.messages,
            reply=came.text if came else None,
            reading=tried.reading,
            failure=tried.failure,
            detail=tried.detail,
            finish_reason=came.finish_reason if came else None,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost=cost,
            seconds=tried.seconds,
            created_at=datetime.now(UTC),
        )

    def _ask_again(self, call: _Call, pause: float) -> None:
        if self._halted:
            self._drop(call)
        elif pause:
            self._waiting[call] = asyncio.get_running_loop().call_later(pause, self._come_back, call)
        else:
            self._ready.appendleft(call)

    def _come_back(self, call: _Call) -> None:
        del self._waiting[call]
        self._ready.appendleft(call)
        self._pump()

    def _halt(self, why: str, *, deaf: bool = True) -> None:
        """Start no call any more; those in flight are still awaited."""
        if deaf and not self._deaf:
            self._deaf = True
            self._feeder.cancel()
        if self._halted:
            return
        self._halted = True
        self._runner.ended = why
        for timer in self._waiting.values():
            timer.cancel()
        for call in (*self._ready, *self._waiting):
            self._drop(call)
        self._ready.clear()
        self._waiting.clear()
        self._room.set()
        self._look_idle()

    def _drop(self, call: _Call) -> None:
        """Forget a call that is not going to be asked, and the groups that waited for it."""
        del self._calls[call.request.key]
        self._tally["not_asked"] += len(call.groups)
        for group in call.groups:
            self._open -= not group.dropped
            group.dropped = True

    # What has arrived is stored, and counts

    async def _tick(self) -> None:
        stop = self._runner.stop
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._runner.settings.save_seconds):
                    await self._idle.wait()
            if stop is not None and stop.is_set():
                self._halt("The run was stopped.")
            await self._save()
            self._pump()
            if time.monotonic() - self._told_at > PROGRESS_SECONDS:
                self._tell()
            if (self._fed or self._deaf) and not (self._calls or self._in_flight or self._arrived):
                return

    async def _save(self) -> None:
        if not self._arrived:
            return
        arrived, self._arrived = self._arrived, []
        await asyncio.to_thread(self._runner.store.add_calls, [one.row for one in arrived])
        whole = []
        for one in arrived:
            if one.settles is not None:
                whole += self._settle(one.settles, one.row)
        self._give(whole)

    def _settle(self, call: _Call, row: JudgeCall) -> list[_Group]:
        """Give a call its outcome; return the groups that became whole by it."""
        outcome = CallOutcome(row.key, row.reading, row.failure, row.detail)
        del self._calls[row.key]
        self._lately[row.key] = outcome
        for index, group in enumerate(call.groups):
            group.outcomes[row.key] = self._count(outcome, again=index > 0)
        return [group for group in dict.fromkeys(call.groups) if group.whole]

    def _count(self, outcome: CallOutcome, *, again: bool) -> CallOutcome:
        """Count an outcome, of a call asked for this group or for another before it, and return it as such."""
        if outcome.failure is not None:
            self._failures[outcome.failure] += 1
        else:
            self._tally["cached" if again else "done"] += 1
        if not again:
            self._pace.add(1)
        return replace(outcome, cached=again)

    def _give(self, whole: Sequence[_Group]) -> None:
        if whole:
            self._out.put_nowait([group.outcome() for group in whole])

    def _tell(self, *, ended: bool = False) -> None:
        """Renew the runner's progress, and show it to whoever wants to see it."""
        self._told_at = time.monotonic()
        runner = self._runner
        failed = sum(self._failures.values())
        settled = self._tally["done"] + self._tally["cached"] + failed
        left = None if self._total is None else self._total - settled
        rate = self._pace.rate()
        runner.progress = CallProgress(
            total=self._total,
            done=self._tally["done"],
            cached=self._tally["cached"],
            failed=failed,
            failures=dict(self._failures),
            not_asked=left if ended and left is not None else self._tally["not_asked"],
            in_flight=self._in_flight,
            waiting=len(self._waiting),
            requests=self._tally["requests"],
            rate=rate,
            seconds_left=left / rate if left is not None and rate and not self._halted else None,
            prompt_tokens=runner.meter.prompt_tokens,
            completion_tokens=runner.meter.completion_tokens,
            cost=runner.meter.cost,
        )
        if runner.on_progress is not None:
            runner.on_progress(runner.progress)


async def _in_portions(groups: Groups, first: int, size: int) -> AsyncIterator[list[CallGroup[Any]]]:
    """Yield lists of `first` groups, then of more, up to `size`."""
    if isinstance(groups, AsyncIterable):
        taken: list[CallGroup[Any]] = []
        async for group in groups:
            taken.append(group)
            if len(taken) == first:
                yield taken
                taken, first = [], min(2 * first, size)
        if taken:
            yield taken
        return
    iterator = iter(groups)
    while portion := list(islice(iterator, first)):
        yield portion
        first = min(2 * first, size)
