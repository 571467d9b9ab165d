"""Requests to the API: one connection, one token, and problem documents turned back into the errors they tell of."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from arena.errors import NotReached, NotSignedIn, WorkbenchError
from workbench.api.problems import PROBLEM, error_of
from workbench.owner import Owner, workbench_version

PREFIX = "/api/v1"
JSON = "application/json"
CONNECT_S = 5.0
"""So long the app may take to accept a connection; an answer may take as long as the verb does."""

Query = Sequence[tuple[str, str]]


class Client:
    """Speaks to one app; close it after use."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self._http = httpx.Client(
            base_url=owner.address + PREFIX,
            headers={
                "authorization": f"Bearer {owner.token}",
                "user-agent": f"workbench/{workbench_version()}",
                "accept-encoding": "identity",
            },
            timeout=httpx.Timeout(None, connect=CONNECT_S),
            trust_env=False,
        )

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def send(self, method: str, path: str, query: Query = (), body: Any = None) -> bytes:
        """Return the body of the answer.

        Raises:
            WorkbenchError: the error that the verb raised there.
            NotReached: the app does not answer.
        """
        with self._reaching():
            found = self._http.request(method, path, params=list(query), content=body, headers=_content(body))
        if not found.is_success:
            raise self._error(found)
        if found.content and not found.headers.get("content-type", "").startswith(JSON):
            raise self._stranger(found)
        return found.content

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        """Give the answer while it comes; see `send` for what is raised."""
        sent = {**_content(body), **(headers or {})}
        with (
            self._reaching(),
            self._http.stream(method, path, params=list(query), content=body, headers=sent) as found,
        ):
            if not found.is_success:
                found.read()
                raise self._error(found)
            yield found

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                raise NotReached(
                    f"The app of this home (process {self.owner.pid}) does not answer at {self.owner.address}: "
                    "stop that process, or wait until it listens."
                ) from error
            raise NotReached(
                f"The app at {self.owner.address} broke off before it had answered ({type(error).__name__}): "
                "look whether it still runs, then run the command again."
            ) from error

    def _error(self, found: httpx.Response) -> WorkbenchError:
        if not found.headers.get("content-type", "").startswith(PROBLEM):
            return self._stranger(found)
        error = error_of(found.json())
        if isinstance(error, NotSignedIn):
            return NotSignedIn(
                f"The app at {self.owner.address} does not take the token in server.json: it is not the app of "
                "this home any more; stop it, or start it on this home again."
            )
        return error

    def _stranger(self, found: httpx.Response) -> NotReached:
        return NotReached(
            f"What answers at {self.owner.address} is no workbench of this version (status {found.status_code}): "
            "stop it, or name another home."
        )


def _content(body: Any) -> dict[str, str]:
    return {"content-type": JSON} if isinstance(body, bytes) else {}
