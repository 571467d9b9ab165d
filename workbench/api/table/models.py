"""Routes of models."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_NAME = {"name": "The model's name."}

TABLE = (
    Exposed("list_models", "GET", "/models", Role.ANALYST),
    Exposed(
        "add_model",
        "POST",
        "/models",
        Role.ADMIN,
        words={"spec": "The model: its name, its kind, its options, and the model it was tuned from."},
    ),
    Exposed("remove_model", "DELETE", "/models/{name}", Role.ADMIN, words=_NAME),
    Exposed("check_model", "POST", "/models/{name}/check", Role.ADMIN, words=_NAME),
    Exposed("lineage", "GET", "/models/{name}/lineage", Role.ANALYST, words=_NAME),
)
