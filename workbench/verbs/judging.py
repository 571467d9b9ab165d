"""Verbs on judges: set them up, ask what a run would take, let them judge, and look at how each verdict came about."""

import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from arena.errors import Conflict, InvalidInput
from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.store.verdicts import VerdictCounts, VerdictFilter
from arena.types import DEFAULT_CRITERION, Message
from judges import estimating, judging, transcripts
from judges.opening import Surroundings, asking_judge, fingerprint_of, open_judge
from judges.reports import Estimate, JudgeProgress, JudgeReport, Transcript, VerdictLine, VerdictPage
from judges.spec import jury_options
from judges.templates import Template, load_template, template_names, template_path
from workbench.criteria import check_criterion
from workbench.home import Home, folder_name
from workbench.jobs import JobControl, JobProgress, JobStoppedError
from workbench.jobs.plan import Plan
from workbench.jobs.specs import AttackJob, JudgeJob

if TYPE_CHECKING:
    from arena.models.complete import Completion
    from judges.attacks import AttackReport


class JudgingVerbs(Home):
    """What people do with judges."""

    def list_judges(self) -> list[JudgeSpec]:
        """Return the judges that are set up, in the order they came."""
        return self.store.judges.list()

    def judge_spec(self, name: str) -> JudgeSpec:
        """Return one judge.

        Raises:
            NotFound: there is none of that name.
        """
        return self.store.judges.get(name)

    def add_judge(self, spec: JudgeSpec, *, replace: bool = False) -> JudgeSpec:
        """Set a judge up under a new name; its options, model, template and members are checked first.

        Raises:
            InvalidInput: an option is unknown, missing or impossible.
            NotFound: its model, template, metric or a member is not there.
            Conflict: the name is taken and `replace` is false.
        """
        spec = self._portable_judge(spec)
        open_judge(spec, self._surroundings())
        self.store.judges.add(spec, replace=replace)
        return spec

    def remove_judge(self, name: str) -> None:
        """Take a judge away; its verdicts and votes stay."""
        self.store.judges.remove(name)

    def judge_fingerprint(self, name: str) -> str:
        """Return the hash of everything the verdicts of this judge, as it is now, depend on."""
        return fingerprint_of(self.store.judges.get(name), self._surroundings())

    def templates(self) -> list[Template]:
        """Return the templates a judge can have: the built-in ones and this home's own; see `broken_templates`."""
        return [found for found in self._templates().values() if isinstance(found, Template)]

    def broken_templates(self) -> dict[str, str]:
        """Return why those of the home's own files that are no templates are none, by name."""
        return {name: found for name, found in self._templates().items() if isinstance(found, str)}

    def _templates(self) -> dict[str, Template | str]:
        """Return every template by name, or the sentence that says what is wrong with it."""
        folders = [self.templates_folder]
        found: dict[str, Template | str] = {}
        for name in template_names(folders):
            try:
                found[name] = load_template(name, folders)
            except InvalidInput as error:
                found[name] = str(error)
        return found

    def copy_template(self, name: str, new_name: str | None = None) -> Path:
        """Copy a template into the home's `templates` folder to be changed there, and return the file.

        Raises:
            NotFound: there is no template of that name.
            Conflict: the home has one of the new name.
        """
        source = template_path(name, [self.templates_folder])
        target = self.templates_folder / f"{folder_name(new_name or name)}.txt"
        if target.exists():
            raise Conflict(f"There is a template at {target} already: choose another name.")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        return target

    def judge_estimate(
        self,
        name: str,
        battles: BattleFilter,
        *,
        criterion: str = DEFAULT_CRITERION,
        retry_failed: bool = False,
    ) -> Estimate:
        """Return what it would take to let a judge judge the battles it has not judged.

        Raises:
            NotFound: there is no such judge, or its model, template or a member is gone.
            InvalidInput: the criterion is not set up.
        """
        check_criterion(self.settings, criterion)
        spec = self.store.judges.get(name)
        return estimating.estimate(spec, battles, criterion, self._surroundings(), retry_failed=retry_failed)

    async def judge(
        self,
        name: str,
        battles: BattleFilter,
        *,
        criterion: str = DEFAULT_CRITERION,
        slots: int | None = None,
        max_cost: float | None = None,
        max_tokens: int | None = None,
        retry_failed: bool = False,
        on_progress: Callable[[JudgeProgress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> JudgeReport:
        """Let a judge judge the battles it has not judged as it is now; each verdict is stored as a vote at once.

        `slots` requests run at once (the judge's own number if absent). No call starts that would pass `max_cost` (in
        the currency of its prices) or `max_tokens`. Battles whose judge had no reply are asked again in every run,
        those that failed otherwise only with `retry_failed`. Once `stop` is set, what is in flight is finished.

        Raises:
            NotFound: there is no such judge, or its model, template or a member is gone.
            InvalidInput: the criterion is not set up, or a ceiling in money is set for a judge without prices.
            Conflict: this judge is at work already.
        """
        check_criterion(self.settings, criterion)
        spec = self.store.judges.get(name)
        limits = judging.Limits(slots, max_cost, max_tokens, retry_failed)
        with self._claim(spec):
            return await self._judge(spec, battles, criterion, limits, on_progress, stop)

    def _plan_judge(self, spec: JudgeJob) -> Plan:
        """Return how a judge's job is done: `judge`, with the judge held from now on."""
        check_criterion(self.settings, spec.criterion)
        judge = self.store.judges.get(spec.judge)
        limits = judging.Limits(spec.slots, spec.max_cost, spec.max_tokens, spec.retry_failed)

        async def work(control: JobControl) -> JudgeReport:
            def tell(progress: JudgeProgress) -> None:
                control.report(_job_progress(progress))

            report = await self._judge(judge, spec.battles, spec.criterion, limits, tell, control.stop)
            if report.ended_early:
                control.log(report.ended_early)
            return report

        return Plan(f"Judge {spec.judge}", work, self._claim(judge).close)

    async def _judge(
        self,
        spec: JudgeSpec,
        battles: BattleFilter,
        criterion: str,
        limits: judging.Limits,
        on_progress: Callable[[JudgeProgress], None] | None,
        stop: threading.Event | None,
    ) -> JudgeReport:
        return await judging.judge_battles(
            spec, battles, criterion, self._surroundings(), limits, on_progress=on_progress, stop=stop
        )

    def _claim(self, spec: JudgeSpec) -> ExitStack:
        """Take a judge, and a jury's members, for one run; close what is returned after it."""
        members = jury_options(spec).members if spec.kind is JudgeKind.JURY else ()
        with ExitStack() as held:
            for name in (spec.name, *members):
                taken = (
                    f"The judge {name!r} is at work already: wait until it has finished, or stop that job."
                )
                held.enter_context(self.jobs.claim("judge", name, taken))
            return held.pop_all()

    def verdict_counts(self, which: VerdictFilter) -> VerdictCounts:
        """Return how the latest verdicts that a filter lets through came out."""
        return self.store.verdicts.counts(which)

    def verdicts(self, which: VerdictFilter, *, offset: int = 0, limit: int = 50) -> VerdictPage:
        """Return `limit` of the latest verdicts from place `offset` (0 is the newest), with their battles."""
        return transcripts.page(self.store, which, offset=offset, limit=limit)

    def latest_verdicts(
        self, which: VerdictFilter, *, limit: int = 50, before: str | None = None
    ) -> list[VerdictLine]:
        """Return the latest verdicts from the newest on, at most `limit`, those after the one whose `key` is `before`.

        Raises:
            InvalidInput: `before` is no key of a verdict.
        """
        return transcripts.latest(self.store, which, limit=limit, before=before)

    def transcript(self, battle_id: uuid.UUID, judge: str, criterion: str = DEFAULT_CRITERION) -> Transcript:
        """Return how a judge's latest verdict on a battle came about.

        Raises:
            NotFound: it has given none.
        """
        return transcripts.transcript(self.store, battle_id, judge, criterion)

    def _plan_attack(self, spec: AttackJob) -> Plan:
        """Return how a job of attacks is done: `attack_judge`, with one line a kind in its log."""
        self.store.judges.get(spec.judge)

        async def work(control: JobControl) -> "AttackReport":
            report = await self.attack_judge(spec.judge, on_progress=control.report, stop=control.stop)
            for rate in report.rows:
                control.log(
                    f"{rate.kind or 'all'}: {rate.succeeded} of {rate.tried} succeeded, "
                    f"{rate.unreadable} not answered readably"
                )
            return report

        return Plan(f"Attack {spec.judge}", work)

    async def attack_judge(
        self,
        name: str,
        *,
        on_progress: Callable[[JobProgress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> "AttackReport":
        """Ask a judge's model the suite of attacks through its template, and return how often each succeeded.

        Raises:
            InvalidInput: the judge asks no model.
            JobStoppedError: `stop` was set before every attack had been tried; the replies are not stored.
        """
        spec = self.store.judges.get(name)
        if spec.kind not in (JudgeKind.PAIRWISE, JudgeKind.SINGLE):
            raise InvalidInput(
                f"The judge {name!r} is of kind {spec.kind}: only a judge that asks a model can be attacked."
            )
        from judges.attacks import ATTACKS, run_attacks

        judge = asking_judge(spec, self._surroundings())
        calls = 2 * (1 + len(ATTACKS)) if spec.kind is JudgeKind.PAIRWISE else 2 + len(ATTACKS)
        done = 0

        async def ask(messages: Sequence[Message]) -> "Completion":
            nonlocal done
            if stop is not None and stop.is_set():
                raise JobStoppedError(
                    f"Stopped after {done} of {calls} calls: they tell nothing, and are not kept."
                )
            try:
                return await judge.ask(messages)
            finally:
                done += 1
                if on_progress is not None:
                    on_progress(JobProgress(done=done, total=calls))

        return await run_attacks(ask, judge.template, structured=judge.structured, slots=judge.options.slots)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            store=self.store,
            open_model=self.open_model,
            home=self.home,
            template_folders=(self.templates_folder,),
            metric_options=self.metric_options,
        )

    def _portable_judge(self, spec: JudgeSpec) -> JudgeSpec:
        """Return the judge with folders inside the home relative to it, and others absolute."""
        moved = {
            key: self._portable_path(str(spec.options[key]))
            for key in ("path", "adapter")
            if spec.options.get(key)
        }
        return replace(spec, options={**spec.options, **moved}) if moved else spec

    def _portable_path(self, path: str) -> str:
        root = self.home.resolve()
        elsewhere = Path(path).exists() and not (root / path).exists()
        found = (Path(path) if elsewhere else root / path).resolve()
        return str(found.relative_to(root)) if found.is_relative_to(root) else str(found)


def _job_progress(progress: JudgeProgress) -> JobProgress:
    return JobProgress(
        done=progress.done,
        total=progress.total,
        failed=sum(progress.failures.values()),
        cached=progress.cached,
        in_flight=progress.in_flight,
        rate=progress.rate,
        seconds_left=progress.seconds_left,
        tokens=progress.tokens or None,
        cost=progress.cost,
        failures={str(reason): count for reason, count in progress.failures.items()},
        note=progress.note,
    )
