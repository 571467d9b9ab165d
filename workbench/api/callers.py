"""Who calls: the person behind a request if they may do what takes a role, as a dependency of routes."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, time

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from arena.errors import InvalidInput, NotAllowed
from arena.ratings.options import RatingOptions
from arena.types import VoteFilter
from workbench.access.access import Access
from workbench.access.headers import header
from workbench.access.roles import Person, Role, role_of_job

Caller = Callable[[Request], Awaitable[Person]]


def caller(access: Access, role: Role, *, own: bool = False) -> Caller:
    """Return a dependency that gives the person behind a request.

    It raises `NotSignedIn` where nobody is known, and `NotAllowed` where that person may not do what takes `role`;
    with `own` only commands of the machine the app runs on may, with the token of its `server.json`. Its attribute
    `role` tells the document which role it takes.
    """
    require = access.require(role)
    known: dict[str, frozenset[str]] = {}

    async def person(request: Request) -> Person:
        found = require(request.scope)
        if request.scope["query_string"]:
            _refuse_unknown(request, known)
        if own and not is_owner(access, request):
            raise NotAllowed(
                "This takes paths on the app's own machine: only commands that run there may ask it."
            )
        return found

    person.role = role  # type: ignore[attr-defined]
    return person


def _refuse_unknown(request: Request, known: dict[str, frozenset[str]]) -> None:
    """Refuse a query parameter that the route does not know, so that a mistyped filter is never ignored.

    `known` keeps the names that each route knows.

    Raises:
        InvalidInput: there is one; the message lists those there are.
    """
    route: APIRoute = request.scope["route"]
    if route.unique_id not in known:
        known[route.unique_id] = frozenset(_queried(route.dependant))
    names = known[route.unique_id]
    for name in request.query_params:
        if name not in names:
            there_are = f"there are {', '.join(sorted(names))}" if names else "it takes none"
            raise InvalidInput(f"There is no query parameter {name[:60]!r} here: {there_are}.")


def _queried(needed: Dependant) -> set[str]:
    """Return the names of the query parameters that a route and its dependencies read."""
    own = {parameter.alias for parameter in needed.query_params}
    return own.union(*(_queried(inner) for inner in needed.dependencies))


def check_filters(person: Person, values: Iterable[object]) -> None:
    """Let voters count votes only by what the leaderboard's page offers them.

    With the others they could single out one person, or one battle they have yet to vote on.

    Raises:
        NotAllowed: a filter of votes, or a weight, asks a voter's request for more.
    """
    if person.role.covers(Role.ANALYST):
        return
    for value in values:
        if (isinstance(value, VoteFilter) and _singles_out(value)) or (
            isinstance(value, RatingOptions) and value.voter_weights
        ):
            raise NotAllowed(
                "To count the votes of single people, prompts, judges or hours takes the role analyst: "
                "leave those filters out."
            )


def check_asked(person: Person, names: Sequence[str]) -> None:
    """Let only analysts give these parameters.

    Raises:
        NotAllowed: a voter's request gives one.
    """
    if names and not person.role.covers(Role.ANALYST):
        raise NotAllowed(f"The parameter {names[0]!r} takes the role analyst: leave it out.")


def _singles_out(votes: VoteFilter) -> bool:
    within_a_day = votes.until is not None and votes.until.astimezone(UTC).time() != time()
    return bool(
        votes.voters is not None
        or votes.without_prompts
        or votes.without_voters
        or votes.trusted
        or votes.named
        or votes.since is not None
        or within_a_day
    )


def check_job(person: Person, kind: str) -> None:
    """Let nobody start, stop, resume or remove a job whose kind is not for their role.

    Raises:
        NotAllowed: it is not.
    """
    needed = role_of_job(kind)
    if not person.role.covers(needed):
        raise NotAllowed(f"A job of kind {kind} takes the role {needed}, and {person.name} is {person.role}.")


def is_owner(access: Access, request: Request) -> bool:
    """Return whether a request carries the token that only this machine's owner of the home can read."""
    given = header(request.scope, b"authorization").encode("latin-1", "replace")
    return secrets.compare_digest(given, f"Bearer {access.owner_token}".encode())
