"""Answers that come line by line: one JSON object a line (NDJSON), the last one an error where something went wrong."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from pydantic import BaseModel
from starlette.responses import StreamingResponse

from arena.errors import WorkbenchError
from workbench.api.problems import Problem, problem_of

NDJSON = "application/x-ndjson"
HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no", "content-encoding": "identity"}
"""Let no cache, proxy or compression hold lines back."""


class Broken(BaseModel):
    """The last line of a stream that could not go on."""

    event: str = "error"
    problem: Problem


async def stream(first: BaseModel, rest: AsyncIterator[BaseModel]) -> StreamingResponse:
    """Return a response of one line for `first` and one for each of `rest`."""
    return StreamingResponse(_lines(first, rest), media_type=NDJSON, headers=HEADERS)


async def _lines(first: BaseModel, rest: AsyncIterator[BaseModel]) -> AsyncIterator[bytes]:
    yield _line(first)
    try:
        async with aclosing(rest) as source:  # type: ignore[type-var]
            async for item in source:
                yield _line(item)
    except WorkbenchError as error:
        yield _line(Broken(problem=problem_of(error)))


def _line(item: BaseModel) -> bytes:
    return item.model_dump_json(exclude_none=True).encode() + b"\n"


def described(model: Any, what: str) -> dict[int | str, dict[str, Any]]:
    """Return how the document tells of a stream of lines of `model`."""
    return {200: {"description": what, "content": {NDJSON: {"schema": {"type": "string"}}}, "model": None}}
