"""Routes of ratings and of the votes they rest on."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_METHOD = {"method": "How models are rated: bt (Bradley-Terry), elo, or soft."}

TABLE = (
    Exposed("leaderboard", "GET", "/leaderboard", Role.VOTER, words=_METHOD),
    Exposed(
        "rating_history",
        "GET",
        "/leaderboard/history",
        Role.VOTER,
        words={**_METHOD, "points": "At how many moments the models are rated."},
    ),
    Exposed(
        "win_matrix",
        "GET",
        "/leaderboard/win-matrix",
        Role.VOTER,
        words={"names": "The models in the order wanted; all of them without it."},
    ),
    Exposed("list_votes", "GET", "/votes", Role.ANALYST, keyset=("before", "number")),
    Exposed("list_battles", "GET", "/battles", Role.ANALYST, keyset=("before", "battle_id")),
    Exposed("voter_kinds", "GET", "/votes/kinds", Role.VOTER),
    Exposed("voters", "GET", "/votes/voters", Role.ANALYST),
    Exposed("left_out", "GET", "/votes/left-out", Role.ANALYST),
)
