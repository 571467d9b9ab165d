"""Verbs on jobs: start long work, look at it, stop it, and go on with what was interrupted.

A job does what the verb of its kind does, and everything it does is skipped where it is stored already, so that a job
that goes on repeats nothing.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from arena.errors import Conflict
from training.runs import Run
from workbench.jobs import Job, JobView
from workbench.jobs.plan import Plan
from workbench.jobs.specs import (
    AnswerJob,
    AnyJob,
    AttackJob,
    BattleJob,
    ExportJob,
    GoldenJob,
    ImportJob,
    JudgeJob,
    ScoreJob,
    TrainJob,
    dump_spec,
    load_spec,
)
from workbench.verbs import plans
from workbench.verbs.arena import ArenaVerbs
from workbench.verbs.data import DataVerbs
from workbench.verbs.golden import GoldenVerbs
from workbench.verbs.training import TrainingVerbs


class JobVerbs(ArenaVerbs, DataVerbs, TrainingVerbs, GoldenVerbs):
    """What people do with long work."""

    follows_runs = False
    """Whether training runs are followed as jobs."""

    def start_job(self, spec: AnyJob, *, by: str | None = None) -> Job:
        """Begin long work and return it at once; `by` is who asked for it.

        Raises:
            InvalidInput: a value of the spec is impossible, or names a criterion that is not set up.
            NotFound: something it names does not exist.
            Conflict: the judge, the models or the name it needs are taken by another job.
        """
        values = dump_spec(spec)
        plan = self._plan(load_spec(values))
        return self.jobs.start(
            spec.kind, plan.title, plan.work, spec=values, started_by=by, on_end=plan.on_end
        )

    def list_jobs(
        self,
        kind: str | None = None,
        *,
        active: bool | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[JobView]:
        """Return jobs, the one created last first: of one kind, only those at work or only ended ones.

        `before` is the id of a job: only jobs created before it are returned. A listed job has the newest lines of its
        log only, and no result that is large.

        Raises:
            NotFound: there is no job `before`.
        """
        return self.jobs.list(kind, active=active, limit=limit, before=before)

    def job(self, job_id: str) -> JobView:
        """Return a job as it is now.

        Raises:
            NotFound: there is none of that id.
        """
        return self.jobs.view(job_id)

    def stop_job(self, job_id: str, *, now: bool = False) -> JobView:
        """Ask a job to finish what it has begun and end; with `now`, to end where it stands. An ended one stays so.

        Raises:
            NotFound: there is none of that id.
        """
        job = self.jobs.active(job_id)
        if job is None:
            return self.jobs.view(job_id)
        if now:
            job.cancel()
        else:
            job.stop()
        return job.view()

    def resume_job(self, job_id: str, *, by: str | None = None) -> Job:
        """Go on with a job that was interrupted, stopped or failed, or that left something undone.

        Raises:
            NotFound: there is none of that id, or something it names is gone.
            Conflict: it is at work, or there is nothing left to do.
            InvalidInput: what it was asked for cannot be done any more.
        """
        with ExitStack() as held:
            held.enter_context(self.jobs.claim("job", job_id, f"The job {job_id} is at work already."))
            view = self.jobs.view(job_id)
            if view.state.active:
                raise Conflict(f"The job {job_id} is at work already.")
            if not view.resumable:
                raise Conflict(f"The job {job_id} is done, and nothing of it is left: start a new one.")
            plan = self._plan(load_spec(view.spec))
            held.callback(plan.on_end)
            job = self.jobs.resume(job_id, plan.work, on_end=held.pop_all().close)
        job.add_line(f"Resumed by {by}." if by else "Resumed.")
        return job

    def remove_job(self, job_id: str) -> None:
        """Forget an ended job; what it did stays.

        Raises:
            NotFound: there is none of that id.
            Conflict: it is at work.
        """
        self.jobs.remove(job_id)

    def train(
        self, name: str, method: str, base: str, export: str, overrides: Mapping[str, Any] | None = None
    ) -> Run:
        """Start a run, see `TrainingVerbs.train`; the app follows it as a job."""
        run = super().train(name, method, base, export, overrides)
        self._follow_run(name)
        return run

    def resume_run(self, name: str) -> Run:
        """Go on with a run, see `TrainingVerbs.resume_run`; the app follows it as a job."""
        run = super().resume_run(name)
        self._follow_run(name)
        return run

    def follow_runs(self) -> None:
        """Follow runs as jobs from now on, and those at work already: for a home that stays open.

        A run works in a process of its own, so it goes on while no home is open.
        """
        self.follows_runs = True
        for run in self.runs():
            if run.state.active:
                self._follow_run(run.name)

    def _follow_run(self, name: str) -> None:
        if not self.follows_runs:
            return
        followed = [job for job in self.list_jobs("train", limit=1000) if job.spec["run"] == name]
        if any(job.state.active for job in followed):
            return
        if followed and followed[0].resumable:
            self.resume_job(followed[0].id)
        else:
            self.start_job(TrainJob(run=name))

    def _plan(self, spec: AnyJob) -> Plan:
        """Return how a job is done, once everything it names was found."""
        match spec:
            case JudgeJob():
                return self._plan_judge(spec)
            case AttackJob():
                return self._plan_attack(spec)
            case ScoreJob():
                return self._plan_score(spec)
            case GoldenJob():
                return self._plan_golden(spec)
            case AnswerJob():
                return plans.answers(self, spec)
            case BattleJob():
                return plans.battles(self, spec)
            case ImportJob():
                return plans.imports(self, spec)
            case ExportJob():
                return plans.exports(self, spec)
        return plans.training(self, spec)
