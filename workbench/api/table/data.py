"""Routes of the votes that ratings rest on."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed("list_votes", "GET", "/votes", Role.ANALYST, keyset=("before", "number")),
    Exposed("list_battles", "GET", "/battles", Role.ANALYST, keyset=("before", "battle_id")),
    Exposed("voter_kinds", "GET", "/votes/kinds", Role.VOTER),
    Exposed("voters", "GET", "/votes/voters", Role.ANALYST),
    Exposed("check_counts", "POST", "/votes/check", Role.ADMIN),
    Exposed("left_out", "GET", "/votes/left-out", Role.ANALYST),
)
