"""The route that a vote takes: as short as it can be, since a crowd votes at once.

A vote waits on the event loop until its group is on the disk, and no thread waits with it. FastAPI documents the route
like all others; the request is read, checked and answered here, by pydantic in one step each way.
"""

from typing import Annotated
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import FastAPI, Path, Query
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.types import DEFAULT_CRITERION, Winner
from workbench.access.access import Access
from workbench.access.headers import header
from workbench.access.limits import Limited
from workbench.access.roles import Role
from workbench.api.faults import response_of
from workbench.bench import Workbench
from workbench.results import Revealed

PATH = "/battles/{battle_id}/votes"
Reason = Annotated[str, Field(min_length=1, max_length=200)]


class VoteBody(BaseModel):
    """A vote as its voter sends it."""

    model_config = ConfigDict(extra="forbid")

    winner: Winner = Field(description="The outcome as the voter saw the sides.")
    criterion: str = Field(
        DEFAULT_CRITERION, description="What was asked; one of the criteria of the settings."
    )
    reasons: tuple[Reason, ...] = Field((), max_length=50, description="Short words for why.")
    comment: str | None = Field(
        None, max_length=20_000, description="What the voter adds in their own words."
    )


class Asked(BaseModel):
    """What stands in the address of a vote's request."""

    battle_id: UUID
    ratings: bool = False


_RATINGS = "Rate both models before and after this vote, which takes longer."
_REVEALED = TypeAdapter(Revealed)


def add_vote_route(api: FastAPI, bench: Workbench, access: Access) -> None:
    """Add the route to `api`, before all others that it has."""
    api.add_api_route(
        PATH,
        _documented,
        methods=["POST"],
        operation_id="vote",
        tags=["Battles"],
        openapi_extra={"x-role": Role.VOTER.value},
        summary="Vote on a battle.",
        response_model=Revealed,
        status_code=201,
    )
    route = api.router.routes.pop()
    assert isinstance(route, APIRoute)
    route.app = VoteEndpoint(bench, access)
    api.router.routes.insert(0, route)


async def _documented(
    battle_id: Annotated[UUID, Path(description="The battle's id.")],
    body: VoteBody,
    ratings: Annotated[bool, Query(description=_RATINGS)] = False,
) -> None:
    """Cast the caller's vote: it is on the disk before the answer tells who the models were."""


class VoteEndpoint:
    """Takes one vote a request."""

    def __init__(self, bench: Workbench, access: Access) -> None:
        self._bench = bench
        self._allowed = access.require(Role.VOTER)
        self._limits = access.limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the vote reveals, or raise what is made a problem document."""
        person = self._allowed(scope)
        asked = _asked(scope)
        body = await _body(scope, receive)
        client = scope.get("client")
        self._limits.check(person, client[0] if client else "", Limited.VOTE)
        revealed = await self._bench.send_vote(
            asked.battle_id,
            body.winner,
            person.voter,
            criterion=body.criterion,
            reasons=body.reasons,
            comment=body.comment,
            ratings=asked.ratings,
        )
        content = _REVEALED.dump_json(revealed)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": content})


class VoteWay:
    """Middleware that takes votes past the routing of two applications, which would cost more than the vote."""

    def __init__(self, app: ASGIApp, bench: Workbench, access: Access, prefix: str) -> None:
        """Stand before `app`, under which the API is mounted at `prefix`."""
        self._app = app
        self._endpoint = VoteEndpoint(bench, access)
        before, self._behind = PATH.split("{battle_id}")
        self._before = prefix + before

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a vote, pass everything else on."""
        battle_id = self._battle_id(scope)
        if battle_id is None:
            await self._app(scope, receive, send)
            return
        scope["path_params"] = {"battle_id": battle_id}
        try:
            await self._endpoint(scope, receive, send)
        except Exception as error:
            refused = await response_of(error, Request(scope))
            if refused is None:
                raise
            await refused(scope, receive, send)

    def _battle_id(self, scope: Scope) -> str | None:
        """Return whose path parameter a vote has, `None` for any other request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        path: str = scope["path"]
        if not path.startswith(self._before) or not path.endswith(self._behind):
            return None
        battle_id = path[len(self._before) : -len(self._behind)]
        return battle_id if battle_id and "/" not in battle_id else None


def _asked(scope: Scope) -> Asked:
    given = parse_qs(scope["query_string"].decode("latin-1")) if scope["query_string"] else {}
    try:
        return Asked(
            battle_id=scope["path_params"]["battle_id"],
            **{k: v[-1] for k, v in given.items() if k == "ratings"},
        )
    except ValidationError as error:
        raise _invalid(error, {"ratings": "query"}.get(str(error.errors()[0]["loc"][0]), "path")) from error


async def _body(scope: Scope, receive: Receive) -> VoteBody:
    if "json" not in header(scope, b"content-type"):
        raise HTTPException(415, "A vote is sent as JSON: set the content type application/json.")
    content = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise HTTPException(400, "The request ended before its body did.")
        content += message.get("body", b"")
        if not message.get("more_body", False):
            break
    try:
        return VoteBody.model_validate_json(content)
    except ValidationError as error:
        raise _invalid(error, "body") from error


def _invalid(error: ValidationError, place: str) -> RequestValidationError:
    found = error.errors(include_url=False, include_context=False)
    return RequestValidationError([{**fault, "loc": (place, *fault["loc"])} for fault in found])
