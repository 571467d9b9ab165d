"""Routes of judges and how far they agree with people."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed("list_judges", "GET", "/judges", Role.ANALYST),
    Exposed("judge_spec", "GET", "/judges/{name}", Role.ANALYST),
    Exposed(
        "add_judge",
        "POST",
        "/judges",
        Role.ADMIN,
        words={"spec": "The judge: its name, its kind and its options."},
    ),
    Exposed("remove_judge", "DELETE", "/judges/{name}", Role.ADMIN),
    Exposed("bar", "GET", "/agreement/bar", Role.ANALYST),
    Exposed("agreements", "GET", "/agreement", Role.ANALYST),
    Exposed("agreement", "GET", "/agreement/{judge}", Role.ANALYST),
)
