"""Files out of the API: an export's Parquet and the votes that count, sent as they are read."""

import tempfile
from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from arena import exports
from arena.errors import InvalidInput
from arena.exports import Manifest
from arena.types import Preference, VoteFilter
from workbench.access.access import Access
from workbench.access.roles import Person, Role
from workbench.api.callers import caller
from workbench.api.exposed import Exposed
from workbench.api.routes import spread_of
from workbench.bench import Workbench
from workbench.home import folder_name

PARQUET = "application/vnd.apache.parquet"
_MEDIA = {
    "parquet": PARQUET,
    "csv": "text/csv; charset=utf-8",
    "csv.gz": "application/gzip",
    "jsonl": "application/x-ndjson",
    "jsonl.gz": "application/gzip",
}
_FILE = {"schema": {"type": "string", "format": "binary"}}
_VOTES = Exposed("export_votes", "GET", "/votes/download", Role.ANALYST, without=("path", "replace"))

_PREVIEW = Exposed("preview_export", "GET", "/preferences", Role.ANALYST, without=("majority",))


class Preview(BaseModel):
    """The preferences that votes give, and where every other vote went."""

    votes: int = Field(description="All standing votes that count.")
    battles: int = Field(description="The battles they were cast on.")
    pairs: int = Field(description="How many pairs an export would hold.")
    dropped: dict[str, int] = Field(description="The votes that give no pair, by reason.")
    languages: dict[str, int] = Field(description="Pairs whose prompt names a language, by language.")
    written_answers: int = Field(description="Answers that voters wrote themselves.")
    written_pairs: int = Field(description="Pairs in which such an answer is the chosen one.")
    first: list[Preference] = Field(description="The first pairs, in the export's order.")


_Name = Annotated[str, Path(description="The export's name.")]


def routes(bench: Workbench, access: Access) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["Exports"])
    Analyst = Annotated[Person, Depends(caller(access, Role.ANALYST))]  # noqa: N806

    @router.get("/exports/{name}", operation_id="export_manifest")
    def export_manifest(name: _Name, caller: Analyst) -> Manifest:
        """Return what an export holds and where it came from."""
        return exports.read_manifest(bench.exports_folder / folder_name(name))

    @router.get("/preferences", operation_id="preview_export")
    def preview_export(
        caller: Analyst,
        votes: Annotated[VoteFilter, Depends(spread_of(_PREVIEW, "votes"))],
        majority: Annotated[
            float,
            Query(
                ge=0, le=1, description="A pair is kept when more than this share of its decided votes agree."
            ),
        ] = 0.5,
        limit: Annotated[int, Query(ge=0, le=1000, description="Show at most so many pairs.")] = 20,
    ) -> Preview:
        """Return the preferences that the votes give, without freezing them."""
        found = bench.preview_export(votes, majority=majority)
        return Preview(
            votes=found.votes,
            battles=found.battles,
            pairs=len(found.kept),
            dropped=dict(found.dropped),
            languages=dict(found.languages),
            written_answers=found.written_answers,
            written_pairs=found.written_pairs,
            first=list(found.kept[:limit]),
        )

    @router.get(
        "/exports/{name}/download",
        operation_id="download_export",
        response_class=FileResponse,
        responses={200: {"description": "The preferences as Parquet.", "content": {PARQUET: _FILE}}},
    )
    def download_export(name: _Name, caller: Analyst) -> Response:
        """Download the preferences of an export as Parquet; its hash stands in the manifest."""
        path = bench.export_file(name)
        return FileResponse(path, filename=f"{name}.parquet", media_type=PARQUET)

    @router.get(
        "/votes/download",
        operation_id="download_votes",
        response_class=FileResponse,
        responses={
            200: {
                "description": "The votes in Chatbot Arena's columns; `import` reads them back.",
                "content": dict.fromkeys(sorted(set(_MEDIA.values())), _FILE),
                "headers": {
                    "x-workbench-votes": {
                        "description": "How many votes the file holds.",
                        "schema": {"type": "integer"},
                    }
                },
            }
        },
    )
    def download_votes(
        caller: Analyst,
        votes: Annotated[VoteFilter, Depends(spread_of(_VOTES, "votes"))],
        format: Annotated[
            Literal["parquet", "csv", "csv.gz", "jsonl", "jsonl.gz"], Query(description="The file's form.")
        ] = "parquet",
    ) -> Response:
        """Download the votes that count, in the order they were cast.

        Votes of judges without a licence are left out, as everywhere.
        """
        folder = tempfile.TemporaryDirectory(prefix=".download-", dir=bench.home)
        try:
            path = FilePath(folder.name) / f"votes.{format}"
            count = bench.export_votes(path, votes)
        except InvalidInput as error:
            folder.cleanup()
            raise InvalidInput(str(error).replace(str(path), path.name)) from error
        except BaseException:
            folder.cleanup()
            raise
        headers = {"x-workbench-votes": str(count), "content-encoding": "identity"}
        return FileResponse(
            path,
            filename=path.name,
            media_type=_MEDIA[format],
            headers=headers,
            background=BackgroundTask(folder.cleanup),
        )

    return router
