"""Routes of ratings."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed(
        "leaderboard",
        "GET",
        "/leaderboard",
        Role.VOTER,
        words={"idle": "Whether models that no vote has met are listed, too; for analysts."},
        analysts=("idle",),
    ),
    Exposed(
        "rating_history",
        "GET",
        "/leaderboard/history",
        Role.VOTER,
        words={"points": "At how many moments the models are rated."},
    ),
    Exposed(
        "win_matrix",
        "GET",
        "/leaderboard/win-matrix",
        Role.VOTER,
        words={"names": "The models in the order wanted; all of them without it."},
    ),
)
