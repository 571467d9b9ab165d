"""Routes of what further votes would bring."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed(
        "pairing_plan",
        "GET",
        "/leaderboard/plan",
        Role.ANALYST,
        words={
            "target_width": "Half the mean width of the intervals to reach, in points; the settings' without it."
        },
    ),
    Exposed(
        "votes_needed",
        "GET",
        "/leaderboard/votes-needed",
        Role.ANALYST,
        words={
            "first": "One model.",
            "second": "The other one.",
            "power": "The chance with which the two are to be told apart.",
            "difference": "The true difference to reckon with, in points; without it, what it looks like now.",
        },
    ),
)
