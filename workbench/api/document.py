"""The API's document: what FastAPI writes, with the problems every route may answer with and how one signs in."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from workbench.api.problems import PROBLEM, TITLES, Problem

_ALWAYS = (401, 403, 404, 422, 429)
_WITH_BODY = (400, 409, 413, 415, 424)


def complete(api: FastAPI) -> None:
    """Let the document of `api` tell of problems and of tokens."""
    write: Callable[[], dict[str, Any]] = api.openapi

    def document() -> dict[str, Any]:
        if api.openapi_schema is None:
            found = write()
            _add_problems(found)
            _add_tokens(found)
            api.openapi_schema = found
        return api.openapi_schema

    api.openapi = document  # type: ignore[method-assign]


def _add_problems(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas[Problem.__name__] = problem
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    for path in document["paths"].values():
        for method, operation in path.items():
            statuses = _ALWAYS if method == "get" else (*_ALWAYS, *_WITH_BODY)
            for status in statuses:
                operation["responses"][str(status)] = {
                    "description": TITLES[status],
                    "content": {PROBLEM: {"schema": schema}},
                }


def _add_tokens(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token: `workbench tokens add NAME --role ROLE` gives one.",
        }
    }
    document["security"] = [{"token": []}]
