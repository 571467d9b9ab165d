"""Is a request meant for this app, and does it come from its own pages?

A name that anybody can point at 127.0.0.1 would let a strange page speak to the app as if it were its own (DNS
rebinding), so the app answers to addresses, to localhost and to the names in the settings only. What changes
something must come from a page of this app: browsers say so in `Sec-Fetch-Site`, older ones in `Origin`
(https://web.dev/articles/fetch-metadata).
"""

from collections.abc import Sequence
from ipaddress import ip_address

from starlette.types import Scope

from workbench.access.headers import header, headers

_SAFE = ("GET", "HEAD")
_DEFAULT_PORTS = (":80", ":443")


def is_own_host(scope: Scope, allowed: Sequence[str]) -> bool:
    """Return whether the `Host` of a request is an address, localhost, or one of the names allowed."""
    given = headers(scope, b"host")
    name = host_name(given[0]) if len(given) == 1 else ""
    if not name:
        return False
    if name == "localhost" or name.endswith(".localhost") or _is_address(name):
        return True
    return any(name == own or (own.startswith("*.") and name.endswith(own[1:])) for own in allowed)


def host_name(given: str) -> str:
    """Return the name in a `Host` header, in lower case and without its port."""
    if given.startswith("["):
        return given[1:].partition("]")[0].lower()
    return given.partition(":")[0].rstrip(".").lower()


def is_own_page(scope: Scope, *, ambient: bool) -> bool:
    """Return whether a request may come from where it does.

    Args:
        scope: the request.
        ambient: whether the browser proved by itself who is there, by a session or a proxy's sign-in; then a
            request that changes something must say where it comes from.
    """
    method, site = scope["method"], header(scope, b"sec-fetch-site")
    if site in ("same-origin", "none"):
        return True
    if site:
        return method in _SAFE and header(scope, b"sec-fetch-mode") == "navigate" and not _embedded(scope)
    origin = header(scope, b"origin")
    if origin:
        return _place(origin.partition("://")[2]) == _place(header(scope, b"host"))
    return method in _SAFE or not ambient


def _embedded(scope: Scope) -> bool:
    return header(scope, b"sec-fetch-dest") in ("object", "embed", "iframe", "frame")


def _place(netloc: str) -> str:
    for port in _DEFAULT_PORTS:
        netloc = netloc.removesuffix(port)
    return netloc.lower()


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
