"""The three roles, each of which may do everything the one before it may, and the person behind a request."""

from dataclasses import dataclass
from enum import StrEnum

from arena.types import Voter


class Role(StrEnum):
    """What somebody may do: vote; also look at data, judge and export; also set up, import, train and administer."""

    VOTER = "voter"
    ANALYST = "analyst"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Return whether this role may do what `needed` may."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Person:
    """Who a request comes from.

    `name` is the name under which they vote; `signed_in` tells those who gave a password or a token, or came through
    a trusted proxy, from an anonymous visitor with a cookie.
    """

    name: str
    role: Role
    voter: Voter
    signed_in: bool


ADMIN_JOBS = frozenset({"import", "train"})
"""Kinds of jobs that change what there is; the others only add answers, verdicts, scores and exports."""


def role_of_job(kind: str) -> Role:
    """Return the least role that may start a job of that kind, stop it and let it go on."""
    return Role.ADMIN if kind in ADMIN_JOBS else Role.ANALYST
