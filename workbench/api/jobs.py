"""Jobs over the API: started with what is asked for, looked at, waited for, followed and resumed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from arena.errors import NotAllowed
from workbench.access.access import Access
from workbench.access.roles import Person, Role
from workbench.api.callers import caller, check_job, is_owner
from workbench.api.streams import HEADERS, NDJSON, described
from workbench.bench import Workbench
from workbench.jobs.specs import JobSpec
from workbench.jobs.view import JobView

_LOOK_S = 0.1
WAIT_S = 30.0
"""The longest that one request waits for a job."""

_view = TypeAdapter(JobView)
_Id = Annotated[str, Path(description="The job's id.")]


def routes(bench: Workbench, access: Access) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["Jobs"])
    Analyst = Annotated[Person, Depends(caller(access, Role.ANALYST))]  # noqa: N806

    @router.post("/jobs", status_code=202, operation_id="start_job")
    async def start_job(
        spec: Annotated[JobSpec, Body(description="What to do; `kind` says which form it has.")],
        caller: Analyst,
        request: Request,
    ) -> JobView:
        """Start long work and return its job at once.

        Imports and training take the role admin. A file is imported by `POST /imports`, which takes its content.
        """
        check_job(caller, spec.kind)
        if spec.kind == "import" and not is_owner(access, request):
            raise NotAllowed(
                "Files of the app's own machine are for commands that run there: use POST /imports."
            )
        job = await run_in_threadpool(bench.start_job, spec, by=caller.name)
        return job.view()

    @router.get("/jobs/{job_id}", operation_id="job")
    async def job(
        job_id: _Id,
        caller: Analyst,
        wait: Annotated[
            float, Query(ge=0, le=WAIT_S, description="Wait at most so many seconds for its end.")
        ] = 0.0,
    ) -> JobView:
        """Return a job with its whole log and its result; with `wait`, once it has ended or that time is over."""
        found = await run_in_threadpool(bench.job, job_id)
        end = asyncio.get_running_loop().time() + wait
        while found.state.active and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_LOOK_S)
            if not _at_work(bench, job_id):
                found = await run_in_threadpool(bench.job, job_id)
        return found if found.state.active is False else await run_in_threadpool(bench.job, job_id)

    @router.get(
        "/jobs/{job_id}/follow",
        operation_id="follow_job",
        responses=described(None, "Lines of JSON, each the job as it is then; the last one after its end."),
        response_model=None,
    )
    async def follow_job(job_id: _Id, caller: Analyst) -> Response:
        """Follow a job: one line of JSON whenever something has changed, until it has ended."""
        first = await run_in_threadpool(bench.job, job_id)
        return StreamingResponse(_changes(bench, first), media_type=NDJSON, headers=HEADERS)

    @router.post("/jobs/{job_id}/resume", status_code=202, operation_id="resume_job")
    def resume_job(job_id: _Id, caller: Analyst) -> JobView:
        """Go on with a job that was interrupted, stopped or failed; nothing that was done is repeated."""
        check_job(caller, bench.job(job_id).kind)
        return bench.resume_job(job_id, by=caller.name).view()

    return router


def _at_work(bench: Workbench, job_id: str) -> bool:
    return bench.jobs.active(job_id) is not None


async def _changes(bench: Workbench, view: JobView) -> AsyncIterator[bytes]:
    told: Any = None
    while True:
        if (now := (view.state, view.progress, view.lines)) != told:
            told = now
            yield _view.dump_json(view) + b"\n"
        if not view.state.active:
            return
        await asyncio.sleep(_LOOK_S)
        view = await run_in_threadpool(bench.job, view.id)
