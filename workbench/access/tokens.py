"""Tokens of scripts: 256 random bits, told once, and looked up by their hash."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from arena.tokens import ApiToken
from arena.types import Voter, VoterKind
from workbench.access.roles import Person, Role

if TYPE_CHECKING:
    from arena.store.tokens import Tokens

PREFIX = "wbt_"
"""How a token begins, so that scanners of leaked secrets can know it."""


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as it is shown: what it is called, for what, until when."""

    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    expired: bool


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; `token` is told here and nowhere again."""

    name: str
    role: Role
    expires_at: datetime | None
    token: str = field(repr=False)


def make(name: str, role: Role, days: int | None) -> tuple[NewToken, ApiToken]:
    """Return a new token as it is told and as it is stored; without `days` it does not expire."""
    token, now = PREFIX + secrets.token_urlsafe(32), datetime.now(UTC)
    expires = None if days is None else now + timedelta(days=days)
    stored = ApiToken(secrets.token_hex(8), name, name, role.value, digest(token), now, expires)
    return NewToken(name, role, expires, token), stored


def digest(token: str) -> str:
    """Return the hash under which a token is stored."""
    return sha256(token.encode()).hexdigest()


def view(token: ApiToken) -> TokenView:
    """Return a stored token as it is shown."""
    expired = not token.holds(datetime.now(UTC))
    return TokenView(token.name, Role(token.role), token.created_at, token.expires_at, expired)


class TokenHolders:
    """Tells who holds a token."""

    def __init__(self, tokens: "Tokens") -> None:
        self._tokens = tokens

    def person(self, token: str) -> Person | None:
        """Return who holds the token, `None` if it is unknown, has expired or was revoked."""
        found = self._tokens.find(digest(token))
        if found is None or not found.holds(datetime.now(UTC)):
            return None
        return Person(found.person, Role(found.role), Voter(VoterKind.HUMAN, found.person), signed_in=True)
