"""Routes of what holds the board up: votes, voters, prompts, and answers that name their own model."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed(
        "integrity",
        "GET",
        "/integrity",
        Role.ANALYST,
        words={
            "alpha": "The chance that an honest voter is ever flagged.",
            "cap": "So many votes a prompt may have where repeated prompts are held back; the median without it.",
            "rows": "How many voters are listed.",
        },
    ),
    Exposed("self_named", "GET", "/integrity/self-named", Role.ANALYST),
    Exposed("read_answers", "POST", "/integrity/answers", Role.ANALYST),
)
