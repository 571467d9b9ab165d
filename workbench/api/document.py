"""The API's document: what FastAPI writes, with the problems every route may answer with and how one signs in."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from workbench.api.problems import PROBLEM, TITLES, Problem

TAGS = (
    ("About", "Who one is, and what answers."),
    ("Battles", "Start battles and vote on them; names stay hidden until the caller's own vote stands."),
    ("Prompts", "Prompt sets and the prompts in them."),
    ("Own votes", "What callers may see of themselves, and what they add to a vote."),
    ("Review", "Queues of prepared battles that several people vote through."),
    ("Ratings", "The leaderboard and the votes it rests on."),
    ("Exports", "Preferences frozen as datasets, and votes as a file."),
    ("Judges", "Judges, their templates and their verdicts."),
    ("Agreement", "How far judges agree with people, and whether their votes count."),
    ("People", "How far voters agree with each other, how far each can be relied on, and what divides them."),
    ("Integrity", "What holds the first place up: votes, voters, prompts and answers to look at."),
    ("Scores", "Metrics, and numbers for stored answers."),
    ("Golden sets", "Frozen prompts with checks, and how models did on them."),
    ("Training", "Runs, and whether their models replace what they came from."),
    ("Models", "The named sources of answers."),
    ("Jobs", "Long work: start it, follow it, stop it, go on with it."),
    ("Access", "API tokens."),
)
"""What the routes are grouped by, in the order of the document."""

_ALWAYS = (401, 403, 404, 422, 429)
_WITH_BODY = (400, 409, 413, 415, 424)


def complete(api: FastAPI) -> None:
    """Let the document of `api` tell of problems and of tokens."""
    write: Callable[[], dict[str, Any]] = api.openapi

    def document() -> dict[str, Any]:
        if api.openapi_schema is None:
            found = write()
            _add_problems(found)
            _add_roles(found, api)
            _add_summaries(found)
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


def _add_roles(document: dict[str, Any], api: FastAPI) -> None:
    """Say under `x-role` which role an operation takes."""
    for route in api.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            calls = [needed.call for needed in route.dependant.dependencies]
            roles = [getattr(call, "role", None) for call in calls]
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                if role := next((str(role) for role in roles if role), None):
                    operation["x-role"] = role


def _add_summaries(document: dict[str, Any]) -> None:
    """Make the first sentence of what a route written out says of itself its summary."""
    for path in document["paths"].values():
        for operation in path.values():
            name = operation["operationId"].replace("_", " ").title()
            if operation.get("summary") == name and operation.get("description"):
                first, _, rest = operation["description"].partition("\n\n")
                operation["summary"] = " ".join(first.split()).rstrip(".")
                operation["description"] = rest or operation["summary"]


def _add_tokens(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token: `workbench tokens add NAME --role ROLE` gives one.",
        }
    }
    document["security"] = [{"token": []}]
