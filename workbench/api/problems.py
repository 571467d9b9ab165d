"""Errors on their way through HTTP: one problem document (RFC 9457) for each error, and the same error out of it.

`detail` is the sentence of the error, `error` the name of its class and `exit_code` what a command leaves with, so
that a command fails in the same words and with the same code whether the app runs or not.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from arena import errors
from arena.errors import ImportRejected, TooMany, WorkbenchError

PROBLEM = "application/problem+json"

_STATUS: tuple[tuple[type[WorkbenchError], int, str], ...] = (
    (errors.NotFound, 404, "Not found"),
    (errors.Conflict, 409, "Conflict"),
    (errors.InvalidInput, 422, "Input that cannot be used"),
    (errors.ModelFailed, 424, "The model gave no answer"),
    (errors.CheckFailed, 409, "A check failed"),
    (errors.RunFailed, 409, "The run failed"),
    (errors.NotSignedIn, 401, "Not signed in"),
    (errors.NotAllowed, 403, "Not allowed"),
    (errors.TooMany, 429, "Too many requests"),
    (errors.NotReached, 503, "Not reached"),
    (errors.StoreLocked, 503, "The database is in use"),
    (errors.StoreFailed, 507, "The database cannot be written"),
    (errors.StoreDamaged, 500, "The database cannot be read"),
)
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "No such method here",
    409: "Conflict",
    413: "Too large",
    415: "Not a form this can read",
    421: "Not the app of that name",
    422: "Input that cannot be used",
    424: "The model gave no answer",
    429: "Too many requests",
    500: "A fault of the workbench itself",
    503: "The database is in use",
    507: "The database cannot be written",
}


class Reject(BaseModel):
    """A row of an import that cannot be used."""

    line: Annotated[int, Field(description="Its line, counted from 1; in Parquet its row.")]
    reason: Annotated[str, Field(description="Why it cannot be used.")]


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it, with what a command needs to say the same."""

    type: Annotated[str, Field(description="A name for the kind of problem that stays the same.")]
    title: Annotated[str, Field(description="The kind of problem in a few words.")]
    status: Annotated[int, Field(description="The status of the response.")]
    detail: Annotated[str, Field(description="One sentence: what failed, which value, what to do.")]
    error: Annotated[str, Field(description="The kind of error by its name in the workbench.")]
    exit_code: Annotated[int, Field(description="What a command leaves with after this error.")]
    rejects: Annotated[
        list[Reject] | None, Field(description="Of an import: the rows that cannot be used.")
    ] = None


def problem_of(error: WorkbenchError) -> Problem:
    """Return the problem document of an error."""
    status, title = next(
        ((status, title) for kind, status, title in _STATUS if isinstance(error, kind)),
        (400, TITLES[400]),
    )
    found = problem(status, str(error), error=type(error).__name__, exit_code=error.exit_code, title=title)
    if isinstance(error, ImportRejected):
        rejects = [Reject(line=line, reason=reason) for line, reason in error.rejects]
        return found.model_copy(update={"rejects": rejects})
    return found


def problem(
    status: int, detail: str, *, error: str = "InvalidInput", exit_code: int = 2, title: str | None = None
) -> Problem:
    """Return a problem document."""
    return Problem(
        type=f"urn:workbench:problem:{_dashed(error)}",
        title=title or TITLES.get(status, "Problem"),
        status=status,
        detail=detail,
        error=error,
        exit_code=exit_code,
    )


def error_of(document: Mapping[str, Any], retry_after: float | None = None) -> WorkbenchError:
    """Return the error that a problem document tells of, of the class it was raised as."""
    found = Problem.model_validate(document)
    kind = _known().get(found.error, WorkbenchError)
    if issubclass(kind, ImportRejected):
        return kind(found.detail, tuple((row.line, row.reason) for row in found.rejects or ()))
    error = kind(found.detail)
    error.exit_code = found.exit_code
    if retry_after is not None and isinstance(error, TooMany):
        error.retry_after = retry_after
    return error


def _known() -> dict[str, type[WorkbenchError]]:
    found: dict[str, type[WorkbenchError]] = {}
    waiting: list[type[WorkbenchError]] = [WorkbenchError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind
        waiting += kind.__subclasses__()
    return found


def _dashed(name: str) -> str:
    """Return `NotFound` as `not-found`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
