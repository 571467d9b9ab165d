"""What people who do not sign in may do, and whose headers are believed.

Left unsaid, `anonymous` is `admin` for an app that only its own machine reaches and in which nobody signs in yet, as
long as nothing points to a proxy in front of it; otherwise it is `none`.
"""

from ipaddress import ip_address, ip_network

from starlette.types import Scope

from arena.errors import InvalidInput
from workbench.access.headers import header
from workbench.access.roles import Role
from workbench.access.users import Users
from workbench.settings import AccessSettings

PEER = "workbench.peer"
"""Where the scope keeps the address of whoever opened the connection, before any proxy's word is taken."""

_FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip", b"x-forwarded-host", b"via")


class Policy:
    """What the settings say about people who do not sign in, and about proxies."""

    def __init__(self, settings: AccessSettings, users: Users, *, loopback: bool) -> None:
        self._settings = settings
        self._users = users
        self._loopback = loopback
        self._networks = tuple(ip_network(address, strict=False) for address in settings.proxy_addresses)

    def check(self, host: str) -> None:
        """Raise `InvalidInput` if the app would listen on `host` without it being said who may come in."""
        if self._settings.anonymous is not None or self._users.exist or self._settings.proxy_header:
            return
        if not self._loopback or self._settings.allowed_hosts or self._networks:
            where = f"on {host}" if not self._loopback else "behind a proxy"
            raise InvalidInput(
                f"Serving {where} without anybody having to sign in needs a word: add people with "
                "`workbench users add NAME --role admin`, or say under [access] in workbench.toml what those who do "
                'not sign in may do: anonymous = "none", "voter", "analyst" or "admin".'
            )

    def anonymous_role(self, scope: Scope) -> Role | None:
        """Return what the sender of a request may do without signing in, `None` for nothing."""
        if self._settings.anonymous is not None:
            return None if self._settings.anonymous == "none" else Role(self._settings.anonymous)
        alone = self._loopback and not self._users.exist and not self._settings.proxy_header
        return Role.ADMIN if alone and not any(header(scope, name) for name in _FORWARDED) else None

    def expected_roles(self) -> set[Role]:
        """Return the roles of those who may come in as things stand."""
        roles = {user.role for user in self._users.list()}
        if self._settings.proxy_header:
            roles.add(self._settings.proxy_role)
        if self._settings.anonymous not in (None, "none"):
            roles.add(Role(self._settings.anonymous))
        return roles or {Role.ADMIN}

    def is_proxy(self, scope: Scope) -> bool:
        """Return whether the request comes straight from an address whose headers are believed."""
        peer = scope.get(PEER) or scope.get("client")
        return bool(self._networks) and peer is not None and self.is_trusted(peer[0])

    def is_trusted(self, address: str) -> bool:
        """Return whether an address is one of the proxies."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)
