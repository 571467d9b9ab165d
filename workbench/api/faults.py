"""How every error of the API becomes a problem document, those of FastAPI and Starlette too."""

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from arena.errors import WorkbenchError
from workbench.api.problems import PROBLEM, TITLES, Problem, problem, problem_of


def problem_response(found: Problem, headers: dict[str, str] | None = None) -> Response:
    """Return a problem document as a response."""
    return Response(
        found.model_dump_json(exclude_none=True), found.status, headers=headers, media_type=PROBLEM
    )


def refuse(scope: Scope, status: int, error: WorkbenchError) -> Response:
    """Answer whoever does not get in at the door: a problem document under the API, the sentence alone elsewhere."""
    if not scope["path"].startswith("/api/"):
        return PlainTextResponse(str(error), status)
    found = problem_of(error).model_copy(update={"status": status, "title": TITLES.get(status, "Refused")})
    return problem_response(found, {"www-authenticate": "Bearer"} if status == 401 else None)


def install(app: FastAPI) -> None:
    """Let `app` answer every error with a problem document."""
    app.add_exception_handler(WorkbenchError, _of_workbench)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_starlette)


async def response_of(error: Exception, request: Request) -> Response | None:
    """Return what answers an error, `None` for a fault of ours."""
    if isinstance(error, WorkbenchError):
        return await _of_workbench(request, error)
    if isinstance(error, RequestValidationError):
        return await _invalid(request, error)
    return await _of_starlette(request, error) if isinstance(error, HTTPException) else None


async def _of_workbench(request: Request, error: Exception) -> Response:
    assert isinstance(error, WorkbenchError)
    found = problem_of(error)
    after = getattr(error, "retry_after", None)
    headers = {"www-authenticate": "Bearer"} if found.status == 401 else {}
    if after is not None:
        headers["retry-after"] = str(max(1, round(after)))
    return problem_response(found, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(problem(422, sentence_of([dict(found) for found in error.errors()])))


def sentence_of(found: list[dict[str, Any]]) -> str:
    """Return what is wrong with a request in one sentence: the first faults, with their places and values."""
    parts = []
    for fault in found[:3]:
        place = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
        value = fault.get("input")
        shown = "" if fault["type"] in ("missing", "extra_forbidden") else f" (given: {_short(value)})"
        parts.append(f"{place}: {fault['msg'][:1].lower()}{fault['msg'][1:]}{shown}")
    more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
    return f"The request cannot be used: {'; '.join(parts)}{more}."


def _short(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


async def _of_starlette(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path, headers = request.url.path, dict(error.headers or {})
    if error.status_code == 404:
        found = problem(
            404, f"There is nothing at {path}: see the API's document.", error="NotFound", exit_code=3
        )
    elif error.status_code == 405:
        found = problem(405, f"{request.method} is not possible at {path}: see the API's document.")
    else:
        found = problem(error.status_code, f"{error.detail}".rstrip(".") + ".")
    return problem_response(found, headers)
