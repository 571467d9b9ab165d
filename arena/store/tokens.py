"""API tokens: who holds one is looked up with every request of a script, so all of them stand in memory."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb

from arena.errors import Conflict, InvalidInput, NotFound
from arena.store.names import unknown
from arena.store.rows import microseconds, moment
from arena.store.writer import Writer
from arena.tokens import ApiToken

_COLUMNS = (
    "token_id, name, person, role, hash, epoch_us(created_at), epoch_us(expires_at), epoch_us(revoked_at)"
)
_INSERT = (
    "INSERT INTO api_tokens "
    "SELECT $1, $2, $3, $4, $5, make_timestamptz($6::BIGINT), make_timestamptz($7::BIGINT), NULL"
)
_REVOKE = "UPDATE api_tokens SET revoked_at = make_timestamptz($2::BIGINT) WHERE token_id = $1"


class Tokens:
    """`store.tokens`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read
        self._lock = threading.Lock()
        self._known: dict[str, ApiToken] | None = None

    def add(self, token: ApiToken) -> None:
        """Store a token.

        Raises:
            InvalidInput: it has no name.
            Conflict: a token of that name is good still.
        """
        if not token.name.strip():
            raise InvalidInput("A token needs a name: give one.")
        with self._lock:
            known = self._all()
            if any(other.name == token.name and other.holds(token.created_at) for other in known.values()):
                raise Conflict(
                    f"There is a token {token.name!r} already: remove it first, or choose another name."
                )
            expires = None if token.expires_at is None else microseconds(token.expires_at)
            values = [token.token_id, token.name, token.person, token.role, token.hash]
            self._writer.run(
                lambda con: con.execute(_INSERT, [*values, microseconds(token.created_at), expires])
            )
            known[token.hash] = token

    def find(self, hashed: str) -> ApiToken | None:
        """Return the token with that hash, whether it is good or not; `None` if there is none."""
        known = self._known
        if known is None:
            with self._lock:
                known = self._all()
        return known.get(hashed)

    def list(self) -> list[ApiToken]:
        """Return every token that was not revoked, oldest first."""
        with self._lock:
            found = list(self._all().values())
        return sorted(
            (token for token in found if token.revoked_at is None), key=lambda token: token.created_at
        )

    def revoke(self, name: str, at: datetime) -> None:
        """End the tokens of that name, from now on.

        Raises:
            NotFound: no token of that name is left.
        """
        with self._lock:
            known = self._all()
            ended = [token for token in known.values() if token.name == name and token.revoked_at is None]
            if not ended:
                names = [token.name for token in known.values() if token.revoked_at is None]
                raise NotFound(
                    unknown("token", name, names, none="there is none: `workbench tokens add` makes one.")
                )
            self._writer.run(lambda con: _end(con, [token.token_id for token in ended], microseconds(at)))
            known.update((token.hash, replace(token, revoked_at=at)) for token in ended)

    def _all(self) -> dict[str, ApiToken]:
        """Return the tokens by hash, read once; the lock is held."""
        if self._known is None:
            rows = self._read().execute(f"SELECT {_COLUMNS} FROM api_tokens").fetchall()
            self._known = {token.hash: token for token in map(_token, rows)}
        return self._known


def _end(con: duckdb.DuckDBPyConnection, token_ids: Sequence[str], at: int) -> None:
    for token_id in token_ids:
        con.execute(_REVOKE, [token_id, at])


def _token(row: tuple[Any, ...]) -> ApiToken:
    token_id, name, person, role, hashed, created, expires, revoked = row
    ends, ended = (None if at is None else moment(at) for at in (expires, revoked))
    return ApiToken(token_id, name, person, role, hashed, moment(created), ends, ended)
