"""Who a request comes from: a token, a trusted proxy, a session, or somebody who did not sign in.

`Access` is made once for a running app and asked with every request. It looks in this order, and what is there but
not valid is never passed over for the next: a request with a wrong token is nobody's, not an anonymous one's.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from starlette.types import Scope

from arena.errors import NotAllowed, NotSignedIn
from arena.types import Voter, VoterKind
from workbench.access import sessions, voters
from workbench.access.headers import header, headers
from workbench.access.keys import load_key
from workbench.access.limits import Limited, Limits
from workbench.access.policy import Policy
from workbench.access.roles import Person, Role
from workbench.access.users import Users
from workbench.settings import Settings

SCOPE_KEY = "workbench.person"
ACCESS_KEY = "workbench.access"
"""Where the scope keeps the `Access` of the app."""
NEW_VOTER = "workbench.new_voter"
"""Where the scope keeps the id of an anonymous voter who has no cookie yet."""


class Tokens(Protocol):
    """Where API tokens are looked up."""

    def person(self, token: str) -> Person | None:
        """Return who holds the token, `None` if it is unknown, has expired or was revoked."""


class Access:
    """Who may do what in one running app; every method may be called from any thread."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        *,
        loopback: bool = True,
        tokens: Tokens | None = None,
        owner_token: str | None = None,
        owner_name: str = "owner",
    ) -> None:
        """Keep what decides.

        Args:
            home: the folder with `users.toml` and the signing key.
            settings: its `[access]` and `[limits]`.
            loopback: whether the app listens to its own machine only.
            tokens: the API tokens.
            owner_token: what stands in `server.json`; a new one if absent.
            owner_name: under which name its holder acts.
        """
        self.settings = settings
        self.key = load_key(home)
        self.users = Users(home)
        self.ended = sessions.Ended(home, settings.access.session_days)
        self.policy = Policy(settings.access, self.users, loopback=loopback)
        self.limits = Limits(settings.limits)
        self.owner_token = owner_token or secrets.token_urlsafe(32)
        self._owner_name = owner_name
        self._tokens = tokens

    def person(self, scope: Scope) -> Person | None:
        """Return the person behind a request, `None` for nobody who may come in.

        The answer of the first call is kept in the scope.
        """
        if SCOPE_KEY not in scope:
            scope[SCOPE_KEY] = self._find(scope)
        found: Person | None = scope[SCOPE_KEY]
        return found

    def require(self, role: Role) -> Callable[[Scope], Person]:
        """Return what gives the person of a scope, and raises `NotSignedIn` or `NotAllowed` unless they may."""

        def allowed(scope: Scope) -> Person:
            person = self.person(scope)
            if person is None:
                raise NotSignedIn(self.refusal(scope))
            if not person.role.covers(role):
                raise NotAllowed(f"This takes the role {role}, and {person.name} is {person.role}.")
            return person

        return allowed

    def refusal(self, scope: Scope) -> str:
        """Return in one sentence why nobody is known behind a request."""
        if header(scope, b"authorization"):
            return "That token is not known, or it has expired or was revoked: ask for a new one."
        return (
            "Nobody is signed in: sign in at /sign-in, or send an API token as `Authorization: Bearer TOKEN`."
        )

    def _find(self, scope: Scope) -> Person | None:
        given = headers(scope, b"authorization")
        if given:
            return self._of_token(given)
        policy = self.settings.access
        if policy.proxy_header and self.policy.is_proxy(scope):
            named = headers(scope, policy.proxy_header.lower().encode())
            if named:
                return self._of_proxy(named)
        user = sessions.user_of(scope, self.users, self.ended)
        if user is not None:
            return _signed_in(user.name, user.role)
        role = self.policy.anonymous_role(scope)
        return None if role is None else self._anonymous(scope, role)

    def _of_token(self, given: list[str]) -> Person | None:
        scheme, _, token = given[0].partition(" ")
        token = token.strip()
        if len(given) != 1 or scheme.lower() != "bearer" or not token:
            return None
        if secrets.compare_digest(token.encode(), self.owner_token.encode()):
            return _signed_in(self._owner_name, Role.ADMIN)
        return self._tokens.person(token) if self._tokens is not None else None

    def _of_proxy(self, named: list[str]) -> Person | None:
        name = named[0].strip()
        if len(named) != 1 or not name or len(name) > 200 or name.startswith(voters.PREFIX):
            return None
        user = self.users.get(name)
        return _signed_in(name, user.role if user else self.settings.access.proxy_role)

    def _anonymous(self, scope: Scope, role: Role) -> Person:
        name = voters.read(self.key, "; ".join(headers(scope, b"cookie")))
        if name is None:
            name = scope[NEW_VOTER] = voters.new_id()
        return Person(name, role, Voter(VoterKind.HUMAN, name), signed_in=False)


def _signed_in(name: str, role: Role) -> Person:
    return Person(name, role, Voter(VoterKind.HUMAN, name), signed_in=True)


def person_of(scope: Scope) -> Person:
    """Return the person behind a request that came through the app; raises `NotSignedIn` where nobody is."""
    person: Person | None = scope.get(SCOPE_KEY)
    if person is None:
        raise NotSignedIn("Nobody is signed in: sign in at /sign-in.")
    return person


def voter_of(scope: Scope) -> Voter:
    """Return the voter behind a request that came through the app."""
    return person_of(scope).voter


def count(scope: Scope, what: Limited) -> None:
    """Count one more of what the sender of a request does; raises `TooMany` if that is more than allowed."""
    access: Access | None = scope.get(ACCESS_KEY)
    if access is not None:
        client = scope.get("client")
        access.limits.check(person_of(scope), client[0] if client else "", what)
