"""A job of the app, as a command holds it: a `JobHandle` over HTTP."""

import time
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from workbench.jobs.results import result_of
from workbench.jobs.view import JobView

if TYPE_CHECKING:
    from workbench.remote.client import Client

_WAIT_S = 20.0
"""So long one request waits for a job; a longer wait asks again."""

_view = TypeAdapter(JobView)


def read_view(content: bytes) -> JobView:
    """Return a job as the app sent it."""
    return _view.validate_json(content)


class RemoteJob:
    """A job that can be followed and ended; see `workbench.jobs.view.JobHandle`."""

    def __init__(self, client: "Client", view: JobView) -> None:
        self._client = client
        self._view = view
        self.id = view.id

    def view(self) -> JobView:
        """Return the job as it is now."""
        return self._ask()

    def stop(self) -> None:
        """Ask the work to finish what it has begun and end; a second call changes nothing."""
        self._client.send("POST", f"/jobs/{self.id}/stop", body=b'{"now":false}')

    def cancel(self) -> None:
        """End the work where it stands; what it has kept by then is kept."""
        self._client.send("POST", f"/jobs/{self.id}/stop", body=b'{"now":true}')

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the job has ended, at most `seconds`; return whether it has."""
        end = None if seconds is None else time.monotonic() + seconds
        while self._view.state.active:
            left = _WAIT_S if end is None else min(_WAIT_S, end - time.monotonic())
            self._ask(max(0.0, left))
            if end is not None and time.monotonic() >= end:
                break
        return not self._view.state.active

    def result(self) -> Any:
        """Return what came of it as the type of its kind, or raise the error it failed with."""
        return result_of(self._view if not self._view.state.active else self._ask())

    def _ask(self, wait: float = 0.0) -> JobView:
        query = [("wait", f"{wait:.3f}")] if wait else []
        self._view = read_view(self._client.send("GET", f"/jobs/{self.id}", query))
        return self._view
