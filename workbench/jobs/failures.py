"""Why a job failed, as a row keeps it, and as the error it was: raised again, it has its class and its exit code."""

from collections.abc import Iterator, Mapping
from typing import Any

from arena.errors import ImportRejected, WorkbenchError

FAULT = "Fault"
"""The kind of an error that is a bug of ours."""
MOST_REJECTS = 1000
"""So many refused rows of an import are kept with its error."""


class JobStoppedError(WorkbenchError):
    """A job was stopped, or its process ended, before there was a result; what was done by then is kept."""

    exit_code = 130


def failure_of(error: BaseException) -> tuple[str, str, Any]:
    """Return an error as (sentence, kind, detail), the detail as plain JSON."""
    if not isinstance(error, WorkbenchError):
        sentence = f"The job ended by a fault of the workbench itself: {type(error).__name__}: {error}"
        return sentence, FAULT, None
    detail = None
    if isinstance(error, ImportRejected):
        detail = {"rejects": [list(reject) for reject in error.rejects[:MOST_REJECTS]]}
    return str(error), type(error).__name__, detail


def error_of(sentence: str, kind: str | None, detail: Any = None) -> WorkbenchError:
    """Return the error that `failure_of` took apart; one of a class that is not known is a plain `WorkbenchError`."""
    found = {cls.__name__: cls for cls in _classes(WorkbenchError)}.get(kind or "", WorkbenchError)
    if found is ImportRejected:
        rejects = detail.get("rejects", ()) if isinstance(detail, Mapping) else ()
        return ImportRejected(sentence, tuple((int(line), str(reason)) for line, reason in rejects))
    return found(sentence)


def _classes(base: type[WorkbenchError]) -> Iterator[type[WorkbenchError]]:
    yield base
    for cls in base.__subclasses__():
        yield from _classes(cls)
