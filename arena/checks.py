"""Checks of single values that people give in settings and options.

A check returns the value in its final type, or raises `ValueError` with the words for what is expected ("a whole
number from 1"); `checked` turns that into one sentence for a person.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from arena.errors import InvalidInput

Check = Callable[[Any], Any]
"""Returns the value in its final type, or raises ValueError with what is expected."""


def text(value: Any) -> str:
    """Return a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value


def url(value: Any) -> str:
    """Return an http address without a slash at its end."""
    if (
        not isinstance(value, str)
        or urlsplit(value).scheme not in ("http", "https")
        or not urlsplit(value).netloc
    ):
        raise ValueError("an address such as http://localhost:8000/v1")
    return value.rstrip("/")


def path(value: Any) -> str:
    """Return a folder or file as text."""
    if not isinstance(value, str | Path) or not str(value).strip():
        raise ValueError("a folder or a hub id")
    return str(value)


def flag(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def number(low: float, high: float = math.inf, *, above: bool = False) -> Check:
    """Return a check of a finite number from `low` (or above it) to `high`."""
    wanted = f"a number above {low:g}" if above else f"a number from {low:g}"
    wanted += "" if high == math.inf else f" to {high:g}"

    def check(value: Any) -> float:
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not good or not (low < value if above else low <= value) or value > high:
            raise ValueError(wanted)
        return float(value)

    return check


def whole(low: int) -> Check:
    """Return a check of a whole number from `low`."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise ValueError(f"a whole number from {low}")
        return value

    return check


def one_of(*valid: str) -> Check:
    """Return a check of a word that must be one of `valid`."""

    def check(value: Any) -> str:
        if value not in valid:
            raise ValueError(f"one of {', '.join(valid)}")
        return str(value)

    return check


def checked(owner: str, name: str, value: Any, check: Check) -> Any:
    """Return `value` as `check` gives it back; `owner` and `name` say in the error whose value it is.

    Raises:
        InvalidInput: the value is not what is expected.
    """
    try:
        return check(value)
    except ValueError as expected:
        raise InvalidInput(f"{owner}: {name} is {value!r}, but must be {expected}.") from None
