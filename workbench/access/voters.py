"""The voter id of people who do not sign in: random, in a signed cookie.

The cookie is `HttpOnly` (page scripts cannot read it), `SameSite=Lax`, and signed with a key of the home, so that a
voter cannot choose the id of somebody else or of a judge.
"""

import hashlib
import hmac
import secrets

from workbench.access.keys import cookie_name

COOKIE = "workbench_voter"
"""How the cookie's name begins, and was whole before it differed from home to home."""
PREFIX = "anonymous-"
"""How every such id begins; nobody who signs in may be called so."""
_YEAR_S = 365 * 24 * 3600


def new_id() -> str:
    """Return an id that nobody has."""
    return PREFIX + secrets.token_hex(8)


def sign(key: bytes, name: str) -> str:
    """Return `name` with its signature, as the cookie holds it."""
    return f"{name}.{hmac.new(key, name.encode(), hashlib.sha256).hexdigest()}"


def read(key: bytes, cookies: str) -> str | None:
    """Return the voter's id in a `Cookie` header, or `None` if there is none with a valid signature."""
    values: dict[str, str] = {}
    for part in cookies.split(";"):
        name, _, value = part.strip().partition("=")
        values[name] = value
    signed = values.get(cookie_name(COOKIE, key)) or values.get(COOKIE, "")
    name, _, _ = signed.rpartition(".")
    if not name or not hmac.compare_digest(sign(key, name).encode(), signed.encode()):
        return None
    return name


def set_cookie(key: bytes, name: str, *, secure: bool) -> str:
    """Return the `Set-Cookie` header that gives a browser this id for a year."""
    last = "; Secure" if secure else ""
    return f"{cookie_name(COOKIE, key)}={sign(key, name)}; Path=/; Max-Age={_YEAR_S}; HttpOnly; SameSite=Lax{last}"
