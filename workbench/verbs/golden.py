"""Verbs of golden sets: freeze one, check a model on it, and accept a result to compare later ones with."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import numpy as np

from arena.errors import InvalidInput, NotFound
from arena.golden import Check, CheckKind, GoldenPrompt, GoldenResult, GoldenSet
from arena.types import DEFAULT_CRITERION, ModelSpec
from judges import golden_file
from judges.golden import outcomes, scores_of
from judges.judge_scores import ScoringJudge
from judges.judging import Limits
from judges.scoring import Stop
from workbench.golden_report import GoldenReport, GoldenRow
from workbench.jobs import JobControl, JobProgress
from workbench.jobs.plan import Plan
from workbench.jobs.specs import GoldenJob
from workbench.verbs.golden_answers import CheckStoppedError, golden_answers
from workbench.verbs.golden_measures import broken, measure
from workbench.verbs.scoring import ScoringVerbs

if TYPE_CHECKING:
    from arena.store import Transaction


class GoldenVerbs(ScoringVerbs):
    """What people do with golden sets."""

    def golden_sets(self) -> list[GoldenSet]:
        """Return the golden sets of this home, by name."""
        return list(self.store.golden.list())

    def golden_set(self, name: str) -> GoldenSet:
        """Return one golden set.

        Raises:
            NotFound: there is none of that name.
        """
        return self.store.golden.get(name)

    def add_golden(
        self,
        name: str,
        *,
        file: Path | None = None,
        prompt_set: str | None = None,
        checks: Sequence[str] = (),
        replace: bool = False,
    ) -> GoldenSet:
        """Freeze a golden set of the prompts in `file` or of a stored prompt set, and keep it.

        `checks` are written as `rougeL>=0.5` and come after those of the file.

        Raises:
            InvalidInput: neither or both sources are given, a check cannot be read, or there is nothing to check.
            NotFound: there is no such prompt set, metric or judge.
            Conflict: another golden set has that name and `replace` is false.
        """
        if (file is None) == (prompt_set is None):
            raise InvalidInput("A golden set is made of a file or of a prompt set: give one of the two.")
        asked = [check for text in checks for check in golden_file.parse_check(text)]
        if file is not None:
            return self.keep_golden(golden_file.read_golden(file, name, asked), replace=replace)
        prompts = [
            GoldenPrompt(prompt, (prompt.reference,) if prompt.reference else ())
            for prompt in self.prompts_of([prompt_set or ""])
        ]
        return self.keep_golden(golden_file.golden_set(name, prompts, asked), replace=replace)

    def keep_golden(self, golden: GoldenSet, *, replace: bool = False) -> GoldenSet:
        """Keep a golden set; see `add_golden`."""
        self._check_checks(golden.checks)
        self.store.golden.add(golden, replace=replace)
        return self.store.golden.get(golden.name)

    def remove_golden(self, name: str) -> None:
        """Remove a golden set and the results on it.

        Raises:
            NotFound: there is none of that name.
        """
        self.store.golden.remove(name)

    async def check_golden(
        self,
        name: str,
        model: str,
        *,
        accept: bool = False,
        fresh: bool = False,
        since: datetime | None = None,
        against: str | None = None,
        concurrency: int = 32,
        on_progress: Callable[[JobProgress], None] | None = None,
        stop: Stop | None = None,
        keep: "Callable[[Transaction, GoldenReport], None] | None" = None,
    ) -> GoldenReport:
        """Check a model on a golden set against its thresholds and the last accepted result, and keep the result.

        Answers that are missing are asked for first, greedily; with `fresh` all are but those drawn after `since`.
        `keep` is called within the transaction that stores the result, and may refuse it. `accept` makes the result the
        one to compare with. A model without an accepted result is compared with that of the model it was tuned from;
        `against` names another one.

        Raises:
            NotFound: there is no such golden set or model, or no accepted result of `against`.
            ModelFailed: the model gives no answer at all.
            CheckStoppedError: `stop` was set before there was a result; the answers that have come are kept.
            InvalidInput: a check cannot be made here, for example because a metric's model is not set.
        """
        golden, spec = self.golden_set(name), self.store.models.get(model)
        accepted = await asyncio.to_thread(self._standard, golden, spec, against)
        self._check_checks(golden.checks)
        tell = _Teller(len(golden.prompts), len(golden.checks), on_progress)
        stop = stop or threading.Event()
        answers = await golden_answers(
            self,
            golden,
            spec,
            fresh=fresh,
            since=since,
            concurrency=concurrency,
            stop=stop,
            on_done=lambda _: tell.answered(),
        )
        measured = {}
        for check in golden.checks:
            tell.measuring(check.name)
            measured[check.name] = await measure(self, golden, check, answers, stop)
            if stop.is_set():
                raise CheckStoppedError(f"Stopped after {check.name}; the answers are kept: check again.")
        rng = np.random.default_rng(int(golden.content_hash[:8], 16))
        found = await asyncio.to_thread(outcomes, golden, measured, accepted, rng)
        report = GoldenReport(
            golden.name,
            model,
            uuid4(),
            len(golden.prompts),
            sum(not answer.failed for answer in answers.values()),
            tuple(found),
            accepted.result_id if accepted else None,
            accepted.model if accepted else None,
            accepted.created_at if accepted else None,
            accept,
        )
        result = GoldenResult(
            golden.name,
            golden.content_hash,
            model,
            report.as_dict(),
            scores_of(measured),
            result_id=report.result_id,
        )
        also = None if keep is None else lambda con: keep(con, report)
        await asyncio.to_thread(self.store.golden.add_result, result, accept=accept, also=also)
        return report

    def _plan_golden(self, spec: GoldenJob) -> Plan:
        """Return how a job of a golden check is done: `check_golden`, whose result is stored once however it ends."""
        self.golden_set(spec.golden)
        self.store.models.get(spec.model)

        async def work(control: JobControl) -> GoldenReport:
            return await self.check_golden(
                spec.golden,
                spec.model,
                accept=spec.accept,
                fresh=spec.fresh,
                since=control.record.created_at if control.record.attempts > 1 else None,
                against=spec.against,
                concurrency=spec.slots,
                on_progress=control.report,
                stop=control.stop,
                keep=control.keep,
            )

        return Plan(f"Check {spec.model} on {spec.golden}", work)

    def judge_of_check(self, check: Check) -> ScoringJudge:
        """Return the judge that a check asks for scores, on the criterion among the check's options.

        Raises:
            NotFound: there is no judge of that name.
            InvalidInput: it scores no single answers.
        """
        criterion = str(check.options.get("criterion", DEFAULT_CRITERION))
        return self._scoring_judge(check.name, criterion, Limits())

    def golden_results(self, name: str, model: str | None = None) -> list[GoldenResult]:
        """Return the results on a golden set, newest first, without their single numbers.

        Raises:
            NotFound: there is no such golden set.
        """
        self.golden_set(name)
        return list(self.store.golden.results(name, model))

    def accept_golden(self, name: str, model: str) -> GoldenResult:
        """Make the newest result of a model the one that later ones are compared with.

        Raises:
            NotFound: there is no such set, or no result of the model on it as it is now.
        """
        golden = self.golden_set(name)
        newest = next(
            (r for r in self.store.golden.results(name, model) if r.content_hash == golden.content_hash), None
        )
        if newest is None:
            raise NotFound(
                f"There is no result of {model!r} on {name!r} to accept: "
                f"run `workbench score --golden {name} --model {model}` first."
            )
        self.store.golden.accept(newest.result_id)
        return newest

    def golden_rows(self, result_id: UUID) -> list[GoldenRow]:
        """Return a result prompt by prompt: the answers, and each number beside the one it was compared with.

        Raises:
            NotFound: there is no such result, or its golden set has been replaced.
        """
        result = self.store.golden.result(result_id)
        golden = self.golden_set(result.golden)
        if golden.content_hash != result.content_hash:
            raise NotFound(f"The golden set {result.golden!r} was replaced since: run it again.")
        compared = result.summary.get("compared_with")
        before = self.store.golden.result(UUID(compared)).scores if compared else ()
        then = {(score.prompt_id, score.scorer): score.value for score in before}
        texts = {a.answer_id: a.text for a in self.store.scores.answers([s.answer_id for s in result.scores])}
        rules = {check.name: check for check in golden.checks if check.kind is CheckKind.RULE}
        rows = []
        for prompt in golden.prompts:
            key = prompt.prompt.prompt_id
            scores = [score for score in result.scores if score.prompt_id == key]
            answer = texts.get(scores[0].answer_id) if scores else None
            values = {}
            for score in scores:
                reason = score.reason
                if score.value == 0 and answer is not None and score.scorer in rules:
                    reason = broken(rules[score.scorer], prompt, answer)
                values[score.scorer] = (score.value, reason, then.get((key, score.scorer)))
            rows.append(GoldenRow(prompt, answer, values))
        return rows

    def _standard(self, golden: GoldenSet, spec: ModelSpec, against: str | None) -> GoldenResult | None:
        """Return the accepted result to compare with: of `against`, or of the model or its nearest ancestor."""
        if against is not None:
            self.store.models.get(against)
            if (found := self.store.golden.accepted(golden, against)) is None:
                raise NotFound(f"There is no accepted result of {against!r} on {golden.name!r}.")
            return found
        parents = {known.name: known.parent for known in self.store.models.list()}
        name: str | None = spec.name
        while name is not None and name in parents:
            if (found := self.store.golden.accepted(golden, name)) is not None:
                return found
            name = parents.pop(name)
        return None

    def _check_checks(self, checks: Sequence[Check]) -> None:
        """Raise where a check cannot be made in this home."""
        for check in checks:
            if check.kind is CheckKind.METRIC:
                self.make_scorers([check.name], {golden_file.metric_of(check.name): check.options})
            elif check.kind is CheckKind.JUDGE:
                self.judge_of_check(check)


class _Teller:
    """Turns answers and checks done into progress."""

    def __init__(self, prompts: int, checks: int, on_progress: Callable[[JobProgress], None] | None) -> None:
        self._progress = JobProgress(total=prompts + checks, note="answers")
        self._prompts = prompts
        self._tell = on_progress or (lambda _: None)

    def answered(self) -> None:
        self._progress = replace(self._progress, done=self._progress.done + 1)
        self._tell(self._progress)

    def measuring(self, check: str) -> None:
        done = max(self._prompts, self._progress.done + (self._progress.note != "answers"))
        self._progress = replace(self._progress, done=done, note=check)
        self._tell(self._progress)
