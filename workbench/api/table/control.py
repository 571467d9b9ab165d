"""Routes of ratings with something held equal, and of boards beside one another."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_BOTH = {"model": "The model whose rate it is.", "against": "The other one."}

TABLE = (
    Exposed(
        "boards_by",
        "GET",
        "/leaderboard/by/{sorting}",
        Role.VOTER,
        words={
            "sorting": "What votes are sorted into boards by: category, language, criterion or voter_kind."
        },
    ),
    Exposed("win_rate", "GET", "/win-rate", Role.VOTER, words=_BOTH),
    Exposed("length_controlled", "GET", "/win-rate/length-controlled", Role.VOTER, words=_BOTH),
)
