"""How jobs of answers, battles, imports, exports and training runs are done.

Imports and exports are all or nothing: an import is stored in one transaction together with the end of its job, an
export is a folder that carries the moment its job was created.
"""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from arena.errors import InvalidInput, RunFailed
from arena.exports import Manifest, clear_drafts, created_text, read_manifest
from arena.formats import ImportReport
from training.runs import resume
from training.state import RunState
from workbench.home import folder_name
from workbench.jobs import JobControl, JobProgress, JobStoppedError
from workbench.jobs.plan import Plan
from workbench.jobs.results import AnswerReport, BattleReport, RunOutcome
from workbench.jobs.specs import AnswerJob, BattleJob, ExportJob, ImportJob, TrainJob
from workbench.verbs.fighting import fight_job

if TYPE_CHECKING:
    from workbench.verbs.jobs import JobVerbs

LOOK_SECONDS = 0.5
"""A run is looked at so often."""


def answers(bench: "JobVerbs", spec: AnswerJob) -> Plan:
    """Let models answer; each is held on its prompt sets, so that no two jobs ask the same."""
    bench.prompts_of(spec.prompts)
    with ExitStack() as held:
        for model in dict.fromkeys(spec.models):
            bench.store.models.get(model)
            for name in dict.fromkeys(spec.prompts):
                taken = f"The model {model!r} is answering {name!r} already: wait for that job, or stop it."
                held.enter_context(bench.jobs.claim("answer", f"{model}\0{name}", taken))
        let_go = held.pop_all().close

    async def work(control: JobControl) -> AnswerReport:
        report = await bench.answer(
            spec.models, spec.prompts, slots=spec.slots, on_progress=control.report, stop=control.stop
        )
        if report.first_error:
            control.log(f"{report.failed:,} failed, the first: {report.first_error}")
        return report

    return Plan(f"Answers of {_some(spec.models)} to {_some(spec.prompts)}", work, let_go)


def battles(bench: "JobVerbs", spec: BattleJob) -> Plan:
    """Fight one battle a prompt."""
    bench.prompts_of(spec.prompts)
    for name in spec.models:
        bench.store.models.get(name)

    async def work(control: JobControl) -> BattleReport:
        return await fight_job(bench, spec, control.record, on_progress=control.report, stop=control.stop)

    return Plan(f"Battles of {_some(spec.models)} on {_some(spec.prompts)}", work)


def imports(bench: "JobVerbs", spec: ImportJob) -> Plan:
    """Read a file, and store it with the end of the job in one transaction."""
    path = Path(spec.file)
    name = spec.name or path.name
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}: check the path.")

    async def work(control: JobControl) -> ImportReport:
        def read(rows: int) -> None:
            if control.stop.is_set():
                raise JobStoppedError("Stopped before anything was stored.")
            control.report(JobProgress(done=0, total=rows, note="storing"))

        control.report(JobProgress(note="reading the file"))
        report = await asyncio.to_thread(
            bench.import_file,
            path,
            spec.what,
            from_format=spec.from_format,
            set_name=spec.set_name,
            skip_bad=spec.skip_bad,
            voter_kind=spec.voter_kind,
            on_read=read,
            keep=control.keep,
        )
        control.report(JobProgress(done=report.rows_read, total=report.rows_read))
        return report

    return Plan(f"Import {name}", work)


def exports(bench: "JobVerbs", spec: ExportJob) -> Plan:
    """Freeze preferences; an export that this very job has made before is its result."""
    folder = bench.exports_folder / folder_name(spec.name)
    taken = f"The export {spec.name!r} is being written already."
    with ExitStack() as held:
        held.enter_context(bench.jobs.claim("export", spec.name, taken))
        let_go = held.pop_all().close

    async def work(control: JobControl) -> Manifest:
        job = control.record
        if job.attempts > 1:
            await asyncio.to_thread(clear_drafts, folder)
            if folder.exists() and (found := read_manifest(folder)).created_at == created_text(
                job.created_at
            ):
                return found
        return await asyncio.to_thread(
            bench.export,
            spec.name,
            spec.votes,
            kind=spec.purpose,
            majority=spec.majority,
            created_at=job.created_at,
        )

    return Plan(f"Export {spec.name}", work, let_go)


def training(bench: "JobVerbs", spec: TrainJob) -> Plan:
    """Follow a run's process until it ends, or go on with a run whose process has gone."""
    run = bench.run(spec.run)
    with ExitStack() as held:
        held.enter_context(
            bench.jobs.claim("train", spec.run, f"The run {spec.run!r} is followed by another job already.")
        )
        let_go = held.pop_all().close

    async def work(control: JobControl) -> RunOutcome:
        if control.record.attempts > 1 and run.state.resumable:
            await asyncio.to_thread(resume, run)
        asked = False
        while (status := run.progress()).state.active:
            control.report(
                JobProgress(
                    status.step, status.total, seconds_left=status.seconds_left, note=status.stage or ""
                )
            )
            if control.closing:
                raise JobStoppedError(f"The run {spec.run!r} goes on by itself; nobody followed it any more.")
            if control.stop.is_set() and not asked:
                asked = True
                await asyncio.to_thread(bench.stop_run, spec.run)
            await asyncio.sleep(LOOK_SECONDS)
        control.report(JobProgress(status.step, status.total))
        if status.state is RunState.FAILED:
            raise RunFailed(run.message or f"The run {spec.run!r} failed: its log says more.")
        if run.message:
            control.log(run.message)
        return RunOutcome(spec.run, str(status.state), run.message, run.result)

    return Plan(f"Train {spec.run}", work, let_go)


def _some(names: tuple[str, ...]) -> str:
    """Return names in a title, the first few of many."""
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
