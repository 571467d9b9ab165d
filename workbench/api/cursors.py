"""Cursors: where the next page begins, as a text that only this server reads."""

import base64
import binascii
import json
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from arena.errors import InvalidInput

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some of a long list."""

    items: list[T] = Field(description="The items, in their order.")
    next_cursor: str | None = Field(
        description="What to send as `cursor` for the next page; null on the last."
    )


def cursor_of(place: Any) -> str:
    """Return a place (plain JSON, or what is written as text) as a cursor."""
    text = json.dumps(place, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str) -> Any:
    """Return the place a cursor stands for.

    Raises:
        InvalidInput: it is no cursor of ours.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(
            f"The cursor {cursor[:40]!r} is none of this server's: take `next_cursor` from the page before."
        ) from error


def number_of(cursor: str | None) -> int:
    """Return the number in a cursor of a list that is counted through, 0 without a cursor.

    Raises:
        InvalidInput: it is no cursor of ours.
    """
    if cursor is None:
        return 0
    place = place_of(cursor)
    if type(place) is not int or not 0 <= place < 2**62:
        raise InvalidInput(
            f"The cursor {cursor[:40]!r} is of another list: take `next_cursor` from the page before."
        )
    return place


def key_of(cursor: str | None, hint: Any) -> Any:
    """Return the place in a cursor of a list whose items have a key of type `hint`, `None` without a cursor.

    Raises:
        InvalidInput: it is no cursor of ours.
    """
    if cursor is None:
        return None
    try:
        return TypeAdapter(hint).validate_json(json.dumps(place_of(cursor)), strict=True)
    except ValidationError as error:
        raise InvalidInput(
            f"The cursor {cursor[:40]!r} is of another list: take `next_cursor` from the page before."
        ) from error
