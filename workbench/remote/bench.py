"""The verbs over HTTP: `RemoteWorkbench` has those of `Workbench`, made from the table that the routes are made of."""

import asyncio
import inspect
import typing
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from pydantic import TypeAdapter

from arena.errors import NotReached
from workbench.api.cursors import Page
from workbench.api.exposed import Exposed
from workbench.api.queries import write_query
from workbench.api.signature import Signature, signature_of
from workbench.api.table import by_verb
from workbench.bench import Workbench
from workbench.owner import Owner, workbench_version
from workbench.remote.client import Client


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
        exposed = signature.exposed
        path = exposed.path
        query: list[tuple[str, str]] = []
        body: dict[str, Any] = {}
        for parameter in signature.parameters:
            value = values[parameter.name]
            if parameter.place == "path":
                path = path.replace(f"{{{parameter.name}}}", quote(str(value), safe=""))
            elif parameter.place == "query":
                query += write_query(parameter, value)
            elif parameter.place == "body":
                body[parameter.name] = _adapter(parameter.hint).dump_python(value, mode="json")
        content = _adapter(Any).dump_json(body) if body else None
        if exposed.paged:
            return self._all_pages(exposed, path, query, signature.returns)
        found = self.client.send(exposed.method, path, query, content)
        return None if signature.returns is type(None) else _adapter(signature.returns).validate_json(found)

    def _all_pages(
        self, exposed: Exposed, path: str, query: list[tuple[str, str]], returns: Any
    ) -> list[Any]:
        items: list[Any] = []
        cursor: str | None = None
        page = _adapter(Page[typing.get_args(returns)[0]])  # type: ignore[misc]
        while True:
            asked = [*query, ("limit", "1000"), *([("cursor", cursor)] if cursor else [])]
            found = page.validate_json(self.client.send(exposed.method, path, asked))
            items += found.items
            cursor = found.next_cursor
            if cursor is None:
                return items


@cache
def _table() -> dict[str, Exposed]:
    return by_verb()


def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)
