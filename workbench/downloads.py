"""Downloads as plain routes: the leaderboard as CSV and an export's Parquet file."""

import csv
import io

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from arena.errors import NotAllowed, NotFound, WorkbenchError
from arena.leaderboard import Leaderboard
from workbench.access.access import Access
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.tabs.chosen import Chosen

_COLUMNS = (
    "rank_best",
    "rank_worst",
    "name",
    "rating",
    "lower",
    "upper",
    "votes",
    "wins",
    "losses",
    "ties",
    "win_rate",
    "note",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def routes(bench: Workbench, access: Access) -> APIRouter:
    """Return the routes; an unknown name is 404, a filter that cannot be used 400, each with its sentence.

    Everybody who may come in sees the leaderboard; exports are for analysts.
    """
    router = APIRouter()
    analyst = access.require(Role.ANALYST)

    @router.get("/leaderboard.csv")
    def leaderboard_csv(request: Request) -> Response:
        try:
            chosen = Chosen.of_query(request.query_params)
            board = bench.leaderboard(chosen.votes, chosen.options)
        except WorkbenchError as error:
            return PlainTextResponse(str(error), 400)
        return _attachment(as_csv(board), "leaderboard.csv")

    @router.get("/exports/{name}.parquet")
    def export(name: str, request: Request) -> Response:
        try:
            analyst(request.scope)
            path = bench.export_file(name)
        except NotFound as error:
            return PlainTextResponse(str(error), 404)
        except NotAllowed as error:
            return PlainTextResponse(str(error), 403)
        except WorkbenchError as error:
            return PlainTextResponse(str(error), 400)
        return FileResponse(path, filename=f"{name}.parquet", media_type="application/vnd.apache.parquet")

    return router


def as_csv(board: Leaderboard) -> str:
    """Return the board as CSV; a name that a spreadsheet would take for a formula gets a leading apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in board.rows:
        values = row.as_dict()
        writer.writerow([_cell(values[column]) for column in _COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value


def _attachment(text: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
