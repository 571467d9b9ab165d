"""Routes for commands that run on the app's own machine: their paths are read and written by the app itself."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed(
        "export_votes",
        "POST",
        "/own/votes-file",
        Role.ADMIN,
        words={"path": "The file to write.", "replace": "Write over a file of that name."},
        own=True,
    ),
    Exposed(
        "add_golden",
        "POST",
        "/own/golden",
        Role.ADMIN,
        words={
            "file": "The file with prompts and checks.",
            "prompt_set": "Or the prompt set to take.",
            "checks": "What to hold a model to.",
        },
        own=True,
    ),
)
