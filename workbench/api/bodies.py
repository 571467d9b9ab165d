"""JSON bodies of verbs: models that take no field they do not know, so that a mistyped filter is never ignored."""

import dataclasses
import typing
from functools import cache
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from workbench.api.signature import NO_DEFAULT, Signature, dataclass_of
from workbench.api.words import describe


class Closed(BaseModel):
    """A dataclass as a body has it; `kind` is that dataclass."""

    model_config = ConfigDict(extra="forbid")
    kind: ClassVar[type]

    def opened(self) -> Any:
        """Return the dataclass this stands for."""
        return type(self).kind(**{name: opened(getattr(self, name)) for name in type(self).model_fields})


def body_of(signature: Signature) -> type[BaseModel] | None:
    """Return the model of a verb's body, or `None` where it has none."""
    fields: dict[str, Any] = {}
    for parameter in signature.parameters:
        if parameter.place == "body":
            default = ... if parameter.default is NO_DEFAULT else parameter.default
            about = Field(default, description=describe(parameter.name, signature.exposed.words))
            fields[parameter.name] = (closed(parameter.hint), about)
    if not fields:
        return None
    name = "".join(part.capitalize() for part in signature.exposed.verb.split("_")) + "Body"
    made: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
    return made


def opened(value: Any) -> Any:
    """Return a value of a body as a verb takes it."""
    return value.opened() if isinstance(value, Closed) else value


def closed(hint: Any) -> Any:
    """Return a type as a body has it: a dataclass as a model that takes no field it does not know."""
    kind = dataclass_of(hint)
    if kind is None:
        return hint
    return _closed(kind) if hint is kind else _closed(kind) | None


@cache
def _closed(kind: type) -> type[Closed]:
    hints = typing.get_type_hints(kind)
    fields: dict[str, Any] = {}
    for found in dataclasses.fields(kind):
        about = describe(found.name, {})
        if found.default is not dataclasses.MISSING:
            field: Any = Field(found.default, description=about)
        elif found.default_factory is not dataclasses.MISSING:
            field = Field(default_factory=found.default_factory, description=about)
        else:
            field = Field(description=about)
        fields[found.name] = (closed(hints[found.name]), field)
    made = create_model(f"{kind.__name__}Form", __base__=Closed, __doc__=kind.__doc__, **fields)
    made.kind = kind
    return made
