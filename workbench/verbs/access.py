"""Verbs on API tokens; people who sign in stand in a file of the home (`workbench.access.users`)."""

from datetime import UTC, datetime

from arena.errors import Conflict, InvalidInput
from workbench.access import tokens
from workbench.access.roles import Role
from workbench.access.tokens import NewToken, TokenView
from workbench.access.users import Users, check_name
from workbench.home import Home


class AccessVerbs(Home):
    """What administrators do about who may come in."""

    def add_token(self, name: str, *, role: Role = Role.ANALYST, days: int | None = None) -> NewToken:
        """Make a token for a script, which acts under this name; it is told here only.

        Args:
            name: whose it is; votes by it are votes of a person of that name.
            role: what its holder may do.
            days: how long it is good; for ever if absent.

        Raises:
            InvalidInput: the name cannot be used, or `days` is below 1.
            Conflict: a token or a user has that name.
        """
        check_name(name)
        if days is not None and not 1 <= days <= 36_500:
            raise InvalidInput(f"A token cannot be good for {days} days: give a number from 1 to 36,500.")
        if Users(self.home).get(name) is not None:
            raise Conflict(
                f"{name} is a user, whose votes a token of that name would mix with: choose another name."
            )
        told, stored = tokens.make(name, role, days)
        self.store.tokens.add(stored)
        return told

    def list_tokens(self) -> list[TokenView]:
        """Return the tokens that were not removed, oldest first."""
        return [tokens.view(token) for token in self.store.tokens.list()]

    def remove_token(self, name: str) -> None:
        """End a token at once; what was done with it stays.

        Raises:
            NotFound: there is no such token.
        """
        self.store.tokens.revoke(name, datetime.now(UTC))
