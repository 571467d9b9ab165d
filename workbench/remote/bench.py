"""The verbs over HTTP: `RemoteWorkbench` has those of `Workbench`, made from the table that the routes are made of."""

import asyncio
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from pydantic import TypeAdapter

from arena.errors import NotReached
from workbench.api.cursors import Page, cursor_of
from workbench.api.exposed import Exposed
from workbench.api.queries import write_query
from workbench.api.signature import Signature, signature_of
from workbench.api.table import by_verb
from workbench.bench import Workbench
from workbench.jobs.specs import AnyJob, ImportJob, dump_spec
from workbench.jobs.view import JobView
from workbench.owner import Owner, workbench_version
from workbench.remote.client import Client
from workbench.remote.jobs import RemoteJob, read_view

_PAGE = 1000


class RemoteWorkbench:
    """The workbench that another process has open; a verb returns and raises what it would there."""

    def __init__(self, home: Path, owner: Owner) -> None:
        if owner.version != workbench_version():
            raise NotReached(
                f"The app of this home (process {owner.pid}, {owner.address}) is workbench {owner.version}, and this "
                f"is {workbench_version()}: stop the app and start it again."
            )
        self.home = home
        self.client = Client(owner)

    @property
    def exports_folder(self) -> Path:
        """Where frozen exports stand."""
        return self.home / "exports"

    def close(self) -> None:
        """Let the connection go."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def start_job(self, spec: AnyJob, *, by: str | None = None) -> RemoteJob:
        """Begin long work there and return it at once; the app knows `by` from the token."""
        if isinstance(spec, ImportJob):
            spec = replace(spec, file=str(Path(spec.file).absolute()))
        body = _adapter(Any).dump_json(dump_spec(spec))
        return RemoteJob(self.client, read_view(self.client.send("POST", "/jobs", body=body)))

    def resume_job(self, job_id: str, *, by: str | None = None) -> RemoteJob:
        """Go on with a job there."""
        content = self.client.send("POST", f"/jobs/{quote(job_id, safe='')}/resume")
        return RemoteJob(self.client, read_view(content))

    def job(self, job_id: str) -> JobView:
        """Return a job as it is now."""
        return read_view(self.client.send("GET", f"/jobs/{quote(job_id, safe='')}"))

    def handle(self, job_id: str) -> RemoteJob:
        """Return a job to be followed."""
        return RemoteJob(self.client, self.job(job_id))

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        """Return a verb of the table."""
        exposed = _table().get(verb)
        if exposed is None:
            raise AttributeError(f"The verb {verb!r} is not exposed by the API.")
        signature = signature_of(Workbench, exposed)
        called = inspect.signature(getattr(Workbench, verb))

        def call(*given: Any, **named: Any) -> Any:
            bound = called.bind(self, *given, **named)
            bound.apply_defaults()
            return self._call(signature, bound.arguments)

        async def awaited(*given: Any, **named: Any) -> Any:
            return await asyncio.to_thread(call, *given, **named)

        return awaited if signature.awaited else call

    def _call(self, signature: Signature, values: Mapping[str, Any]) -> Any:
        exposed, path = signature.exposed, signature.exposed.path
        query: list[tuple[str, str]] = []
        body: dict[str, Any] = {}
        cursor: str | None = None
        limit: int | None = None
        for parameter in signature.parameters:
            value = values[parameter.name]
            if parameter.place == "path":
                path = path.replace(f"{{{parameter.name}}}", quote(str(value), safe=""))
            elif exposed.keyset and parameter.name == exposed.keyset[0]:
                cursor = None if value is None else cursor_of(value)
            elif exposed.keyset and parameter.name == "limit":
                limit = value
            elif parameter.place == "query":
                query += write_query(parameter, value)
            elif parameter.place == "body":
                placed = value.absolute() if isinstance(value, Path) else value
                body[parameter.name] = _adapter(parameter.hint).dump_python(placed, mode="json")
        content = _adapter(Any).dump_json(body) if body else None
        if exposed.paged or exposed.keyset:
            item = typing.get_args(signature.returns.hint)[0]
            return signature.returns.load(self._pages(item, path, query, cursor=cursor, limit=limit))
        found = self.client.send(exposed.method, path, query, content)
        if signature.empty:
            return None
        return signature.returns.load(_adapter(signature.returns.hint).validate_json(found))

    def _pages(
        self,
        item: Any,
        path: str,
        query: list[tuple[str, str]],
        *,
        cursor: str | None,
        limit: int | None,
    ) -> list[Any]:
        """Return the items of all pages from `cursor` on, at most `limit`."""
        items: list[Any] = []
        page = _adapter(Page[item])
        while limit is None or len(items) < limit:
            most = _PAGE if limit is None else min(_PAGE, limit - len(items))
            asked = [*query, ("limit", str(most)), *([("cursor", cursor)] if cursor else [])]
            found = page.validate_json(self.client.send("GET", path, asked))
            items += found.items
            cursor = found.next_cursor
            if cursor is None:
                break
        return items


@cache
def _table() -> dict[str, Exposed]:
    return by_verb()


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)
