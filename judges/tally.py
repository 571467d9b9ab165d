"""A run's books: what has been judged so far, as progress and, at the end, as a report."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from arena.judgments import Failure, Verdict
from arena.types import Winner
from judges.call_progress import CallProgress, Pace
from judges.reports import JudgeProgress, JudgeReport

PROGRESS_SECONDS = 0.2
"""Progress is told at most so often."""


class Tally:
    """Counts one judge's run; for one event loop."""

    def __init__(self, total: int, on_progress: Callable[[JudgeProgress], None] | None) -> None:
        self.total = total
        self.note = ""
        self.calls = CallProgress()
        self._calls_before = CallProgress()
        self._outcomes: Counter[Winner] = Counter()
        self._failures: Counter[Failure] = Counter()
        self._inconsistent = 0
        self._shown = 0
        self._on_progress = on_progress
        self._told = 0.0
        self._pace = Pace()
        self._started = time.monotonic()

    @property
    def done(self) -> int:
        """Battles with a verdict or a failure in this run."""
        return self._outcomes.total() + self._failures.total()

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Count verdicts that are stored."""
        for verdict in verdicts:
            if verdict.winner is not None:
                self._outcomes[verdict.winner] += 1
            elif verdict.failure is not None:
                self._failures[verdict.failure] += 1
            self._inconsistent += verdict.inconsistent
        self.show(self.done)

    def show(self, done: int) -> None:
        """Show so many battles as done, where that is more than before; a jury's are, once its members are through."""
        if done > self._shown:
            self._pace.add(done - self._shown)
            self._shown = done
        self.tell()

    def begin_calls(self) -> None:
        """Begin another series of calls; those made so far stay counted."""
        self._calls_before = self.calls

    def heard(self, calls: CallProgress) -> None:
        """Take in how far this series of calls is."""
        self.calls = together([self._calls_before, calls])
        self.tell()

    def tell(self, *, last: bool = False) -> None:
        """Tell of the progress, unless that was done a moment ago."""
        now = time.monotonic()
        if self._on_progress is not None and (last or now - self._told >= PROGRESS_SECONDS):
            self._told = now
            self._on_progress(self.progress())

    def progress(self) -> JudgeProgress:
        """Return how far the run is."""
        rate = self._pace.rate()
        left = self.total - self._shown
        return JudgeProgress(
            done=self._shown,
            total=self.total,
            outcomes=dict(self._outcomes),
            failures=_most_first(self._failures),
            calls=self.calls.requests,
            cached=self.calls.cached,
            in_flight=self.calls.in_flight,
            rate=rate,
            seconds_left=left / rate if rate else None,
            tokens=self.calls.prompt_tokens + self.calls.completion_tokens,
            cost=self.calls.cost,
            note=self.note,
        )

    def report(
        self, begun: JudgeReport, *, ended_early: str | None = None, stopped: bool = False
    ) -> JudgeReport:
        """Return `begun` filled in with what came of the run."""
        return replace(
            begun,
            outcomes=dict(self._outcomes),
            inconsistent=self._inconsistent,
            failures=_most_first(self._failures),
            calls=self.calls.requests,
            cached=self.calls.cached,
            prompt_tokens=self.calls.prompt_tokens,
            completion_tokens=self.calls.completion_tokens,
            cost=self.calls.cost,
            not_asked=self.total - self.done,
            ended_early=ended_early,
            stopped=stopped,
            seconds=time.monotonic() - self._started,
        )


def together(parts: Sequence[CallProgress]) -> CallProgress:
    """Return what several series of calls took in all."""
    costs = [part.cost for part in parts if part.cost is not None]
    return CallProgress(
        done=sum(part.done for part in parts),
        cached=sum(part.cached for part in parts),
        failed=sum(part.failed for part in parts),
        not_asked=sum(part.not_asked for part in parts),
        in_flight=sum(part.in_flight for part in parts),
        waiting=sum(part.waiting for part in parts),
        requests=sum(part.requests for part in parts),
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        cost=sum(costs) if costs else None,
    )


def _most_first(failures: "Counter[Failure]") -> dict[Failure, int]:
    return dict(failures.most_common())
