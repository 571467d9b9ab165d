"""Routes of exports; the file itself is downloaded by a route written out."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed("exports", "GET", "/exports", Role.ANALYST),
    Exposed(
        "export",
        "POST",
        "/exports",
        Role.ANALYST,
        words={"name": "The export's name.", "kind": "What the dataset is for: dpo or reward."},
        without=("created_at",),
    ),
)
