"""Imports over the API: a file's content comes in as it is, is kept in the home's `uploads`, and a job reads it.

An upload stays until its job is done, so that an interrupted import can go on; what is left over is removed after a
while.
"""

import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from arena.errors import InvalidInput
from arena.types import VoterKind
from workbench.access.access import Access
from workbench.access.roles import Person, Role
from workbench.api.callers import caller
from workbench.bench import Workbench
from workbench.home import folder_name
from workbench.jobs.specs import File, ImportJob
from workbench.jobs.view import JobView

UPLOADS = "uploads"
KEPT_S = 7 * 24 * 3600
"""So long an upload is kept whose job ended without being done."""
_ANY_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file's content as it is: CSV, JSON, JSON lines (each also gzipped) or Parquet.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def routes(bench: Workbench, access: Access) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["Jobs"])
    Admin = Annotated[Person, Depends(caller(access, Role.ADMIN))]  # noqa: N806

    @router.post("/imports", status_code=202, operation_id="import_upload", openapi_extra=_ANY_BODY)
    async def import_upload(
        request: Request,
        caller: Admin,
        what: Annotated[File, Query(description="What the file holds.")],
        name: Annotated[
            str, Query(description="The file's name, by which messages call it.", max_length=200)
        ],
        from_format: Annotated[
            str | None, Query(description="Its format; found from its content if absent.")
        ] = None,
        set_name: Annotated[
            str | None, Query(description="The prompt set its prompts go into or are found in.")
        ] = None,
        skip_bad: Annotated[
            bool, Query(description="Take the good rows although others are rejected.")
        ] = False,
        voter_kind: Annotated[VoterKind, Query(description="Who cast the votes.")] = VoterKind.HUMAN,
    ) -> JobView:
        """Import a file whose content is the body, and return the job that reads it at once.

        All rows are stored or none, unless `skip_bad`; the job's error says which rows cannot be used.
        """
        path = await _kept(bench.home / UPLOADS, folder_name(name), request)
        spec = ImportJob(
            file=str(path.absolute()),
            what=what,
            from_format=from_format,
            set_name=set_name or None,
            skip_bad=skip_bad,
            voter_kind=voter_kind,
            name=name,
        )
        try:
            await run_in_threadpool(_sweep, bench)
            job = await run_in_threadpool(bench.start_job, spec, by=caller.name)
        except BaseException:
            shutil.rmtree(path.parent, ignore_errors=True)
            raise
        return job.view()

    return router


async def _kept(uploads: Path, name: str, request: Request) -> Path:
    """Write the body into a new folder and return the file; a body that breaks off leaves nothing."""
    folder = uploads / secrets.token_hex(8)
    await run_in_threadpool(folder.mkdir, parents=True)
    path = folder / name
    try:
        with path.open("wb") as file:
            async for block in request.stream():
                await run_in_threadpool(file.write, block)
    except ClientDisconnect as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InvalidInput(f"The upload of {name} broke off: send it again.") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return path


def _sweep(bench: Workbench) -> None:
    """Remove uploads that no job needs any more."""
    needed = {
        Path(str(view.spec.get("file"))).parent.name
        for view in bench.list_jobs("import", limit=1000)
        if view.state.active or (view.resumable and _age(view) < KEPT_S)
    }
    for folder in _folders(bench.home / UPLOADS):
        if folder.name not in needed and time.time() - folder.stat().st_mtime > 3600:
            shutil.rmtree(folder, ignore_errors=True)


def _age(view: JobView) -> float:
    return time.time() - (view.ended_at or view.started_at).timestamp()


def _folders(uploads: Path) -> Sequence[Path]:
    return [path for path in uploads.iterdir() if path.is_dir()] if uploads.is_dir() else []
