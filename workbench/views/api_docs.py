"""The page of the API: every route with what it takes, what it gives and who may ask, from the OpenAPI document."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.html import Html, join, tag
from workbench.page import plain_head
from workbench.views.chrome import mark

Schema = Mapping[str, Any]
_PREFIX = "/api/v1"
_DEEPEST = 3
"""So many levels of objects are spelled out; what lies deeper is named."""


def page(document: Schema) -> str:
    """Return the whole page of an OpenAPI document."""
    groups = [(about, list(_operations(document, about["name"]))) for about in document["tags"]]
    groups = [(about, operations) for about, operations in groups if operations]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", "API · Workbench"),
        plain_head("api"),
    )
    body = tag(
        "body",
        tag("header", tag("a", mark(), tag("span", "Workbench"), href="/", class_="home"), class_="top"),
        tag(
            "div", _contents(groups), tag("main", _opening(document), _groups(document, groups)), class_="api"
        ),
    )
    return "<!doctype html>" + tag("html", head, body, lang="en")


def _operations(document: Schema, name: str) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if name in operation.get("tags", ()):
                yield method.upper(), path, operation


def _contents(groups: list[tuple[Schema, list[tuple[str, str, Schema]]]]) -> Html:
    links = [
        tag(
            "li",
            tag("a", about["name"], " ", tag("span", len(found), class_="count"), href=f"#{_slug(about)}"),
        )
        for about, found in groups
    ]
    return tag("nav", tag("ul", links), aria_label="Contents")


def _opening(document: Schema) -> Html:
    example = (
        f"curl -H 'Authorization: Bearer TOKEN' http://127.0.0.1:7860{_PREFIX}/leaderboard\n"
        f"curl -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' \\\n"
        f'     -d \'{{"prompt": "Why is the sky blue?"}}\' http://127.0.0.1:7860{_PREFIX}/battles'
    )
    return join(
        tag("h1", "API"),
        tag(
            "p",
            document["info"]["description"],
            " All paths stand under ",
            tag("code", _PREFIX),
            "; this is version ",
            document["info"]["version"],
            ".",
        ),
        tag(
            "p",
            "A request carries an API token; ",
            tag("code", "workbench tokens add NAME --role ROLE"),
            " gives one. An error is a problem document whose ",
            tag("code", "detail"),
            " says in a sentence what failed and what to do. Long lists come in pages: send ",
            tag("code", "next_cursor"),
            " as ",
            tag("code", "cursor"),
            " for the next one. The same as data: ",
            tag("a", "openapi.json", href=f"{_PREFIX}/openapi.json"),
            ".",
        ),
        tag("pre", tag("code", example), tabindex="0"),
    )


def _groups(document: Schema, groups: list[tuple[Schema, list[tuple[str, str, Schema]]]]) -> list[Html]:
    return [
        tag(
            "section",
            tag("h2", about["name"], id=_slug(about)),
            tag("p", about["description"], class_="muted"),
            [_operation(document, *found) for found in operations],
        )
        for about, operations in groups
    ]


def _operation(document: Schema, method: str, path: str, operation: Schema) -> Html:
    summary = operation.get("summary", "")
    description = operation.get("description", "")
    heading = tag(
        "summary",
        tag("span", method, class_=f"method {method.lower()}"),
        tag("code", path),
        tag("span", _written(summary.rstrip(".")), class_="what"),
        tag("span", operation.get("x-role") or "anybody", class_="role"),
    )
    return tag(
        "details",
        heading,
        tag(
            "div",
            [
                tag("p", _written(part))
                for part in description.split("\n\n")
                if part.rstrip(".") != summary.rstrip(".")
            ],
            _parameters(document, operation),
            _body(document, operation),
            _answers(document, operation),
            class_="inside",
        ),
        id=operation["operationId"],
    )


def _parameters(document: Schema, operation: Schema) -> Html | None:
    rows = [
        _row(
            found["name"],
            _type(document, found["schema"]).removesuffix(" or null"),
            found["required"],
            found.get("description", ""),
            found["in"],
            found["schema"].get("default"),
        )
        for found in operation.get("parameters", ())
    ]
    return _table("Parameters", rows) if rows else None


def _body(document: Schema, operation: Schema) -> Html | None:
    found = operation.get("requestBody")
    if found is None:
        return None
    kind, content = next(iter(found["content"].items()))
    rows = list(_fields(document, content["schema"]))
    about = found.get("description", "")
    title = f"Body, {kind}"
    return _table(title, rows, about) if rows else join(tag("h3", title), tag("p", about))


def _answers(document: Schema, operation: Schema) -> list[Html]:
    parts: list[Html] = []
    others = []
    for status, answer in sorted(operation["responses"].items()):
        if not status.startswith("2"):
            others.append(tag("li", tag("code", status), " ", answer["description"]))
            continue
        content = answer.get("content", {})
        kinds = ", ".join(content) or "nothing"
        schema = next(iter(content.values())).get("schema", {}) if content else {}
        rows = list(_fields(document, schema))
        told = answer["description"] if answer["description"] != "Successful Response" else ""
        name = _type(document, schema) if schema else ""
        title = f"Answer {status}, {kinds}" + (f": {name}" if name and name != "text" else "")
        parts.append(_table(title, rows, told) if rows else join(tag("h3", title), tag("p", told)))
    return [*parts, tag("h3", "Problems"), tag("ul", others, class_="problems")]


def _fields(document: Schema, schema: Schema, prefix: str = "", depth: int = 1) -> Iterator[Html]:
    """Yield a row for each field of an object, those of objects within it under their path."""
    schema = _resolved(document, schema)
    if schema.get("type") == "array" and depth == 1:
        yield from _fields(document, schema.get("items", {}), "[].", depth)
        return
    for choice in schema.get("oneOf", ()) if depth == 1 else ():
        found = _resolved(document, choice)
        kind = found.get("properties", {}).get("kind", {}).get("const")
        yield tag(
            "tr", tag("th", f"kind {kind}" if kind else found.get("title", ""), colspan="4", scope="rowgroup")
        )
        yield from _fields(document, found, prefix, depth)
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        about = field.get("description") or ""
        yield _row(path, _type(document, field), name in required, about, None, field.get("default"))
        inner = _object_of(document, field)
        if inner is not None and depth < _DEEPEST:
            many = "[]" if _resolved(document, field).get("type") == "array" else ""
            yield from _fields(document, inner, f"{path}{many}.", depth + 1)


def _object_of(document: Schema, schema: Schema) -> Schema | None:
    """Return the object that a field is or holds many of, `None` for anything else."""
    schema = _resolved(document, schema)
    for choice in (schema, *schema.get("anyOf", ()), schema.get("items") or {}):
        if isinstance(choice, Mapping) and _resolved(document, choice).get("properties"):
            return _resolved(document, choice)
    return None


def _resolved(document: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _type(document: Schema, schema: Schema) -> str:
    """Return the type of a value in words."""
    if "$ref" in schema:
        found = _resolved(document, schema)
        return " | ".join(map(str, found["enum"])) if "enum" in found else schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(_type(document, choice) for choice in schema[word]))
    match schema.get("type"):
        case "array":
            return f"list of {_type(document, schema.get('items', {}))}" if schema.get("items") else "list"
        case "string":
            return {"uuid": "UUID", "date-time": "moment", "binary": "file"}.get(
                schema.get("format", ""), "text"
            )
        case "integer" | "number" | "boolean" | "object" | "null" as found:
            return str({"boolean": "true or false", "integer": "whole number"}.get(found, found))
    return "anything"


def _written(text: str) -> list[Html | str]:
    """Return a text with what stands between backticks as code."""
    parts = text.split("`")
    return [tag("code", part) if number % 2 else part for number, part in enumerate(parts)]


def _row(name: str, kind: str, required: bool, about: str, place: str | None, default: Any) -> Html:
    said = about
    if not required and default not in (None, [], {}):
        said = f"{about} Default: {json.dumps(default, ensure_ascii=False)}.".strip()
    return tag(
        "tr",
        tag(
            "th",
            tag("code", name),
            tag("span", "required", class_="needed") if required else None,
            scope="row",
        ),
        tag("td", place) if place else None,
        tag("td", kind),
        tag("td", _written(said)),
    )


def _table(title: str, rows: list[Html], about: str = "") -> Html:
    table = tag(
        "div", tag("table", tag("tbody", rows)), class_="rows", tabindex="0", role="group", aria_label=title
    )
    return join(tag("h3", title), tag("p", about) if about else None, table)


def _slug(about: Schema) -> str:
    return str(about["name"]).lower().replace(" ", "-")
