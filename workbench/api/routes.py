"""How a line of the table becomes a route: an endpoint whose signature FastAPI reads like one written by hand.

Results are written by pydantic's own serializer straight to bytes; FastAPI gets the type only for the document.
"""

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import BaseModel, TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from workbench.access.roles import Person
from workbench.api.bodies import body_of, opened
from workbench.api.callers import Access, caller, check_asked, check_filters, check_job
from workbench.api.cursors import Page, cursor_of, key_of, number_of
from workbench.api.exposed import Exposed
from workbench.api.queries import query_inputs, read_query
from workbench.api.signature import NO_DEFAULT, Parameter, Signature, signature_of
from workbench.api.words import describe
from workbench.bench import Workbench

JSON = "application/json"
PAGE_LIMIT = 1000
"""The most items on a page."""


def add_route(router: APIRouter, bench: Workbench, access: Access, exposed: Exposed, tag: str) -> None:
    """Add the route of one line of the table."""
    signature = signature_of(Workbench, exposed)
    body = body_of(signature)
    documented: Any = signature.returns.hint
    if exposed.paged or exposed.keyset:
        documented = Page[typing.get_args(documented)[0]]  # type: ignore[misc]
    router.add_api_route(
        exposed.path,
        _endpoint(bench, access, signature, body, documented),
        methods=[exposed.method],
        operation_id=exposed.verb,
        tags=[tag],
        summary=signature.summary,
        description=signature.description or signature.summary,
        response_model=None if signature.empty else documented,
        status_code=204 if signature.empty else 200,
        include_in_schema=not exposed.own,
    )


def _endpoint(
    bench: Workbench,
    access: Access,
    signature: Signature,
    body: type[BaseModel] | None,
    documented: Any,
) -> Callable[..., Awaitable[Response]]:
    exposed = signature.exposed
    verb = getattr(bench, exposed.verb)

    @cache
    def adapter() -> TypeAdapter[Any]:
        return TypeAdapter(documented)

    async def endpoint(**given: Any) -> Response:
        values = _values(signature, given)
        check_filters(given["caller"], values.values())
        check_asked(given["caller"], [name for name in exposed.analysts if values.get(name)])
        if exposed.job:
            check_job(given["caller"], (await run_in_threadpool(bench.job, values["job_id"])).kind)
        found = await verb(**values) if signature.awaited else await run_in_threadpool(verb, **values)
        if signature.empty:
            return Response(status_code=204)
        found = signature.returns.dump(found)
        if exposed.keyset:
            found = _keyed(documented, found, given["limit"], exposed.keyset[1])
        elif exposed.paged:
            found = _page(documented, found, given["limit"], given["cursor"])
        return Response(await run_in_threadpool(adapter().dump_json, found), media_type=JSON)

    who = Annotated[Person, Depends(caller(access, exposed.role, own=exposed.own))]
    _sign(endpoint, [("caller", who, NO_DEFAULT), *_inputs(signature, body)])
    endpoint.__name__ = exposed.verb
    return endpoint


def spread_of(exposed: Exposed, name: str) -> Callable[..., Any]:
    """Return a dependency that reads one parameter of a verb, a filter, from the query; for routes written out."""
    signature = signature_of(Workbench, exposed)
    parameter = next(found for found in signature.parameters if found.name == name)

    async def read(**given: Any) -> Any:
        return read_query(parameter, given)

    _sign(read, list(query_inputs(parameter, exposed.words)))
    return read


def _sign(function: Callable[..., Any], inputs: list[tuple[str, Any, Any]]) -> None:
    """Give a function of keywords the parameters that FastAPI is to read."""
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=default)
            for name, hint, default in inputs
        ]
    )


def _page(kind: type[Page[Any]], found: list[Any], limit: int, cursor: str | None) -> Page[Any]:
    begin = number_of(cursor)
    end = begin + limit
    following = cursor_of(end) if end < len(found) else None
    return kind.model_construct(items=found[begin:end], next_cursor=following)


def _keyed(kind: type[Page[Any]], found: list[Any], limit: int, field: str) -> Page[Any]:
    full = bool(found) and len(found) >= limit
    following = cursor_of(getattr(found[-1], field)) if full else None
    return kind.model_construct(items=found, next_cursor=following)


def _inputs(signature: Signature, body: type[BaseModel] | None) -> list[tuple[str, Any, Any]]:
    words = signature.exposed.words
    inputs: list[tuple[str, Any, Any]] = []
    for parameter in signature.parameters:
        if parameter.place == "path":
            about = Path(description=describe(parameter.name, words))
            inputs.append((parameter.name, Annotated[parameter.hint, about], NO_DEFAULT))
        elif parameter.place == "query" and not _of_page(signature, parameter):
            inputs += query_inputs(parameter, words)
    if signature.exposed.paged or signature.exposed.keyset:
        most = Query(description=describe("limit", words), ge=1, le=PAGE_LIMIT)
        inputs.append(("limit", Annotated[int, most], 100))
        inputs.append(("cursor", Annotated[str | None, Query(description=describe("cursor", words))], None))
    if body is not None:
        optional = not any(field.is_required() for field in body.model_fields.values())
        inputs.append(("body", Annotated[body, Body()], body() if optional else NO_DEFAULT))
    return inputs


def _of_page(signature: Signature, parameter: Parameter) -> bool:
    """Whether a parameter is what says which page is wanted."""
    keyset = signature.exposed.keyset
    return keyset is not None and parameter.name in ("limit", keyset[0])


def _values(signature: Signature, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the verb."""
    person: Person = given["caller"]
    values: dict[str, Any] = {}
    for parameter in signature.parameters:
        name = parameter.name
        if parameter.place == "person":
            values[name] = person.voter if name == "voter" else person.name
        elif parameter.place == "body":
            values[name] = opened(getattr(given["body"], name))
        elif _of_page(signature, parameter):
            values[name] = given["limit"] if name == "limit" else key_of(given["cursor"], parameter.hint)
        elif parameter.place == "query":
            values[name] = read_query(parameter, given)
        else:
            values[name] = given[name]
    return values
