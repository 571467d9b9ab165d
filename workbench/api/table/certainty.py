"""The route of how sure an order of models is."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed(
        "certainty",
        "GET",
        "/leaderboard/certainty",
        Role.VOTER,
        words={"limit": "List the highest so many models only; all that is said counts all of them."},
    ),
)
