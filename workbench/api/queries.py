"""Query parameters of verbs: a filter stands field by field, a voter as `KIND:NAME`, a mapping as `NAME=NUMBER`s."""

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field, TypeAdapter, ValidationError

from arena.errors import InvalidInput
from arena.types import Voter
from workbench.api.signature import Parameter, dataclass_of
from workbench.api.words import describe

_VOTER = Annotated[str, Field(pattern=r"^(human|judge|simulated):.+$")]
_NAMED_NUMBER = Annotated[str, Field(pattern=r"^.+=[^=]+$")]


def query_inputs(parameter: Parameter, words: Mapping[str, str]) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, annotation and default of each query parameter that stands for one parameter of a verb."""
    if not parameter.spread:
        about = Query(description=describe(parameter.name, words))
        yield parameter.name, Annotated[_carried(parameter.hint), about], _plain(parameter.default)
    for single in parameter.spread:
        about = Query(description=describe(single.name, words))
        hint = _carried(single.hint)
        if parameter.default is None:
            yield single.name, Annotated[hint | None, about], None
        else:
            yield single.name, Annotated[hint, about], _plain(single.default)


def read_query(parameter: Parameter, given: Mapping[str, Any]) -> Any:
    """Return the value of a verb's parameter; an optional filter of which the query says nothing is `None`."""
    if not parameter.spread:
        return _read(parameter.hint, given[parameter.name])
    fields = {single.name: single.hint for single in parameter.spread}
    if parameter.default is None:
        fields = {name: hint for name, hint in fields.items() if given[name] is not None}
        if not fields:
            return None
    kind = dataclass_of(parameter.hint)
    assert kind is not None
    return kind(**{name: _read(hint, given[name]) for name, hint in fields.items()})


def write_query(parameter: Parameter, value: Any) -> Iterator[tuple[str, str]]:
    """Yield what a query has to say for `read_query` to give `value`."""
    if value is not None and parameter.spread:
        for single in parameter.spread:
            yield from write_query(single, getattr(value, single.name))
    elif isinstance(value, Mapping):
        yield from ((parameter.name, f"{name}={number}") for name, number in value.items())
    elif isinstance(value, tuple | list | frozenset | set):
        yield from ((parameter.name, _written(item)) for item in value)
        if not value and parameter.default is None:
            yield parameter.name, ""
    elif value is not None:
        yield parameter.name, _written(value)


def _carried(hint: Any) -> Any:
    """Return the type a query carries: lists for tuples and sets, voters as `KIND:NAME`."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_carried(part) for part in inner)]  # noqa: UP007
    if _is_mapping(origin):
        return list[_NAMED_NUMBER]
    if _holds_many(origin):
        return list[_VOTER] if inner[0] is Voter else list[inner[0]]  # type: ignore[valid-type]
    return hint


def _holds_many(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Iterable)


def _is_mapping(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _read(hint: Any, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if any(_is_mapping(typing.get_origin(part)) for part in (hint, *typing.get_args(hint))):
        return _read_mapping(hint, value)
    items = [] if value == [""] else value
    if Voter in _parts(hint):
        items = [dict(zip(("kind", "name"), text.split(":", 1), strict=True)) for text in items]
    return TypeAdapter(hint).validate_python(items)


def _read_mapping(hint: Any, items: Iterable[str]) -> Any:
    """Return `NAME=NUMBER` items as a mapping; a name may hold an equals sign itself.

    Raises:
        InvalidInput: what stands behind a name is no number, or a name comes twice.
    """
    found: dict[str, str] = {}
    for item in items:
        name, _, number = item.rpartition("=")
        if name in found:
            raise InvalidInput(f"{name!r} is given twice: leave one out.")
        found[name] = number
    try:
        return TypeAdapter(hint).validate_python(found)
    except ValidationError as error:
        fault = error.errors()[0]
        raise InvalidInput(
            f"{fault['input']!r} is no number: give NAME=NUMBER, such as judge=0.5."
        ) from error


def _parts(hint: Any) -> set[Any]:
    inner = typing.get_args(hint)
    return {hint}.union(*(_parts(part) for part in inner)) if inner else {hint}


def _written(value: Any) -> str:
    if isinstance(value, Voter):
        return f"{value.kind}:{value.name}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)


def _plain(value: Any) -> Any:
    """Return a default as it stands in the document."""
    return list(value) if isinstance(value, tuple | frozenset) else value
