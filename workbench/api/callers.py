"""Who calls: the person behind a request, and what they may do."""

import secrets
from collections.abc import Callable
from typing import Protocol

from fastapi import Request
from starlette.types import Scope

from arena.errors import NotAllowed, NotSignedIn
from arena.types import Voter, VoterKind
from workbench.access.roles import Person, Role


class Access(Protocol):
    """What tells who a request comes from."""

    def person(self, scope: Scope) -> Person | None:
        """Return the person behind a request, `None` for nobody known."""


class OwnerAccess:
    """Lets one token in, with every right: the way of commands to the app of their own home."""

    def __init__(self, token: str, name: str) -> None:
        self._expected = f"Bearer {token}".encode()
        self._person = Person(name, Role.ADMIN, Voter(VoterKind.HUMAN, name), signed_in=True)

    def person(self, scope: Scope) -> Person | None:
        """Return the owner if the request carries the token."""
        for key, value in scope["headers"]:
            if key == b"authorization" and secrets.compare_digest(value, self._expected):
                return self._person
        return None


def caller(access: Access, role: Role) -> Callable[[Request], Person]:
    """Return a dependency that gives the person behind a request, if they may do what takes `role`.

    It raises `NotSignedIn` where nobody is known, and `NotAllowed` where that person may not.
    """

    def person(request: Request) -> Person:
        found = access.person(request.scope)
        if found is None:
            raise NotSignedIn("Nobody is signed in: send an API token as `Authorization: Bearer TOKEN`.")
        if not found.role.covers(role):
            raise NotAllowed(f"This takes the role {role}, and {found.name} is {found.role}.")
        return found

    return person
