"""What a route needs to know of a verb, read off its signature: where each parameter comes from, and its types.

The server makes routes of it and the client makes requests of it, so the two cannot differ.
"""

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workbench.api.exposed import Exposed
from workbench.api.wire import Form, form_of

NO_DEFAULT: Any = inspect.Parameter.empty
PERSON = frozenset({"voter", "by"})
"""Parameters that are never taken from a request: who asks is who has signed in."""

Place = typing.Literal["path", "query", "body", "person"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a verb: its type, its default (`NO_DEFAULT` without one), and where a request carries it."""

    name: str
    hint: Any
    default: Any
    place: Place

    @property
    def spread(self) -> "tuple[Parameter, ...]":
        """Return the fields that stand for this parameter in a query: a filter's own, or nothing."""
        filtered = dataclass_of(self.hint)
        if self.place != "query" or filtered is None:
            return ()
        hints = typing.get_type_hints(filtered)
        return tuple(
            Parameter(found.name, hints[found.name], _default_of(found), "query")
            for found in dataclasses.fields(filtered)
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """A verb as a call: its parameters in order, how what it returns travels, and whether it is awaited."""

    exposed: Exposed
    parameters: tuple[Parameter, ...]
    returns: Form
    awaited: bool
    summary: str
    description: str

    @property
    def empty(self) -> bool:
        """Whether nothing is returned."""
        return self.returns.hint is type(None)


@cache
def signature_of(verbs: type, exposed: Exposed) -> Signature:
    """Read the signature of a verb of the class `verbs`."""
    verb: Callable[..., Any] = getattr(verbs, exposed.verb)
    hints = typing.get_type_hints(verb)
    parameters = [
        Parameter(name, _kept(hints[name]), given.default, _place(name, hints[name], exposed))
        for name, given in inspect.signature(verb).parameters.items()
        if name != "self" and name not in exposed.without and not _internal(name, hints[name], exposed)
    ]
    summary, _, description = inspect.cleandoc(verb.__doc__ or "").partition("\n\n")
    return Signature(
        exposed,
        tuple(parameters),
        form_of(hints["return"]),
        inspect.iscoroutinefunction(verb),
        " ".join(summary.split()).rstrip("."),
        description.partition("Raises:")[0].strip(),
    )


def dataclass_of(hint: Any) -> type | None:
    """Return the dataclass behind `T` or `T | None`, `None` for anything else."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [part for part in typing.get_args(hint) if part is not type(None)]
        return dataclass_of(inner[0]) if len(inner) == 1 else None
    return hint if isinstance(hint, type) and dataclasses.is_dataclass(hint) else None


def _place(name: str, hint: Any, exposed: Exposed) -> Place:
    if name in PERSON:
        return "person"
    if f"{{{name}}}" in exposed.path:
        return "path"
    return "query" if exposed.method in ("GET", "DELETE") else "body"


def _kept(hint: Any) -> Any:
    """Return a type whose values can be read more than once: a sequence for anything that is gone through."""
    return Sequence[typing.get_args(hint)[0]] if typing.get_origin(hint) is Iterable else hint  # type: ignore[misc]


def _internal(name: str, hint: Any, exposed: Exposed) -> bool:
    """Whether a parameter only means something inside the process: a callback, the wish to stop, a file here."""
    return name == "stop" or "Callable" in str(hint) or (hint in (Path, Path | None) and not exposed.own)


def _default_of(found: "dataclasses.Field[Any]") -> Any:
    if found.default is not dataclasses.MISSING:
        return found.default
    if found.default_factory is not dataclasses.MISSING:
        return found.default_factory()
    return NO_DEFAULT
