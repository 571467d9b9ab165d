"""Signing in and out: a plain form that needs no script, and what it sends.

Every attempt is counted before the password is looked at, by address and by name; passwords are checked two at a
time, and where many wait already the next is told to come back, so that attempts cannot take the app from voters.
"""

from urllib.parse import parse_qs

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from arena.errors import TooMany
from workbench.access import sessions
from workbench.access.access import Access
from workbench.access.door import SIGN_IN, SIGN_OUT
from workbench.access.passwords import is_password
from workbench.views.sign_in import page

_AT_ONCE = 2
_WAITING = 40
_WRONG = "The name or the password is not right."
_STALE = "This page was open for too long: try again."
_MAX_FORM = 16_384


def routes(access: Access) -> APIRouter:
    """Return `/sign-in` and `/sign-out`."""
    router = APIRouter()
    turns = anyio.CapacityLimiter(_AT_ONCE)

    @router.get(SIGN_IN)
    def form(request: Request) -> Response:
        return _page(request, access)

    @router.post(SIGN_IN)
    async def sign_in(request: Request) -> Response:
        given = await _fields(request)
        if not sessions.is_form_token(request.scope, given.get("form", "")):
            return _page(request, access, _STALE, 403)
        name, password = given.get("name", "").strip(), given.get("password", "")
        address = request.client.host if request.client else ""
        try:
            access.limits.check_sign_in(address, name)
            if turns.statistics().tasks_waiting >= _WAITING:
                raise TooMany("Many people sign in just now: try again in a few seconds.", 5)
        except TooMany as error:
            refused = _page(request, access, str(error), 429, name)
            refused.headers["retry-after"] = str(round(error.retry_after))
            return refused
        user = access.users.get(name)
        hashed = user.hash if user else None
        if not await anyio.to_thread.run_sync(is_password, password, hashed, limiter=turns) or user is None:
            return _page(request, access, _WRONG, 401, name)
        sessions.begin(request.scope, user)
        return RedirectResponse("/", 303)

    @router.post(SIGN_OUT)
    def sign_out(request: Request) -> Response:
        sessions.end(request.scope, access.ended)
        return RedirectResponse(SIGN_IN, 303)

    return router


def _page(request: Request, access: Access, wrong: str = "", status: int = 200, name: str = "") -> Response:
    anonymous = access.policy.anonymous_role(request.scope) is not None
    text = page(
        sessions.form_token(request.scope),
        wrong=wrong,
        name=name,
        anonymous=anonymous,
        anybody=access.users.exist,
    )
    return HTMLResponse(text, status, headers={"cache-control": "no-store"})


async def _fields(request: Request) -> dict[str, str]:
    """Return the first value of each field of an urlencoded form; one longer than any name and password has none."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MAX_FORM:
            return {}
    try:
        given = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in given.items()}
