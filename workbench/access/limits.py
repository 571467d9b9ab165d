"""How often somebody may do something: moving windows of a minute, by voter and by address.

People who do not sign in can be anybody anew by forgetting their cookie, so they are also counted by the address they
come from; loopback is not, since behind it stands the machine's own user or a proxy nobody told us of. Administrators
are not limited; attempts to sign in are for everybody.
"""

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from arena.errors import TooMany
from workbench.access.roles import Person, Role
from workbench.access.windows import Windows
from workbench.settings import LimitSettings


class Limited(StrEnum):
    """What is counted."""

    BATTLE = "battle"
    VOTE = "vote"
    SIGN_IN = "sign_in"


_WORDS = {Limited.BATTLE: "battles", Limited.VOTE: "votes", Limited.SIGN_IN: "attempts to sign in"}
_NAME_TIMES = 3
"""So many times the attempts of one address are allowed under one name, whoever makes them."""


class Limits:
    """The counts of one running app; every method may be called from any thread."""

    def __init__(self, settings: LimitSettings) -> None:
        self._windows = Windows()
        self._voter = {
            Limited.BATTLE: settings.battles_per_minute,
            Limited.VOTE: settings.votes_per_minute,
        }
        self._address = {
            Limited.BATTLE: settings.battles_per_minute_of_address,
            Limited.VOTE: settings.votes_per_minute_of_address,
            Limited.SIGN_IN: settings.sign_in_per_minute,
        }
        self._name = _NAME_TIMES * settings.sign_in_per_minute

    def check(self, person: Person, address: str, what: Limited) -> None:
        """Count one more.

        Raises:
            TooMany: the voter, or the address of an anonymous voter, has had as many in the last minute as allowed.
        """
        if person.role is Role.ADMIN:
            return
        self._count(self._voter[what], what, f"voter:{person.name}", "from you")
        if not person.signed_in and not _loopback(address):
            self._count(self._address[what], what, f"address:{_network(address)}", "from your network")

    def check_sign_in(self, address: str, name: str) -> None:
        """Count one more attempt to sign in.

        Raises:
            TooMany: the address, or everybody together under this name, has had as many as allowed.
        """
        what = Limited.SIGN_IN
        self._count(self._address[what], what, f"address:{_network(address)}", "from your network")
        self._count(self._name, what, f"name:{name[:64]}", "under this name")

    def _count(self, amount: int, what: Limited, key: str, whose: str) -> None:
        if not amount:
            return
        wait = self._windows.hit(f"{what} {key}", amount)
        if wait is not None:
            seconds = max(wait, 1.0)
            raise TooMany(
                f"That is more than {amount} {_WORDS[what]} a minute {whose}: "
                f"wait {round(seconds)} s and try again.",
                seconds,
            )


@lru_cache(4096)
def _network(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 network that one IPv6 customer has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or int(found) >> 64)
    return str(found)


@lru_cache(4096)
def _loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
