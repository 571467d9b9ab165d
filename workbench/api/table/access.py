"""Routes of API tokens; people who sign in stand in a file of the home, see docs/access.md."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed("list_tokens", "GET", "/tokens", Role.ADMIN),
    Exposed(
        "add_token",
        "POST",
        "/tokens",
        Role.ADMIN,
        words={
            "name": "Whose it is; votes by it are votes of a person of that name.",
            "role": "What its holder may do.",
            "days": "How long it is good; for ever if absent.",
        },
    ),
    Exposed("remove_token", "DELETE", "/tokens/{name}", Role.ADMIN, words={"name": "The token's name."}),
)
