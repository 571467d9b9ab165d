"""Request headers as ASGI has them, read without building an object for each request."""

from starlette.types import Scope


def headers(scope: Scope, name: bytes) -> list[str]:
    """Return every value of a header, which is named in lower case."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def header(scope: Scope, name: bytes) -> str:
    """Return the first value of a header, empty if there is none."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found.decode("latin-1")
    return ""
