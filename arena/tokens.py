"""API tokens as they are stored: never the token itself, only its hash and what it stands for."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token that scripts send; whoever holds it acts under `person` with `role`.

    `hash` is the SHA-256 of the token in hexadecimal. A token is random and 256 bits long, so a slow hash as for
    passwords would protect nothing more.
    """

    token_id: str
    name: str
    person: str
    role: str
    hash: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Return whether the token is good at that moment."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)
